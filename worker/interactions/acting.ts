/** What every command and button has at hand, and its ways to the objects that own the answer. */
import type { InteractionId, MessageId, ProjectName, ThreadId } from '../../protocol/ids.ts';
import type { Member } from '../domain/access.ts';
import type { Answer, GuildDo, Place, SessionAct, SessionAnswer, SessionDo } from '../domain/contract.ts';
import type { CommandOption } from './payload.ts';

export interface Acting {
  readonly env: Env;
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

export function askGuild(acting: Acting, act: GuildDo): Promise<Answer> {
  const { env, id, member, place, origin } = acting;
  return env.GUILD.getByName(place.guild).act({ id, member, place, origin, act });
}

export function askSession(acting: Acting, thread: ThreadId, act: SessionDo): Promise<SessionAnswer> {
  const { env, id, member, place } = acting;
  const ask: SessionAct = { id, member, place, act };
  return env.SESSION.getByName(thread).act(ask);
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

export function projectOption(options: Options): ProjectName | null {
  return textOption(options, 'project') as ProjectName | null;
}

export function flagOption(options: Options, name: string): boolean {
  return options.find((option) => option.name === name)?.value === true;
}
