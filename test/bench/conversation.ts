/** One session as the bench drives it: its thread, and turns that are asked for and waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import type { InteractionOutcome } from '../../playground/discord/people/outcome.ts';
import type { ShownMessage } from '../../playground/discord/people/view.ts';
import type { System } from '../../playground/system.ts';

/** A turn of the real CLI on a machine that does other things. */
const TURN_TIMEOUT_MS = 120_000;
/** Discord's limits are a thread's own, so what asks often asks in several. */
const SESSIONS = 4;
/** What the last turn left to do is done by then. */
const QUIET_MS = 400;
/** How the last line of a turn reads: `-# 2m 14s · $0.21 · 38% context`. */
const END = /^-# \d[^\n]*$/m;

export class Conversation {
  readonly system: System;
  readonly thread: Channel;

  private constructor(system: System, thread: Channel) {
    this.system = system;
    this.thread = thread;
  }

  /** `/new` in the channel with a prompt; resolves when its turn has ended. */
  static async begin(system: System, prompt: string): Promise<Conversation> {
    const before = new Set(system.channel.threads.map((thread) => thread.id));
    const outcome = await system.discord.user(system.owner).command(system.channel.id, 'new', { prompt });
    await outcome.final();
    const thread = await system.discord.waitFor(
      () => system.channel.threads.find(({ id }) => !before.has(id)),
      { timeoutMs: TURN_TIMEOUT_MS, what: 'the thread' },
    );
    const conversation = new Conversation(system, thread);
    await conversation.ended(0);
    return conversation;
  }

  /** `/ask`, answered. */
  async ask(prompt: string): Promise<InteractionOutcome> {
    const { discord, owner } = this.system;
    const outcome = await discord.user(owner).command(this.thread.id, 'ask', { prompt });
    if (outcome.failed !== undefined) throw new Error(`/ask: ${outcome.failed}`);
    return outcome;
  }

  /** `/ask`; resolves when the turn has ended and its last line is there. */
  async turn(prompt: string): Promise<InteractionOutcome> {
    const before = this.ends;
    const outcome = await this.ask(prompt);
    await this.ended(before);
    return outcome;
  }

  /** How many turns the thread shows as ended. */
  get ends(): number {
    return this.messages.filter(({ text }) => END.test(text)).length;
  }

  async ended(before: number): Promise<void> {
    await this.thread.waitFor(() => this.ends > before, {
      timeoutMs: TURN_TIMEOUT_MS,
      what: 'the end of the turn',
    });
  }

  /** The open card with these words. */
  card(): Promise<ShownMessage> {
    const open = (message: ShownMessage) =>
      message.buttons.some(({ label, disabled }) => label === 'Allow' && !disabled);
    return this.thread.waitFor(() => this.messages.findLast(open), {
      timeoutMs: TURN_TIMEOUT_MS,
      what: 'a card',
    });
  }

  /** The bot's own, oldest first. */
  get messages(): ShownMessage[] {
    return this.thread.messages.filter(({ fromBot, onlyFor }) => fromBot && onlyFor === undefined);
  }
}

export async function several(system: System): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for (let n = 0; n < SESSIONS; n++) all.push(await Conversation.begin(system, `hello ${n}`));
  return all;
}

/** Does it in the n-th of them by turns, when the machine has had a moment. */
export async function quietly<T>(
  all: readonly Conversation[],
  n: number,
  act: (one: Conversation) => Promise<T>,
): Promise<T> {
  const one = all.at(n % all.length);
  if (one === undefined) throw new Error('there is no session');
  await sleep(QUIET_MS);
  return act(one);
}
