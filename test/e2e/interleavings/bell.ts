/** Waiting for something to become true: looked at anew whenever the bell rings. */
export class Stuck extends Error {}

/** Far longer than anything here takes; a wait that reaches it hangs. Milliseconds. */
const STUCK_MS = 45_000;

export class Bell {
  readonly #looks = new Set<() => void>();
  readonly #stuckMs: number;
  #rung = false;

  constructor(stuckMs: number = STUCK_MS) {
    this.#stuckMs = stuckMs;
  }

  /** Something changed. Those who wait look once, after the change is complete. */
  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    queueMicrotask(() => {
      this.#rung = false;
      for (const look of [...this.#looks]) look();
    });
  }

  /** Rejects with Stuck when it hangs; `what` says then what did not come. */
  until(holds: () => boolean, what: () => string): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#looks.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#looks.delete(look);
        reject(new Stuck(`it hangs: ${what()}`));
      }, this.#stuckMs);
      this.#looks.add(look);
    });
  }
}
