/** A `result` line -> how a turn ended. Pure. */

import type { FailureCode } from '../../../protocol/events.ts';
import { WORDS_MAX } from '../../../protocol/limits.ts';
import { clip } from '../line/clip.ts';
import type { ClaudeEventOf } from '../line/types.ts';
import type { LimitLine, ResultLine } from '../line/wire.ts';

export type Outcome = ClaudeEventOf<'turnEnded'>['outcome'];

/**
 * Claude: an API failure is `subtype: success` with `is_error`; an interrupt is `error_during_execution` with
 * `terminal_reason: aborted_*`, or `success` with it when another message cut in.
 */
export function outcomeOf(result: ResultLine, apiError: string | null, limit: LimitLine | null): Outcome {
  if (result.terminalReason.startsWith('aborted_')) return { as: 'interrupted' };
  if (!result.isError && (result.subtype === 'success' || result.subtype === '')) return { as: 'done' };
  const code = failureCode(result, apiError, limit);
  const untilMs = code === 'limit' ? (limit?.resetsAtMs ?? null) : null;
  return {
    as: 'failed',
    code,
    words: wordsOf(result),
    ...(untilMs === null ? {} : { untilMs }),
    started: true,
  };
}

function failureCode(result: ResultLine, apiError: string | null, limit: LimitLine | null): FailureCode {
  if (result.subtype === 'error_max_budget_usd') return 'budget';
  if (result.terminalReason === 'prompt_too_long') return 'tooLong';
  if (limit?.status === 'rejected' && (result.apiStatus === 429 || apiError === 'rate_limit')) return 'limit';
  if (apiError === 'authentication_failed' || result.apiErrorType === 'authentication_error') return 'login';
  if (result.apiStatus === 529 || result.apiStatus === 429 || result.apiErrorType === 'overloaded_error')
    return 'overloaded';
  if (apiError !== null || result.apiStatus !== null || result.terminalReason === 'api_error') return 'api';
  return 'other';
}

/** The CLI's own words, without its internal diagnostics. */
function wordsOf(result: ResultLine): string {
  const said = result.errors.filter((error) => !error.startsWith('[ede_diagnostic]'));
  const words = [result.text, ...said].find((text) => text.trim() !== '');
  return clip(words ?? 'Claude ended the turn with an error and did not say which.', WORDS_MAX);
}

export const NO_CONVERSATION = /No conversation found/;
