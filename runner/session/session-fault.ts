/**
 * What an error that nobody foresaw costs a session: what runs in it ends and what waits is not run, both with words, and the next prompt
 * begins anew. Other sessions go on, unless it is the journal that failed: that is everybody's.
 */
import type { Gen } from '../../protocol/ids.ts';
import { isFileFailure } from '../base/failure.ts';
import { Guard } from '../base/guard.ts';
import type { ClaudeRun } from './claude-run.ts';
import { type FailedCode, failedWords } from './session-endings.ts';
import type { SessionPart } from './session-part.ts';

export interface FaultPart extends Omit<SessionPart, 'guard'> {
  readonly drop: (run: ClaudeRun) => void;
  /** Ends the prompts that the CLI never saw. */
  readonly failWaiting: (gen: Gen, code: FailedCode, words: string) => void;
  /** Parked, nothing begins here; the next command that comes ends that. */
  readonly park: (isParked: boolean) => void;
}

export function sessionGuard(part: FaultPart): Guard {
  return new Guard(part.log, {}, (error) => {
    // If it cannot even be told, what waits is still there and would be tried again at once, for ever.
    part.park(true);
    if (isFileFailure(error)) return part.context.fatal(error);
    failed(part, error);
    part.park(false);
  });
}

function failed({ rows, phase, run: runOf, drop, failWaiting, tell }: FaultPart, error: unknown): void {
  if (phase() !== 'open') return;
  const { conversation, prompts } = rows.state();
  const words = failedWords(error);
  const run = runOf();
  let told = run?.process?.busy === true && run.fault === null;
  if (run !== null) {
    run.fault ??= words;
    if (run.phase === 'waiting') drop(run);
    else void run.end('ended');
  }
  if (conversation === null || conversation.ended) return;
  const { gen } = conversation;
  told ||= prompts.some((prompt) => prompt.gen === gen && prompt.state === 'accepted');
  failWaiting(gen, 'other', words);
  if (!told) tell({ kind: 'notice', gen, turn: null, code: 'information', words });
}
