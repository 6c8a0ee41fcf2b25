/** The rows that a step writes, by name. */

import type { EventOf } from '../../../protocol/events.ts';
import type { Gen, RequestId } from '../../../protocol/ids.ts';
import type { Entry } from '../../domain/transcript.ts';
import type { Conversation } from './conversation.ts';
import type { Thread, Turn } from './state.ts';

/** What the beginning and the end of a turn change together is one row: each row written is billed. */
export interface Head {
  /** Of its shape: `HEAD_VERSION`. */
  readonly version: number;
  readonly thread: Thread | null;
  readonly conversation: Conversation | null;
  readonly turns: readonly Turn[];
}

export const HEAD = 'head';

/** Raised with each change of the shape; `upgradeHead` takes older ones. */
export const HEAD_VERSION = 2;

/** One row to write; a `null` body deletes it. */
export type Change =
  | { readonly table: 'doc'; readonly key: string; readonly body: unknown }
  | { readonly table: 'entry'; readonly seq: number; readonly body: Entry | null }
  | { readonly table: 'input'; readonly part: EventOf<'requestInput'> }
  /** Deletes all parts of a request's input. */
  | { readonly table: 'inputs'; readonly request: RequestId };

/** Parts of a file lie where the parts of inputs do, under a name that no request of the CLI's has. */
export const FILE_ROWS = 'file/';

export function fileRows(gen: Gen, file: string): RequestId {
  return `${FILE_ROWS}${gen}/${file}` as RequestId;
}
