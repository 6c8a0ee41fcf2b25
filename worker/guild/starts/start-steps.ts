/** The single steps of a start: what each asks of Discord or of the Session, and what its answer means. */

import type { ChannelId, ThreadId } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import { ChannelType } from '../../discord/channel-type.ts';
import { type DiscordError, errorText } from '../../discord/errors.ts';
import { nonceOf } from '../../discord/hash.ts';
import { answerBody } from '../../discord/interaction-response.ts';
import { createBody } from '../../discord/message-body.ts';
import type { DiscordRest } from '../../discord/rest.ts';
import type { SessionOpen, SessionOpened } from '../../domain/contract.ts';
import { threadName } from '../../render/panels/thread-name.ts';
import { escapeTo } from '../../render/text/escape.ts';
import type { Runners } from '../runners/runners.ts';
import { say } from '../runners/words.ts';
import type { Directory } from '../sessions/directory.ts';
import type { Cards } from './cards.ts';
import type { Start, StartStep, StepResult } from './starts.ts';

/** Discord: a thread is hidden from the channel's list after this many minutes without activity. */
const AUTO_ARCHIVE_MINUTES = 1440;
const REASON_MAX = 300;
const NAME_MAX = 100;

export interface StepServices {
  readonly rest: DiscordRest;
  readonly cards: Cards;
  readonly directory: Directory;
  readonly runners: Runners;
  readonly open: (thread: ThreadId, open: SessionOpen) => Promise<SessionOpened>;
  /** What each session of the server begins with; null: none. */
  readonly budgetUsd: () => number | null;
  /** Remembers how a thread came to be, in a transaction. */
  readonly learn: (start: Start, thread: ThreadId) => void;
}

/** The key of a start's card among the slots of its channel; the nonce of the message follows from it. */
export function cardKey(start: Pick<Start, 'id'>): string {
  return `s.${start.id}`;
}

export function firstStep(inThread: boolean, channelType: number): StartStep {
  if (!inThread) return 'card';
  return channelType === ChannelType.privateThread ? 'look' : 'open';
}

export async function doStep(services: StepServices, start: Start, step: StartStep): Promise<StepResult> {
  switch (step) {
    case 'look':
      return look(services, start);
    case 'card':
      return card(services, start);
    case 'thread':
      return thread(services, start);
    case 'open':
      return open(services, start);
    case 'member':
      return member(services, start);
    case 'tell':
      return tell(services, start);
    case 'done':
    case 'failed':
      return { to: step };
    default:
      return assertNever(step);
  }
}

/** In a private thread that nobody added Heddle to, Discord answers 50001 to whatever it does. */
async function look({ rest }: StepServices, start: Start): Promise<StepResult> {
  const seen = await rest.getChannel(start.place.channel);
  if (seen.ok) {
    return { to: 'open', with: { parent: (seen.value.parent ?? start.parent) as ChannelId | null } };
  }
  if (seen.error.kind === 'forbidden') {
    return {
      fail: 'Heddle cannot see this private thread. Add me to this thread (mention me in it), then try again.',
    };
  }
  return outcome(seen.error, 'this thread could not be read');
}

async function card({ cards }: StepServices, start: Start): Promise<StepResult> {
  const posted = await cards.post(start.place.channel, cardKey(start));
  switch (posted.is) {
    case 'posted':
      // A thread that is made from a message has the message's id (Discord).
      return { to: 'thread', with: { parent: start.place.channel } };
    case 'parked':
      return {
        fail: `The session’s card could not be posted here: ${escapeTo(posted.reason.text, REASON_MAX)}`,
      };
    case 'later':
      return { retry: 'the session’s card was not taken' };
    default:
      return assertNever(posted);
  }
}

async function thread({ rest, cards, learn }: StepServices, start: Start): Promise<StepResult> {
  const posted = await cards.post(start.place.channel, cardKey(start));
  if (posted.is !== 'posted')
    return { fail: 'The session’s card is gone, so it has no thread. Begin again.' };
  const made = await rest.startThreadFromMessage(start.place.channel, posted.message, {
    name: threadName(start.text ?? start.title ?? null, start.project),
    auto_archive_duration: AUTO_ARCHIVE_MINUTES,
  });
  if (!made.ok && made.error.kind !== 'threadExists')
    return outcome(made.error, 'the thread could not be made');
  const id = posted.message as string as ThreadId;
  learn(start, id);
  return { to: 'open', with: { thread: id } };
}

async function open(services: StepServices, start: Start): Promise<StepResult> {
  const at = start.inThread ? (start.place.channel as ThreadId) : start.thread;
  if (at === null) return { fail: 'The session has no thread. Begin again.' };
  const runner = services.runners.get(start.runner);
  if (runner === null || runner.standing !== 'confirmed') {
    return { fail: 'The runner was removed meanwhile, so nothing was begun.' };
  }
  if (start.inThread && services.directory.thread(at) === null) services.learn(start, at);
  const known = services.directory.thread(at);
  const opened = await services.open(at, {
    id: start.id,
    guild: start.place.guild,
    thread: at,
    parent: known?.parent ?? start.parent,
    card: known?.card ? 'parent' : 'thread',
    madeThread: known?.made ?? false,
    origin: start.origin,
    runner: services.runners.facts(runner),
    budgetUsd: services.budgetUsd(),
    project: start.project,
    ...(start.worktree == null ? {} : { worktree: start.worktree }),
    starter: start.asker,
    text: start.text,
    ...(start.files === undefined ? {} : { files: start.files }),
    after: start.after,
    ...(start.from === undefined ? {} : { from: start.from }),
    ...(start.title === undefined ? {} : { title: start.title }),
  });
  if (!opened.ok) return { fail: `The session could not begin: ${escapeTo(opened.why, REASON_MAX)}` };
  const next = start.inThread ? 'done' : 'member';
  return { to: next, with: { thread: at, text: null } };
}

async function member({ rest }: StepServices, start: Start): Promise<StepResult> {
  if (start.thread === null) return { to: 'done' };
  const added = await rest.addThreadMember(start.thread, start.asker.id);
  return added.ok ? { to: 'done' } : outcome(added.error, 'you could not be added to the thread');
}

async function tell(services: StepServices, start: Start): Promise<StepResult> {
  const why = start.why ?? 'The session could not begin.';
  const told = await services.rest.editOriginal(start.token, answerBody(say(why)));
  const isOver = !told.ok && (told.error.kind === 'interactionOver' || told.error.kind === 'gone');
  if (isOver && start.inThread) return tellInThread(services, start, why);
  return told.ok ? { to: 'failed' } : outcome(told.error, 'the asker could not be told');
}

/** Discord: an interaction's token is good for 15 minutes. In a channel the card says why; where there is none, a message does. */
async function tellInThread({ rest }: StepServices, start: Start, why: string): Promise<StepResult> {
  const key = `tell.${start.id}`;
  const content = `**${escapeTo(start.asker.name, NAME_MAX)}** ${why}`;
  const slot = { key, phase: 'final', whenDeleted: 'gone', kind: 'plain', rows: [], files: [] } as const;
  const { channel } = start.place;
  const { body } = createBody({ ...slot, content, notify: null }, nonceOf(channel, key, 0));
  const posted = await rest.createMessage(channel, body);
  return posted.ok ? { to: 'failed' } : outcome(posted.error, 'the asker could not be told');
}

/** What a refusal of Discord's means for a step: wait, or give up with words. */
function outcome(error: DiscordError, what: string): StepResult {
  switch (error.kind) {
    case 'rateLimited':
    case 'tooOld':
    case 'transient':
      return { retry: `${what} (${errorText(error)})`, afterMs: error.retryAfterMs };
    case 'unknown':
      return { retry: `${what} (${errorText(error)})` };
    case 'tokenInvalid':
      return { fail: 'Discord does not accept Heddle’s token. Whoever runs Heddle must set it again.' };
    case 'forbidden':
      return { fail: `Discord does not let Heddle do this here: ${escapeTo(error.text, REASON_MAX)}` };
    case 'gone':
    case 'archived':
    case 'locked':
    case 'interactionOver':
    case 'threadExists':
    case 'invalid':
      return { fail: `It did not begin because ${what}: ${escapeTo(errorText(error), REASON_MAX)}` };
    default:
      return assertNever(error);
  }
}
