/** What every command and button has at hand, and its ways to the objects that own the answer. */
import type { InteractionId, MessageId, ProjectName, ThreadId } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import type { Member } from '../domain/access.ts';
import type {
  Answer,
  Attached,
  Choice,
  ChoiceOf,
  GoesOn,
  GuildAct,
  GuildDo,
  OfferOf,
  Place,
  SessionAct,
  SessionAnswer,
  SessionDo,
  Where,
} from '../domain/contract.ts';
import type { CommandOption } from './payload.ts';
import { elsewhereWords, missingPermissions } from './place.ts';

/** What a command uses of `Env`. Commands are also loaded where there is none: to register them. */
export interface Reach {
  readonly DISCORD_API_URL: string;
  readonly DISCORD_APPLICATION_ID: string;
  readonly GUILD: { getByName(guild: string): GuildCalls };
  readonly SESSION: { getByName(thread: string): { act(act: SessionAct): Promise<SessionAnswer> } };
}

interface GuildCalls {
  act(act: GuildAct): Promise<Answer>;
  choices(member: Member, what: ChoiceOf, typed: string, other: string): Promise<readonly string[]>;
  resumable(member: Member, typed: string, goesOn: GoesOn): Promise<readonly Choice[]>;
  offered(member: Member, thread: ThreadId, what: OfferOf, typed: string): Promise<readonly Choice[]>;
}

export interface Acting {
  readonly env: Reach;
  readonly id: InteractionId;
  /** Lets its holder answer for 15 minutes; never logged. */
  readonly token: string;
  readonly member: Member;
  readonly place: Place;
  /** Where this Worker is reached: scheme, host, port. */
  readonly origin: string;
}

export type Options = readonly CommandOption[];

/** For the one who acted alone. */
export function say(text: string): Answer {
  return { kind: 'private', text };
}

export function guildOf({ env, place }: Acting): GuildCalls {
  return env.GUILD.getByName(place.guild);
}

export function askGuild(acting: Acting, act: GuildDo): Promise<Answer> {
  const { id, member, place, origin } = acting;
  return guildOf(acting).act({ id, member, place, origin, act });
}

export function askSession(acting: Acting, thread: ThreadId, act: SessionDo): Promise<SessionAnswer> {
  const { env, id, member, place } = acting;
  return env.SESSION.getByName(thread).act({ id, member, place, act });
}

/** What concerns one session and begins none. */
export async function inThread(acting: Acting, act: SessionDo): Promise<Answer> {
  switch (kindOf(acting.place)) {
    case 'elsewhere':
      return say(elsewhereWords(acting.place));
    case 'channel':
      return say('Use this in the thread of a session. `/status` here lists the sessions.');
    case 'thread': {
      const answer = await askSession(acting, threadOf(acting), act);
      return answer.kind === 'start'
        ? say('No session is in this thread. `/ask` or `/new` begins one.')
        : answer;
    }
  }
}

interface Beginning extends Where, Attached {
  readonly text: string | null;
  readonly project: ProjectName | null;
}

/** `/ask` and `/new` are one thing in two places: in a channel the Guild begins a session, in a thread the Session takes it. */
export async function begin(acting: Acting, wish: Beginning, act: SessionDo): Promise<Answer> {
  const kind = kindOf(acting.place);
  if (kind === 'elsewhere') return say(elsewhereWords(acting.place));
  const missing = missingPermissions(acting.place);
  if (missing.length > 0) {
    return say(
      `Heddle lacks permissions in this channel, so nothing was begun: **${missing.join('**, **')}**. Someone who manages the channel can grant them.`,
    );
  }
  if (kind === 'channel')
    return askGuild(acting, { do: 'start', ...wish, thread: false, after: null, token: acting.token });
  const answer = await askSession(acting, threadOf(acting), act);
  return answer.kind === 'start' ? beginHere(acting, answer) : answer;
}

/** Begins in this thread, as the Session there said. */
export function beginHere(
  acting: Acting,
  { kind: _, ...wish }: Extract<SessionAnswer, { kind: 'start' }>,
): Promise<Answer> {
  return askGuild(acting, { do: 'start', ...wish, thread: true, token: acting.token });
}

/** The session of the thread that the interaction happened in; `kindOf(place)` must have said that it is one. */
export function threadOf(acting: Acting): ThreadId {
  return acting.place.channel as ThreadId;
}

/** A session card's thread: a thread that was made from a message has the message's id (Discord). */
export function threadOfCard(message: MessageId): ThreadId {
  return message as string as ThreadId;
}

/** Null when the option was not given or is empty. */
export function textOption(options: Options, name: string): string | null {
  const value = options.find((option) => option.name === name)?.value;
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

export function flagOption(options: Options, name: string): boolean {
  return options.find((option) => option.name === name)?.value === true;
}
