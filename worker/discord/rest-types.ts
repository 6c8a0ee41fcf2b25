/** What `DiscordRest` takes and gives. Discord's own JSON types are imported as types only. */
import type { MessageId, UserId } from '../../protocol/ids.ts';
import type { BucketInfo } from './buckets.ts';
import type { DiscordError } from './errors.ts';

/** `bucket` is what the answer's rate limit headers said; null when there was no answer or it had none. */
export type RestResult<T> =
  | { readonly ok: true; readonly value: T; readonly bucket: BucketInfo | null }
  | { readonly ok: false; readonly error: DiscordError; readonly bucket: BucketInfo | null };

/** A file of a create. Its name holds letters, digits, `-`, `_` and `.` only. */
export interface RestFile {
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** What Heddle reads of a message. */
export interface RestMessage {
  readonly id: MessageId;
  readonly author: UserId | null;
  /** Null when Discord does not give it. */
  readonly nonce: string | null;
  /** Discord's message type; 0 is an ordinary message. */
  readonly type: number;
  readonly content: string;
  /** How many files are attached. */
  readonly files: number;
}

/** What Heddle reads of a channel or thread. */
export interface RestChannel {
  readonly id: string;
  readonly type: number;
  readonly parent: string | null;
  readonly name: string | null;
  readonly archived: boolean;
  readonly locked: boolean;
}
