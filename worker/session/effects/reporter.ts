import type { GuildId, RunnerId } from '../../../protocol/ids.ts';
import type { ReportReceipt, SessionReport } from '../../domain/contract.ts';
import type { Durations } from '../../platform/durations.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { SideWork } from '../../platform/side-work.ts';
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

/** Tells the Guild what its directory and the session card should show, until it has the newest. */
export function reporter({ state, durations, report, reported, wakeBy }: ReporterOptions): SideWork<unknown> {
  return new SideWork({
    name: 'report',
    look: () => {
      const { thread } = state();
      const summary = thread === null || thread.rev <= thread.reportedRev ? null : describe(state());
      return thread === null || summary === null ? null : { thread, summary };
    },
    deed: async ({ thread: { guild, thread, rev }, summary }) => {
      const receipt = await report(guild, { thread, gen: summary.gen, rev, summary });
      reported(rev, summary.runner, receipt);
      return 'more';
    },
    pace: (failures) => retryDelayMs(failures, durations),
    wakeBy,
  });
}
