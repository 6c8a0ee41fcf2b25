/** What is due when. One alarm multiplexes all of it; each waiting state has its line here. */

import type { Draft } from '../state/draft.ts';
import type { Context } from '../state/input.ts';
import type { Request, State } from '../state/state.ts';
import { undoLate } from './changes/undoing.ts';
import { worktreeLate } from './changes/worktrees.ts';
import { continueDue } from './life/continuing.ts';
import { refreshQueue, settleQueued } from './prompts/asking.ts';
import { expire, markLate, voidInterrupted, voidRequest } from './requests/deciding.ts';
import { remind, reminderDueMs } from './requests/reminding.ts';
import { endWithout, finishTurn } from './turns/finishing.ts';

const RUNNER_GONE = 'The runner did not come back.';

interface Due {
  readonly atMs: number;
  readonly run: (d: Draft) => void;
}

export function clock(d: Draft, ctx: Context): void {
  for (const due of dues(d.state, ctx)) if (due.atMs <= ctx.nowMs) due.run(d);
}

/** When `clock` has something to do next, or null. */
export function nextDueMs(state: State, ctx: Context): number | null {
  const all = dues(state, ctx).map((due) => due.atMs);
  return all.length === 0 ? null : Math.min(...all);
}

function dues(state: State, ctx: Context): Due[] {
  const c = state.conversation;
  if (c === null) return [];
  const { durations } = ctx;
  const all: Due[] = [];
  for (const queued of state.queue.values()) {
    all.push({
      atMs: queued.untilMs,
      run: (d) => {
        settleQueued(d, queued, 'expired');
        refreshQueue(d, ctx);
      },
    });
    if (queued.seq === null)
      all.push({ atMs: queued.atMs + durations.promptShownMs, run: (d) => refreshQueue(d, ctx) });
  }
  for (const request of state.requests.values()) {
    if (request.decidedMs === null) {
      all.push({ atMs: request.untilMs, run: (d) => stillThere(d, request) && expire(d, request, ctx) });
      const remindMs = reminderDueMs(state, request, ctx);
      if (remindMs !== null && remindMs < request.untilMs)
        all.push({ atMs: remindMs, run: (d) => remind(d, request.ref) });
    } else {
      if (isOnTime(state, request))
        all.push({ atMs: request.decidedMs + durations.decisionLateMs, run: (d) => markLate(d, request) });
      all.push({
        atMs: request.decidedMs + durations.runnerGoneMs,
        run: (d) => d.state.requests.has(request.ref) && voidRequest(d, request, RUNNER_GONE),
      });
    }
  }
  const asked = c.ended?.worktreeAsked;
  if (asked != null) all.push({ atMs: asked.untilMs, run: worktreeLate });
  const { outage, undo } = c.open?.holds ?? {};
  const goOn = outage?.goOn;
  if (goOn != null) all.push({ atMs: goOn.atMs, run: (d) => continueDue(d, ctx) });
  if (undo !== undefined) all.push({ atMs: undo.untilMs, run: undoLate });
  for (const renewal of state.renewals.values()) {
    all.push({ atMs: renewal.untilMs, run: (d) => d.dropRenewal(renewal) });
  }
  const away = state.turns.size > 0 && !c.presence.online && !ctx.linkUp;
  const goneSinceMs = away ? c.presence.sinceMs : null;
  if (goneSinceMs !== null) {
    for (const turn of state.turns.values()) {
      const atMs = Math.max(goneSinceMs, turn.startedMs) + durations.runnerGoneMs;
      all.push({
        atMs,
        run: (d) => {
          // It stops there too, should the runner ever come back.
          d.send({ kind: 'interrupt', gen: c.gen, turn: turn.turn });
          voidInterrupted(d, RUNNER_GONE, (r) => r.turn === turn.turn);
          const words = `${c.runnerName} did not come back. What it had done until then is kept there.`;
          const outcome = { as: 'failed', code: 'other', words, untilMs: null } as const;
          finishTurn(
            d,
            turn,
            endWithout(turn.turn, outcome, ctx.nowMs - turn.startedMs, turn.author ?? c.starter),
          );
          d.patchOpen({ failed: words });
        },
      });
    }
  }
  return all;
}

function isOnTime(state: State, request: Request): boolean {
  const entry = state.entries.get(request.seq);
  return entry?.kind === 'request' && entry.state.is === 'decided' && !entry.state.late;
}

/** An earlier due of the same pass may have ended it. */
function stillThere(d: Draft, request: Request): boolean {
  return d.state.requests.get(request.ref)?.decidedMs === null;
}
