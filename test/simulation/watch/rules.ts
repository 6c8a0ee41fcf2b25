/** The session's rules on their way into the object: each step is told. */

import { apply as real } from '../../../worker/session/rules/rules.ts';
import type { Context, Input, Outcome } from '../../../worker/session/state/input.ts';
import type { State } from '../../../worker/session/state/state.ts';
import { lives } from '../platform/clock.ts';
import { watching } from './watcher.ts';

export function apply(state: State, input: Input, ctx: Context): Outcome {
  const outcome = real(state, input, ctx);
  watching().ruled(lives.getStore()?.name ?? '', state, input, ctx, outcome);
  return outcome;
}
