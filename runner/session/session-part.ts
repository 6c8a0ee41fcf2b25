/** What the parts of a session host share of it. */

import type { Event } from '../../protocol/events.ts';
import type { Gen, ThreadId } from '../../protocol/ids.ts';
import type { Guard } from '../base/guard.ts';
import type { Log } from '../base/log.ts';
import type { ThreadRows } from '../journal/journal-sessions.ts';
import type { Outcome } from '../journal/session-state.ts';
import type { ClaudeRun } from './claude-run.ts';
import type { HostContext, HostPairing } from './host-context.ts';

export interface SessionPart {
  readonly context: HostContext;
  readonly pairing: HostPairing;
  readonly thread: ThreadId;
  readonly rows: ThreadRows;
  /** `recovering`: commands are only stored. `closing`: nothing begins any more. */
  readonly phase: () => 'recovering' | 'open' | 'closing';
  readonly run: () => ClaudeRun | null;
  /** Writes and events of one step, whole or not at all. */
  readonly apply: (step: Pick<Outcome, 'writes' | 'events'>) => void;
  readonly tell: (event: Event) => void;
  /** Of the session: what fails behind it costs what runs here, with words. */
  readonly guard: Guard;
  /** Starts the next thing that can be started. Never throws. */
  readonly pump: () => void;
  /** The runner's log, with the thread. */
  readonly log: Log;
}

/** This is the gen that the thread is in, and it has not ended. */
export function isCurrent(rows: ThreadRows, gen: Gen): boolean {
  const { conversation } = rows.state();
  return conversation !== null && conversation.gen === gen && !conversation.ended;
}
