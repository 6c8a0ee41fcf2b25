/** What the end-to-end tests say over and over: begin a session, wait for words, find a card, press. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import type { Member } from '../../playground/discord/people/guild-handle.ts';
import type { InteractionOutcome } from '../../playground/discord/people/outcome.ts';
import type { ShownMessage } from '../../playground/discord/people/view.ts';
import { type RunnerOptions, System, type SystemOptions } from '../../playground/system.ts';
import type { Snowflake } from '../../protocol/ids.ts';

/** A turn of the real CLI takes half a second when the machine is idle; it is not always. */
export const SLOW = { timeoutMs: 30_000 };

export class Stage {
  readonly system: System;

  constructor(system: System) {
    this.system = system;
  }

  get discord() {
    return this.system.discord;
  }

  /** Runs a command and waits for its whole answer. */
  async command(
    who: Member,
    where: Snowflake,
    name: string,
    options: Record<string, string | number | boolean> = {},
  ): Promise<ShownMessage> {
    const outcome = await this.discord.user(who).command(where, name, options);
    if (outcome.failed !== undefined) throw new Error(`/${name}: ${outcome.failed}`);
    return outcome.final();
  }

  /** `/new` in the channel; resolves with the thread when it is there. */
  async begin(who: Member, prompt: string, options: Record<string, string> = {}): Promise<Channel> {
    const before = new Set(this.system.channel.threads.map((thread) => thread.id));
    await this.command(who, this.system.channel.id, 'new', {
      ...(prompt === '' ? {} : { prompt }),
      ...options,
    });
    return this.discord.waitFor(() => this.system.channel.threads.find((thread) => !before.has(thread.id)), {
      ...SLOW,
      what: `a thread for "${prompt}"`,
    });
  }

  /** Waits until a message of the bot in the thread has these words; the newest such message. */
  says(thread: Channel, words: string | RegExp): Promise<ShownMessage> {
    return this.discord.waitFor(() => ofBot(thread).findLast((message) => matches(message.text, words)), {
      ...SLOW,
      what: `"${words}" in ${thread.name}`,
    });
  }

  /** The card that asks for a permission, open, with these words. */
  card(thread: Channel, words: string | RegExp): Promise<ShownMessage> {
    return this.discord.waitFor(
      () =>
        ofBot(thread).findLast(
          (m) => matches(m.text, words) && m.buttons.some((b) => b.label === 'Allow' && !b.disabled),
        ),
      { ...SLOW, what: `a card with "${words}" in ${thread.name}` },
    );
  }

  press(who: Member, message: ShownMessage, label: string): Promise<InteractionOutcome> {
    return this.discord.user(who).click(message.id, label);
  }

  /** The number of turns that the scripted model was asked for with these words in the newest prompt. */
  count(thread: Channel, words: string | RegExp): number {
    return ofBot(thread).filter((message) => matches(message.text, words)).length;
  }
}

/** One system for a file of tests. Nothing that Discord would refuse may happen in any of them. */
export function useSystem(
  options: SystemOptions = {},
  runner: RunnerOptions | null = {},
): { readonly stage: Stage } {
  let stage: Stage | null = null;
  beforeAll(async () => {
    const system = await System.start(options);
    stage = new Stage(system);
    if (runner !== null) await system.addRunner(runner);
  });
  afterEach(() => {
    expect(stage?.discord.violations ?? [], 'what Discord would have refused').toEqual([]);
  });
  afterAll(async () => {
    await stage?.system.stop();
  });
  return {
    get stage() {
      if (stage === null) throw new Error('the system did not start');
      return stage;
    },
  };
}

export function ofBot(thread: Channel): ShownMessage[] {
  return thread.messages.filter((message) => message.fromBot && message.onlyFor === undefined);
}

function matches(text: string, words: string | RegExp): boolean {
  return typeof words === 'string' ? text.includes(words) : words.test(text);
}
