/** Who waits for the end of which turn. */
import type { TurnId } from '../../../protocol/ids.ts';

export class TurnWaiters {
  readonly #waiting = new Map<TurnId, (() => void)[]>();

  over(turn: TurnId): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(turn, [...(this.#waiting.get(turn) ?? []), resolve]);
    });
  }

  ended(turn: TurnId): void {
    for (const resolve of this.#waiting.get(turn) ?? []) resolve();
    this.#waiting.delete(turn);
  }
}
