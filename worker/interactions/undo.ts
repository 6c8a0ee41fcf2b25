import type { Answer } from '../domain/contract.ts';
import { type Acting, flagOption, type Options } from './acting.ts';
import { inThread } from './in-thread.ts';

/** The files as they were before the newest turn. Shown first; the button, or `confirm`, does it. */
export function undo(acting: Acting, options: Options): Promise<Answer> {
  return inThread(acting, { do: 'undo', confirm: flagOption(options, 'confirm') });
}
