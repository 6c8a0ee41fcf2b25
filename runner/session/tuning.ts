/** Making a running process what its people wish, without a new one where the CLI can. */

import type { EventOf } from '../../protocol/events.ts';
import { WORDS_MAX } from '../../protocol/limits.ts';
import type { Tuning } from '../claude/line/types.ts';
import type { Checked, Wish } from '../journal/wishes.ts';
import type { ClaudeRun } from './claude-run.ts';
import type { Terms } from './claude-start.ts';

/** A process that runs with the one is right for the other. */
export function sameTuning(a: Terms, b: Terms): boolean {
  return a.mode === b.mode && a.model === b.model && a.effort === b.effort;
}

export interface Following {
  /** What the settings of now leave of a wish. */
  readonly check: (wish: Wish) => Checked;
  /** The wish as it is stored; a newer one may have come in the meantime. */
  readonly newest: () => Wish;
  /** The mode is what was asked for, so that one which Claude took by itself gives way. */
  readonly modeNow: boolean;
}

export interface Followed {
  /** What is left of the wish. */
  readonly wish: Wish;
  readonly event: Omit<EventOf<'configured'>, 'gen'>;
}

/**
 * `run` null: no process runs; the next one starts with it. A mode or an effort that the CLI does not take live stays in the wish: the
 * process is ended before its next prompt, and one that starts with it takes its place. A model that it does not take is not kept.
 */
export async function followWish(run: ClaudeRun | null, wish: Wish, following: Following): Promise<Followed> {
  const { wish: allowed, mode, refused } = following.check(wish);
  let kept = allowed;
  const words = refused === null ? [] : [refused];
  const process = run?.process ?? null;
  const terms = run?.terms ?? null;
  if (run !== null && process !== null && terms !== null) {
    const otherMode = mode !== terms.mode || (following.modeNow && mode !== process.now.mode);
    const tuning: Tuning = {
      ...(otherMode ? { mode } : {}),
      ...(kept.model === terms.model ? {} : { model: kept.model }),
      ...(kept.effort === terms.effort ? {} : { effort: kept.effort }),
    };
    // Not even an empty one is awaited: the next prompt must not wait for nothing.
    const failed = Object.keys(tuning).length === 0 ? [] : await process.tune(tuning).catch(() => null);
    const took = (what: keyof Tuning) =>
      what in tuning && failed !== null && !failed.some((one) => one.what === what);
    const no = failed?.find((one) => one.what === 'model');
    if (no !== undefined) {
      words.push(
        `Claude does not take the model ${kept.model ?? 'default'}: ${no.words}`.slice(0, WORDS_MAX),
      );
      kept = { ...kept, model: terms.model };
    }
    run.terms = {
      ...(run.terms ?? terms),
      ...(took('mode') ? { mode } : {}),
      ...(took('model') ? { model: kept.model } : {}),
      ...(took('effort') ? { effort: kept.effort } : {}),
    };
  }
  // What is newer has its own answer.
  const newest = following.newest();
  const { rev, model, mode: keptMode, effort } = kept;
  const alive = run?.phase === 'live' ? process : null;
  return {
    wish: newest.rev > kept.rev ? newest : kept,
    event: {
      kind: 'configured',
      rev,
      model,
      mode: keptMode,
      effort,
      now: alive?.now ?? null,
      refused: words.length === 0 ? null : words.join(' ').slice(0, WORDS_MAX),
    },
  };
}

/**
 * The wish after the process changed its mode, and the mode that it should run in then. `granted`: the one that a decision gave the
 * session, which its next process has as well. Any other change is Claude's own: a plan that was asked for is over when it was
 * approved, and the next process must not begin another.
 */
export function afterModeChange(
  wish: Wish,
  mode: string,
  granted: Terms['mode'] | null,
  check: (wish: Wish) => Checked,
): Wish & { readonly running: Terms['mode'] } {
  if (granted === mode) {
    const kept = check({ ...wish, mode: granted });
    return { ...wish, mode: kept.wish.mode, running: kept.mode };
  }
  if (wish.mode !== 'plan' || mode === 'plan') return { ...wish, running: check(wish).mode };
  const own = check({ ...wish, mode: null });
  const asked = check({ ...wish, mode: mode as Terms['mode'] });
  const next = asked.refused !== null || own.mode === mode ? own : asked;
  return { ...wish, mode: next.wish.mode, running: next.mode };
}
