/** What a person was told, from what they read. */
import type { Discord } from '../../../playground/discord/discord.ts';
import type { InteractionOutcome } from '../../../playground/discord/people/outcome.ts';
import type { Told, Why } from './story.ts';

const REASONS: readonly (readonly [RegExp, Why])[] = [
  [/^This session is for |has not shared it with you/, 'person'],
  [/from an earlier conversation/, 'earlier'],
  [/already (allowed|denied) this/, 'already'],
  [/^(That|This) request is over/, 'over'],
  [/is not on the card of this request/, 'elsewhere'],
  [/is not what Claude asks now/, 'changed'],
  [/is not one that Heddle knows/, 'unknown'],
  [/There is no session in this thread/, 'nowhere'],
];
const BROKEN = /^Something in Heddle failed/;
/** Of a prompt that was taken, of a command that was done. */
const DONE =
  /^(Running|Starting|Taken|Next in line|\d+\S* in line|\*\*.+\*\* is offline|Stopping|Cancelled|What stood still is let be|Nothing runs|The turn is stopped|Ended|Resumed|This session goes on already|A turn is running here)/;

/** An answer that follows later. */
const LATE = { timeoutMs: 30_000 };
const UPDATE = 7;
const DEFERRED_UPDATE = 6;

export function read(words: string): Told {
  if (BROKEN.test(words)) return { is: 'lost', words };
  const why = REASONS.find(([pattern]) => pattern.test(words))?.[1];
  if (why !== undefined) return { is: 'refused', why, words };
  return DONE.test(words) ? { is: 'done', words } : { is: 'refused', why: 'other', words };
}

export async function toldOfCommand(outcome: InteractionOutcome): Promise<Told> {
  if (outcome.failed !== undefined) return { is: 'lost', words: outcome.failed };
  return read((await outcome.final(LATE)).text);
}

/** A click that was taken changes its message; one that was not is answered aside. */
export async function toldOfClick(discord: Discord, outcome: InteractionOutcome): Promise<Told> {
  if (outcome.failed !== undefined) return { is: 'lost', words: outcome.failed };
  if (outcome.type === UPDATE) return { is: 'done', words: outcome.text };
  if (outcome.type !== DEFERRED_UPDATE) return read(outcome.text);
  return Promise.race([
    outcome.final(LATE).then(({ text }): Told => ({ is: 'done', words: text })),
    discord
      .waitFor(() => outcome.followUps[0], { ...LATE, what: 'the late answer to a click' })
      .then(({ text }) => read(text)),
  ]);
}

/** What the second delivery of a click was told; null: nothing yet. */
export function echoOf(outcome: InteractionOutcome): Told | null {
  const second = outcome.answers[1];
  if (second === undefined || !('text' in second) || second.status !== 200) return null;
  const { type, data } = JSON.parse(second.text) as { type: number; data?: { content?: string } };
  const words = data?.content ?? '';
  if (type === UPDATE) return { is: 'done', words };
  return type === DEFERRED_UPDATE ? null : read(words);
}
