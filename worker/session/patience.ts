/** What an answer to a person waits for, a moment, because it says more then. */
import type { RunnerId } from '../../protocol/ids.ts';
import type { Durations } from '../platform/durations.ts';
import type { Outcome } from './state/input.ts';

export interface PatienceOf {
  readonly durations: Durations;
  /** Of the conversation that is. */
  readonly runner: () => RunnerId | undefined;
  readonly online: (runner: RunnerId) => boolean;
  /** Reports to the Guild, which says in answer whether the runner is there. */
  readonly report: () => Promise<void>;
}

export class Patience {
  readonly #of: PatienceOf;
  /** Clicks that wait for the runner to say that a decision is delivered. */
  readonly #settling: (() => void)[] = [];

  constructor(of: PatienceOf) {
    this.#of = of;
  }

  async waitFor(answer: Outcome['answer']): Promise<void> {
    const { durations, runner, online, report } = this.#of;
    const id = runner();
    if (id === undefined) return;
    // An idle session does not know whether its runner is there.
    if (answer?.kind === 'asked' && !online(id))
      await Promise.race([report(), scheduler.wait(durations.presenceWaitMs)]);
    // Over a link that is up it takes some milliseconds until Claude has a decision.
    if (answer?.kind === 'decided' && online(id)) {
      const settled = new Promise<void>((resolve) => this.#settling.push(resolve));
      await Promise.race([settled, scheduler.wait(durations.deliveredWaitMs)]);
    }
  }

  /** The runner has said what became of a decision. */
  settled(): void {
    for (const wake of this.#settling.splice(0)) wake();
  }
}
