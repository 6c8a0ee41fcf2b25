import type { GuildId, RunnerId } from '../../../protocol/ids.ts';
import type { ReportReceipt, SessionReport } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { errorName, log } from '../../platform/log.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import type { State } from '../state/state.ts';
import { describe } from '../state/summary.ts';

export interface ReporterOptions {
  readonly state: () => State;
  readonly durations: Durations;
  /** To the Guild. */
  readonly report: (guild: GuildId, report: SessionReport) => Promise<ReportReceipt>;
  /** The Guild has it, and answered what it knows of the runner. */
  readonly reported: (rev: number, runner: RunnerId, receipt: ReportReceipt) => void;
  /** `pump` is to be called again by then. */
  readonly wakeBy: (atMs: number) => void;
}

/** Tells the Guild what its directory and the session card should show, until it has the newest. One report at a time. */
export class Reporter {
  readonly #options: ReporterOptions;
  #running: Promise<void> | null = null;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Resolves when the Guild has the newest, or could not be told for now. Never rejects. */
  pump(): Promise<void> {
    this.#running ??= this.#all().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    const { state, durations, report, reported, wakeBy } = this.#options;
    for (;;) {
      const { thread } = state();
      const summary = describe(state());
      if (thread === null || summary === null || thread.rev <= thread.reportedRev) return;
      if (Date.now() < this.#notBeforeMs) return wakeBy(this.#notBeforeMs);
      const { rev } = thread;
      try {
        const receipt = await report(thread.guild, { thread: thread.thread, gen: summary.gen, rev, summary });
        this.#failures = 0;
        reported(rev, summary.runner, receipt);
      } catch (error) {
        log('session.report.failed', { error: errorName(error) });
        this.#failures += 1;
        this.#notBeforeMs = Date.now() + retryDelayMs(this.#failures, durations);
      }
    }
  }
}
