/** Everyone on stage, and the story of what they do: each deed with when it began and ended and what it was answered. */
import type { Member } from '../../../playground/discord/people/guild-handle.ts';
import { NotPossible } from '../../../playground/discord/people/not-possible.ts';
import type { LocalRunner } from '../../../playground/runner.ts';
import { System } from '../../../playground/system.ts';
import type { Mutation } from '../../../playground/worker.ts';
import type { Snowflake } from '../../../protocol/ids.ts';
import { stubClaude } from '../../stub-claude-script.ts';
import { Bell, Stuck } from './bell.ts';
import { Cards } from './cards.ts';
import type { Role, Verb } from './schedule.ts';
import { ANSWER_WITHIN_MS, DURATIONS, LIMITS } from './setting.ts';
import type { Ask, Card, Click, Command, Conversation, Locator, Storm, Story, Told } from './story.ts';
import { StubLog } from './stub-log.ts';
import { echoOf, toldOfClick, toldOfCommand } from './told.ts';

/** A thread and the conversation that is in it. */
export interface Lane {
  thread: Snowflake;
  gen: number;
  starter: Member;
}

type People = Readonly<Record<'sam' | 'ria' | 'mallory' | 'max', Member>>;

export class Crew {
  readonly system: System;
  readonly runner: LocalRunner;
  readonly bell: Bell;
  readonly cards: Cards;
  readonly log: StubLog;
  readonly asks: Ask[] = [];
  readonly clicks: Click[] = [];
  readonly commands: Command[] = [];
  readonly conversations: Conversation[] = [];
  readonly storms: Storm[] = [];
  round = 0;
  settled = 0;
  /** How often workerd was started again. */
  restarts = 0;
  /** Interactions that are not answered yet. */
  underWay = 0;
  readonly #people: People;
  #tick = 0;
  #token = 0;

  private constructor(system: System, runner: LocalRunner, log: string, people: People, bell: Bell) {
    this.bell = bell;
    this.system = system;
    this.runner = runner;
    this.#people = people;
    this.cards = new Cards(system.discord, () => ({ round: this.round, seen: this.tick() }));
    this.log = new StubLog(log, () => this.bell.ring());
    system.discord.on('change', (change) => {
      if (change.messageId !== undefined) this.cards.changed(change.messageId);
      this.bell.ring();
    });
  }

  static async start(mutations: readonly Mutation[] = [], bell = new Bell()): Promise<Crew> {
    const restarted = { told: () => {} };
    const system = await System.start({
      discord: { limits: LIMITS, answerWithinMs: ANSWER_WITHIN_MS },
      durations: DURATIONS,
      mutations,
      onWorkerRestart: () => restarted.told(),
    });
    try {
      const stub = stubClaude(system.folder);
      const runner = await system.addRunner({ claude: stub.bin });
      const { guild, owner, channel, discord } = system;
      const people = {
        sam: guild.addMember({ name: 'sam' }),
        ria: guild.addMember({ name: 'ria' }),
        mallory: guild.addMember({ name: 'mallory' }),
        max: guild.addMember({ name: 'max', permissions: ['MANAGE_GUILD', 'ADMINISTRATOR'] }),
      };
      for (const { id } of [people.sam, people.ria]) {
        const shared = await discord.user(owner).command(channel.id, 'runner share', { member: id });
        await shared.final();
      }
      const crew = new Crew(system, runner, stub.log, people, bell);
      restarted.told = () => {
        crew.restarts += 1;
        crew.bell.ring();
      };
      return crew;
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.log.close();
    await this.system.stop();
  }

  get story(): Story {
    return {
      owner: this.system.owner.name,
      cards: this.cards.all,
      conversations: this.conversations,
      asks: this.asks,
      clicks: this.clicks,
      commands: this.commands,
      storms: this.storms,
      log: this.log.entries,
      settled: this.settled,
    };
  }

  tick(): number {
    this.#tick += 1;
    return this.#tick;
  }

  token(): string {
    this.#token += 1;
    return `tk${this.#token}`;
  }

  member(role: Role, lane: Lane): Member {
    const { sam, ria, mallory, max } = this.#people;
    switch (role) {
      case 'starter':
        return lane.starter;
      case 'owner':
        return this.system.owner;
      case 'other':
        return lane.starter === sam ? ria : sam;
      case 'stranger':
        return mallory;
      case 'manager':
        return max;
    }
  }

  /** Those who may begin sessions, one after the other. */
  beginner(n: number): Member {
    const all = [this.system.owner, this.#people.sam, this.#people.ria];
    return all[n % all.length] ?? this.system.owner;
  }

  /** `/new` in the channel; resolves when its thread is there. */
  async begin(who: Member, text: string): Promise<Lane> {
    const begin = this.tick();
    const token = this.token();
    const outcome = await this.system.discord
      .user(who)
      .command(this.system.channel.id, 'new', { prompt: `${text} ${token}` });
    const answer = outcome.failed ?? (await outcome.final()).text;
    const thread = /^Starting → <#(\d+)>/.exec(answer)?.[1] as Snowflake | undefined;
    if (thread === undefined) throw new Stuck(`no session for ${who.name}: ${answer}`);
    const lane: Lane = { thread, gen: 1, starter: who };
    const told = { is: 'done', words: answer } as const;
    this.asks.push({
      token,
      later: false,
      who: who.name,
      thread,
      round: this.round,
      begin,
      end: this.tick(),
      told,
    });
    this.#newest(lane, begin);
    return lane;
  }

  async ask(lane: Lane, who: Member, text: string): Promise<Ask> {
    const token = this.token();
    const deed = await this.#command(lane, who, 'ask', { prompt: `${text} ${token}` });
    const ask: Ask = { ...deed, token, later: /\blater\b/.test(text) };
    this.asks.push(ask);
    return ask;
  }

  async command(lane: Lane, who: Member, what: 'stop' | 'end' | 'resume'): Promise<Command> {
    const command: Command = { ...(await this.#command(lane, who, what, {})), what };
    this.commands.push(command);
    return command;
  }

  /**
   * `/end`, then on with the same conversation: by `/ask`, or by `/resume` and `/ask`. Others may have resumed it first; when the last
   * of these is answered, the next gen is there in any case.
   */
  async again(lane: Lane, who: Member, text: string, by: 'ask' | 'resume' | 'list'): Promise<void> {
    const end = await this.command(lane, who, 'end');
    if (end.told.is !== 'done') return;
    if (by === 'resume') await this.command(lane, who, 'resume');
    if (by === 'list') await this.#resumeFromChannel(lane, who);
    await this.ask(lane, who, text);
    lane.gen += 1;
    this.#newest(lane, end.begin, true);
  }

  async #resumeFromChannel({ thread }: Lane, who: Member): Promise<void> {
    const { discord, channel } = this.system;
    const begin = this.tick();
    const told = await this.#wait(async () =>
      toldOfCommand(await discord.user(who).command(channel.id, 'resume', { session: thread })),
    );
    const deed = { who: who.name, thread, round: this.round, begin, end: this.tick(), told };
    this.commands.push({ ...deed, what: 'resume' });
  }

  /** `/new` in a thread, with the yes when it asks first. The next conversation is there when it resolves. */
  async renew(lane: Lane, who: Member, text: string): Promise<void> {
    const { discord } = this.system;
    const token = this.token();
    const begin = this.tick();
    const { thread } = lane;
    const told = await this.#wait(async (): Promise<Told> => {
      const asked = await this.#inThread(who, thread, 'new', { prompt: `${text} ${token}` });
      if (asked.failed !== undefined) return { is: 'lost', words: asked.failed };
      const offer = await asked.final();
      if (offer.buttons.length === 0) return toldOfCommand(asked);
      return toldOfCommand(await discord.user(who).click(offer.id, 'End it and begin anew'));
    });
    const deed = { who: who.name, thread, round: this.round, begin, end: this.tick(), told };
    this.commands.push({ ...deed, what: 'new' });
    this.asks.push({ ...deed, token, later: false });
    if (told.is !== 'done') return;
    lane.gen += 1;
    lane.starter = who;
    this.#newest(lane, begin);
  }

  /** A click as Discord delivers it, honest or forged: this id, on this message, in this message's thread. */
  async click(how: {
    readonly who: Member;
    readonly verb: Verb;
    readonly id: Locator | null;
    readonly on: Card;
    readonly fromChannel: boolean;
    readonly twice: boolean;
  }): Promise<Click> {
    const { discord, channel } = this.system;
    const { id, on, verb, who, fromChannel } = how;
    const begin = this.tick();
    const customId = id === null ? 'h1:allow:x' : `h1:${verb}:${id.gen}:${id.ref}:${id.tag}`;
    const { told, echo } = await this.#wait(async () => {
      // It is the next to be sent: nothing else comes between this line and the next.
      if (how.twice) discord.faults.duplicateDelivery();
      const outcome = await discord.user(who).forge({
        messageId: on.message as Snowflake,
        customId,
        ...(fromChannel ? { channelId: channel.id } : {}),
      });
      return { told: await toldOfClick(discord, outcome), echo: echoOf(outcome) };
    });
    const { thread, message } = on;
    const click: Click = {
      ...{ who: who.name, verb, id, message, thread, fromChannel, told, echo },
      ...{ round: this.round, begin, end: this.tick() },
    };
    this.clicks.push(click);
    return click;
  }

  async #command(lane: Lane, who: Member, name: string, options: Record<string, string>) {
    const begin = this.tick();
    const { thread } = lane;
    const told = await this.#wait(async () =>
      toldOfCommand(await this.#inThread(who, thread, name, options)),
    );
    return { who: who.name, thread, round: this.round, begin, end: this.tick(), told };
  }

  /** Discord: in an archived thread there are no commands, and whoever may write in it opens it. `/end` archives it at its own time. */
  async #inThread(who: Member, thread: Snowflake, name: string, options: Record<string, string>) {
    const user = this.system.discord.user(who);
    for (;;) {
      try {
        return await user.command(thread, name, options);
      } catch (error) {
        const channel = this.system.discord.channel(thread);
        if (!(error instanceof NotPossible) || !channel.archived) throw error;
        channel.unarchive();
      }
    }
  }

  #newest({ thread, gen, starter }: Lane, from: number, continues = false): void {
    const old = this.conversations.findLast((one) => one.thread === thread);
    if (old !== undefined) old.to = this.tick();
    const to = Number.POSITIVE_INFINITY;
    this.conversations.push({ thread, gen, starter: starter.name, continues, from, to });
  }

  async #wait<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      this.bell.ring();
    }
  }
}
