import type { ThreadId } from '../../protocol/ids.ts';
import type { SessionSummary } from '../contract.ts';
import type { ButtonRow } from './slot.ts';

/** `/status` in a thread: what the summary does not hold. Names and texts are untrusted. */
export interface StatusDetails {
  readonly runner: string;
  readonly model: string | null;
  readonly mode: string | null;
  /** How full the context window is, 0 to 1. */
  readonly context: number | null;
  /** Prompts that wait, in order. */
  readonly queue: readonly { readonly author: string; readonly text: string }[];
  readonly requests: readonly {
    readonly ref: number;
    readonly name: string;
    readonly summary: string;
    readonly url: string | null;
  }[];
}

export interface ListedSession {
  readonly thread: ThreadId;
  readonly summary: SessionSummary;
  /** The runner's name. Untrusted text. */
  readonly runner: string;
}

export interface StatusPage {
  readonly text: string;
  readonly rows: readonly ButtonRow[];
}

/** At most 2,000 characters. */
export function sessionStatus(_summary: SessionSummary, _details: StatusDetails): string {
  return '';
}

/** `page` counts from 0; one that is not there is the nearest. */
export function sessionList(_sessions: readonly ListedSession[], _page: number): StatusPage {
  return { text: '', rows: [] };
}
