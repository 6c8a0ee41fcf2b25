/**
 * A Discord of one's own: REST, signed interactions, rate limits, permissions, clocks. It refuses what Discord
 * refuses, and answers 501 to what it does not have. See README.md.
 */
import { randomBytes } from 'node:crypto';
import type { Snowflake, UserId } from '../../protocol/ids.ts';
import { Buckets, type Limits } from './core/buckets.ts';
import { CommandStore } from './core/commands.ts';
import type { Core } from './core/core.ts';
import { Faults } from './core/faults.ts';
import { InteractionStore } from './core/interaction-store.ts';
import { NonceStore } from './core/nonces.ts';
import { OpenApi } from './core/openapi.ts';
import { Signer } from './core/sign.ts';
import { Traffic } from './core/traffic.ts';
import { Wire } from './core/wire.ts';
import { Discord } from './discord.ts';
import { ANSWER_WITHIN_MS } from './interactions/deliver.ts';
import { listen } from './rest/server.ts';
import { createClock } from './world/clock.ts';
import { createMint } from './world/snowflake.ts';
import { World } from './world/world.ts';

const MAX_ACTIVE_THREADS = 1000;

export interface DiscordOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly applicationId?: Snowflake;
  readonly botToken?: string;
  readonly botName?: string;
  /** Where interactions are POSTed. */
  readonly interactionsUrl?: string;
  /** Each REST answer takes this long, in milliseconds. */
  readonly latencyMs?: number;
  /** `shared`: create and edit are counted in the same bucket. */
  readonly buckets?: 'separate' | 'shared';
  /** Other rate limits than Discord's: for a test that does in a minute what people do in a day. */
  readonly limits?: Limits;
  /** A file for one JSON line per request; default: the variable DISCORD_TRAFFIC_LOG. */
  readonly trafficLog?: string;
  /** Discord's OpenAPI document, to check each request against; default: the variable HEDDLE_DISCORD_OPENAPI. */
  readonly openapi?: string;
  /** Discord: the Message Content toggle. Default true. */
  readonly messageContent?: boolean;
  /** `stopped`: this Discord's time passes by `advance` only. Default `real`. */
  readonly clock?: 'real' | 'stopped';
  /** Discord: active threads of one guild; default 1000. */
  readonly maxActiveThreads?: number;
  /** Real milliseconds that an interaction may wait for its answer. Discord: 3 s, the default. */
  readonly answerWithinMs?: number;
}

/** Starts an emulator on 127.0.0.1. Rejects when the port is taken. */
export async function startDiscord(options: DiscordOptions = {}): Promise<Discord> {
  const clock = createClock(options.clock === 'stopped');
  const mint = createMint(clock);
  const applicationId = options.applicationId ?? mint();
  // Discord: the bot user of an application has the application's id.
  const world = new World(clock, mint, applicationId as UserId, options.botName ?? 'Heddle');
  const openapi = options.openapi ?? process.env.HEDDLE_DISCORD_OPENAPI;
  const core: Core = {
    world,
    wire: new Wire(world, applicationId, randomBytes(16).toString('hex'), options.messageContent ?? true),
    buckets: new Buckets(clock, options.buckets === 'shared', options.limits),
    faults: new Faults(),
    traffic: new Traffic(options.trafficLog ?? (process.env.DISCORD_TRAFFIC_LOG || undefined)),
    interactions: new InteractionStore(world),
    commands: new CommandStore(mint, clock, applicationId),
    nonces: new NonceStore(clock),
    signer: new Signer(),
    openapi: openapi === undefined || openapi === '' ? undefined : await OpenApi.load(openapi),
    applicationId,
    botToken: options.botToken ?? `emulator.${randomBytes(24).toString('base64url')}`,
    latencyMs: options.latencyMs ?? 0,
    maxActiveThreads: options.maxActiveThreads ?? MAX_ACTIVE_THREADS,
    answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS,
    interactionsUrl: options.interactionsUrl ?? '',
    violations: [],
    refusals: [],
  };
  const { server, port } = await listen(core, options.port ?? 0);
  core.wire.cdnOrigin = `http://127.0.0.1:${port}`;
  return new Discord(core, server, port, clock);
}
