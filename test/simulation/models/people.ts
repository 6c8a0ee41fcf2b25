/** People in Discord: they ask, press what they see or saw, press twice, press what is not there, and some of them may not. */
import type {
  ChannelId,
  GuildId,
  InteractionId,
  MessageId,
  RunnerId,
  ThreadId,
  UserId,
} from '../../../protocol/ids.ts';
import type { Member } from '../../../worker/domain/access.ts';
import { type CustomId, encodeCustomId, parseCustomId } from '../../../worker/domain/buttons.ts';
import type {
  Place,
  SessionAct,
  SessionAnswer,
  SessionDo,
  SessionOpen,
} from '../../../worker/domain/contract.ts';
import type { Asking, Ledger } from '../ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../random.ts';
import type { Channel, Discord, Message } from './discord.ts';
import type { ModelGuild } from './guild.ts';

export const OWNER = member('1', 'olga');
export const STARTER = member('2', 'sam');
/** The runner is shared with her, and the session is not hers. */
export const SHARED = member('3', 'rosa');
export const STRANGER = member('9', 'mallory');
export const GUILD = '100' as GuildId;
export const PARENT = '200' as ChannelId;

function member(id: string, name: string): Member {
  return { id: id as UserId, name, roles: [], permissions: '8' };
}

interface Button {
  readonly thread: ThreadId;
  readonly message: string;
  readonly id: CustomId;
  /** What the person read there. */
  readonly read: string;
}

export interface PeopleOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly discord: Discord;
  readonly guild: ModelGuild;
  readonly ledger: Ledger;
  readonly threads: readonly ThreadId[];
  /** The Worker's call; rejects when the object was reset before it had answered. */
  readonly call: (thread: ThreadId, act: SessionAct) => Promise<SessionAnswer>;
  readonly token: (prefix: string) => string;
  readonly trace: (line: string) => void;
}

/** The Worker repeats a call that a reset broke. */
const CALL_TRIES = 3;
const TAKEN = /^(Running|Starting|Taken|Next in line|\d+\w+ in line|\*\*.*is offline)/;

export class People {
  readonly #o: PeopleOptions;
  #remembered: Button[] = [];
  #serial = 5000;

  constructor(options: PeopleOptions) {
    this.#o = options;
  }

  /** Does one thing that people do. */
  act(): void {
    const { random, threads } = this.#o;
    const thread = random.pick(threads);
    if (thread === undefined) return;
    const who = { owner: OWNER, starter: STARTER, shared: SHARED, stranger: STRANGER }[
      random.weighted({ owner: 3, starter: 10, shared: 1, stranger: 1 })
    ];
    switch (
      random.weighted({
        ask: 5,
        press: 9,
        stop: 1,
        new: 0.7,
        end: 0.5,
        resume: 0.3,
        status: 0.4,
        elsewhere: 0.3,
      })
    ) {
      case 'ask':
        return this.ask(thread, who);
      case 'press':
        return this.#press(thread, who);
      case 'stop':
        return this.#do(thread, who, { do: 'stop' });
      case 'new':
        return this.#new(thread, who);
      case 'end':
        return this.#do(thread, who, { do: 'end' });
      case 'resume':
        return this.#do(thread, who, { do: 'resume' });
      case 'status':
        return this.#do(thread, who, { do: 'status' });
      case 'elsewhere':
        return this.#do(thread, who, { do: 'stop' }, { channel: '77' as ChannelId });
    }
  }

  ask(thread: ThreadId, who: Member): void {
    const text = this.#o.token('p');
    this.#do(thread, who, { do: 'ask', text }, {}, this.#asking(text, thread, who));
  }

  /** Somebody looks how things are, in each thread. */
  look(): void {
    for (const thread of this.#o.threads) this.#do(thread, OWNER, { do: 'status' });
  }

  #new(thread: ThreadId, who: Member): void {
    const text = this.#o.random.chance(0.6) ? this.#o.token('p') : null;
    this.#do(
      thread,
      who,
      { do: 'new', text, project: null },
      {},
      text === null ? null : this.#asking(text, thread, who),
    );
  }

  #asking(text: string, thread: ThreadId, who: Member): Asking {
    const asking: Asking = { text, thread, who: who.id, acknowledged: false, prompt: null };
    this.#o.ledger.askings.set(text, asking);
    return asking;
  }

  #press(thread: ThreadId, who: Member): void {
    const { random, discord } = this.#o;
    const seen = discord
      .channel(thread)
      .messages.flatMap((message) => (message.deleted ? [] : buttonsOf(thread, message)));
    this.#remembered = [...this.#remembered, ...seen].slice(-60);
    const kind = random.weighted({ seen: 7, remembered: 2, forged: 3 });
    // Of all the buttons there are, those that let Claude do something matter most.
    const deciding = seen.filter(({ id }) => id.verb === 'allow' || id.verb === 'deny');
    const from = deciding.length > 0 && random.chance(0.6) ? deciding : seen;
    const button = random.pick(kind === 'remembered' ? this.#remembered : from);
    if (button === undefined) return;
    if (kind === 'forged') return this.#pressForged(button, who, seen);
    this.#pressed(button, who, false);
    // A double click is two interactions.
    if (random.chance(0.15)) this.#pressed(button, random.chance(0.5) ? who : OWNER, false);
  }

  /** `seen`: every button of the thread, because what is changed may come out as another one of the same message. */
  #pressForged(button: Button, who: Member, seen: readonly Button[]): void {
    const { random, threads } = this.#o;
    const { id } = button;
    const forged: Button = {
      gen: { ...button, id: { ...id, gen: id.gen + random.int(1, 2) } },
      ref: { ...button, id: { ...id, ref: id.ref + random.int(-1, 1) } },
      tag: { ...button, id: { ...id, tag: random.uuid().replaceAll('-', '').slice(0, 16) } },
      verb: {
        ...button,
        id: {
          ...id,
          verb: id.verb === 'allow' || id.verb === 'deny' ? ('renew' as const) : ('allow' as const),
        },
      },
      thread: { ...button, thread: threads.find((other) => other !== button.thread) ?? button.thread },
    }[random.weighted({ gen: 1, ref: 1, tag: 1, verb: 1, thread: 1 })];
    const same = seen.some(
      (real) =>
        real.thread === forged.thread &&
        real.message === forged.message &&
        encodeCustomId(real.id) === encodeCustomId(forged.id),
    );
    this.#pressed(forged, who, !same);
  }

  #pressed({ thread, message, id, read }: Button, who: Member, forged: boolean): void {
    const interaction = this.#id();
    const click = {
      id: interaction,
      who: who.id,
      thread,
      verb: id.verb,
      read,
      forged,
      accepted: false,
      used: false,
    };
    this.#o.ledger.clicks.set(interaction, click);
    this.#o.trace(`${who.name} presses ${encodeCustomId(id)} on ${message}${forged ? ' (forged)' : ''}`);
    void this.#send(thread, who, { do: 'press', id, message: message as MessageId }, {}, null, interaction);
  }

  #do(
    thread: ThreadId,
    who: Member,
    act: SessionDo,
    place: Partial<Place> = {},
    asking: Asking | null = null,
  ): void {
    this.#o.trace(`${who.name} in ${thread}: ${JSON.stringify(act)}`);
    void this.#send(thread, who, act, place, asking, this.#id());
  }

  async #send(
    thread: ThreadId,
    who: Member,
    act: SessionDo,
    over: Partial<Place>,
    asking: Asking | null,
    id: InteractionId,
  ): Promise<void> {
    const { clock, random, call, trace } = this.#o;
    const place: Place = {
      guild: GUILD,
      channel: thread,
      channelType: 11,
      parent: PARENT,
      appPermissions: '0',
      ...over,
    };
    const said: SessionAct = { id, member: who, place, act };
    await clock.wait(random.spread(5, 500));
    // Discord, or the way to it, delivers an interaction twice.
    if (random.chance(0.05)) void call(thread, said).catch(() => {});
    for (let tries = 0; tries < CALL_TRIES; tries += 1) {
      try {
        const answer = await call(thread, said);
        return await this.#answered(thread, who, answer, asking, id);
      } catch (error) {
        trace(`a call of ${who.name} failed: ${error instanceof Error ? error.name : ''}`);
        await clock.wait(random.spread(10, 300));
      }
    }
  }

  async #answered(
    thread: ThreadId,
    who: Member,
    answer: SessionAnswer,
    asking: Asking | null,
    id: InteractionId,
  ): Promise<void> {
    // A form that nobody fills in.
    if (answer.kind === 'modal') return;
    if (answer.kind !== 'start') {
      if (asking !== null && answer.kind === 'private' && TAKEN.test(answer.text)) asking.acknowledged = true;
      this.#remember(thread, who, answer);
      return;
    }
    const { random, guild, ledger } = this.#o;
    // The Guild decides who may begin one, and where.
    const usable = [...guild.runners.values()].filter(
      ({ access }) => !access.removed && (access.owner === who.id || access.members.includes(who.id)),
    );
    const runner = random.chance(0.7) ? usable[0] : random.pick(usable);
    if (runner === undefined) return;
    const open: Omit<SessionOpen, 'runner'> = {
      id,
      guild: GUILD,
      thread,
      parent: PARENT,
      card: 'parent',
      madeThread: true,
      origin: 'http://127.0.0.1:1',
      project: 'api' as SessionOpen['project'],
      starter: who,
      text: answer.text,
      after: answer.after,
    };
    const opened = await guild.start(open, runner.id as RunnerId);
    const begun = answer.text === null ? undefined : ledger.askings.get(answer.text);
    if (opened.ok && begun !== undefined) begun.acknowledged = true;
  }

  /** "End it and begin anew?" comes with a button that only the asker sees. */
  #remember(
    thread: ThreadId,
    who: Member,
    answer: Extract<SessionAnswer, { kind: 'private' | 'update' }>,
  ): void {
    if (answer.kind !== 'private' || who === STRANGER) return;
    for (const button of (answer.rows ?? []).flat()) {
      const id = 'id' in button ? parseCustomId(button.id) : null;
      if (id === null || !this.#o.random.chance(0.6)) continue;
      this.#o.clock.after(this.#o.random.spread(500, 60_000), () =>
        this.#pressed({ thread, message: '1', id, read: '' }, who, false),
      );
    }
  }

  #id(): InteractionId {
    this.#serial += 1;
    return String(this.#serial) as InteractionId;
  }
}

function buttonsOf(thread: ThreadId, message: Message): Button[] {
  return message.components
    .flatMap((row) => row.components)
    .flatMap(({ custom_id }) => {
      const id = parseCustomId(custom_id ?? '');
      return id === null ? [] : [{ thread, message: message.id, id, read: message.content }];
    });
}

/** What moderators and Discord itself do to a thread. */
export function disturb(channel: Channel, random: Random, ledger: Ledger): string {
  const what = random.weighted({
    delete: 4,
    archive: 2,
    lock: 1,
    unlock: 2,
    forbid: 1,
    allow: 2,
    gone: 0.03,
  });
  const bots = channel.messages.filter((one) => one.bot && !one.deleted);
  const victim = random.pick(bots.slice(-6));
  switch (what) {
    case 'delete':
      if (victim === undefined) return 'nothing to delete';
      victim.deleted = true;
      ledger.moderated.push(victim.content);
      return `deletes ${victim.id}`;
    case 'archive':
      channel.archived = true;
      break;
    case 'lock':
    case 'unlock':
      channel.locked = what === 'lock';
      break;
    case 'forbid':
    case 'allow':
      channel.forbidden = what === 'forbid';
      break;
    case 'gone':
      channel.gone = true;
      break;
  }
  return what;
}
