/** Which message in the channel is the one that a create of unknown outcome made: pure. */
import type { UserId } from '../../protocol/ids.ts';
import { shortHash } from './hash.ts';
import type { RestMessage } from './rest-types.ts';

/** Discord's message type of an ordinary message. */
const ORDINARY = 0;

/**
 * A create in doubt is told by its nonce, and by its text where Discord's list names no nonces. Kept in its row, in place of the hash of
 * what is shown. Discord cuts the white space around a text. Empty: a message without text of its own cannot be told so.
 */
export function fingerprintOf(content: string | undefined): string {
  const text = (content ?? '').trim();
  return text === '' ? '' : shortHash(text);
}

export interface Doubt {
  readonly nonce: string;
  readonly fingerprint: string;
}

/**
 * The message of this create, among those of the channel after it was sent, oldest first.
 *
 * Without nonces it is the ordinary message of ours that no slot has and that has its text. The text may have grown between two tries,
 * so one with another text will do, unless it is that of another create in doubt: two that took each other's would delete and post again.
 */
export function adopt(
  messages: readonly RestMessage[],
  doubt: Doubt,
  others: readonly Doubt[],
  us: { readonly me: UserId | null; readonly isTaken: (message: RestMessage) => boolean },
): RestMessage | undefined {
  const named = messages.find((message) => message.nonce === doubt.nonce);
  if (named !== undefined) return named;
  const nameless = messages.filter(
    (message) =>
      message.nonce === null && message.author === us.me && message.type === ORDINARY && !us.isTaken(message),
  );
  const has = (one: Doubt, message: RestMessage) =>
    one.fingerprint !== '' && one.fingerprint === fingerprintOf(message.content);
  return (
    nameless.find((message) => has(doubt, message)) ??
    nameless.find((message) => !others.some((other) => has(other, message)))
  );
}
