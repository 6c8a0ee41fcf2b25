import type { UserId } from '../../../protocol/ids.ts';
import type { Clock } from '../world/clock.ts';
import type { MessageRecord } from '../world/model.ts';

/** Discord: with `enforce_nonce` a nonce is looked for in "the past few minutes" of the same author. */
const NONCE_MEMORY_MS = 5 * 60_000;

/** Which messages were made with which nonce, by author. A message that was deleted since is still found. */
export class NonceStore {
  private readonly clock: Clock;
  private readonly seen = new Map<string, MessageRecord>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  find(authorId: UserId, nonce: string | number): MessageRecord | undefined {
    const found = this.seen.get(`${authorId} ${nonce}`);
    return found !== undefined && this.clock.now() - found.createdMs < NONCE_MEMORY_MS ? found : undefined;
  }

  add(message: MessageRecord): void {
    if (message.nonce !== undefined) this.seen.set(`${message.author.id} ${message.nonce}`, message);
  }
}
