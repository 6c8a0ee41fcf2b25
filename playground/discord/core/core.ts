import type { Snowflake } from '../../../protocol/ids.ts';
import type { World } from '../world/world.ts';
import type { Buckets } from './buckets.ts';
import type { CommandStore } from './commands.ts';
import type { Faults } from './faults.ts';
import type { InteractionStore } from './interaction-store.ts';
import type { NonceStore } from './nonces.ts';
import type { OpenApi } from './openapi.ts';
import type { Signer } from './sign.ts';
import type { Traffic } from './traffic.ts';
import type { Wire } from './wire.ts';

/** The parts of one emulator, as its routes and its driver see them. */
export interface Core {
  readonly world: World;
  readonly wire: Wire;
  readonly buckets: Buckets;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly interactions: InteractionStore;
  readonly commands: CommandStore;
  readonly nonces: NonceStore;
  readonly signer: Signer;
  readonly openapi: OpenApi | undefined;
  readonly applicationId: Snowflake;
  readonly botToken: string;
  readonly latencyMs: number;
  readonly maxActiveThreads: number;
  /** Milliseconds that an interaction may wait for its answer. */
  readonly answerWithinMs: number;
  /** Where interactions are sent; empty until somebody says so. */
  interactionsUrl: string;
  /** Requests and answers that Discord would refuse, in words. */
  readonly violations: string[];
  /** Every refusal, violations included, in words. */
  readonly refusals: string[];
}
