/** What the parts of a session host share of it. */
import type { ThreadId } from '../../protocol/ids.ts';
import type { Event } from '../../protocol/session.ts';
import type { ThreadRows } from '../journal/journal-sessions.ts';
import type { Outcome } from '../journal/session-state.ts';
import type { ClaudeRun } from './claude-run.ts';
import type { HostContext, HostPairing } from './host-context.ts';

export interface SessionPart {
  readonly context: HostContext;
  readonly pairing: HostPairing;
  readonly thread: ThreadId;
  readonly rows: ThreadRows;
  readonly run: () => ClaudeRun | null;
  /** Writes and events of one step, whole or not at all. */
  readonly apply: (step: Pick<Outcome, 'writes' | 'events'>) => void;
  readonly tell: (event: Event) => void;
  /** Starts the next thing that can be started. Never throws. */
  readonly pump: () => void;
}
