/**
 * The Claude CLI, as the rest of the runner sees it: a process that takes prompts and decisions and gives events.
 * Nothing outside this folder knows a flag, a line or an environment variable of the CLI.
 */

export type { ClaudeOffers } from './line/offers.ts';
export { TIMEOUTS, type Timeouts } from './line/timeouts.ts';
export type { Grant } from './line/types.ts';
export {
  type ClaudeEvent,
  type ClaudeEventOf,
  type ClaudeLive,
  type ClaudeOptions,
  type ClaudeProcess,
  type ClaudeSink,
  ClaudeStartError,
  type Decision,
  type EndReason,
  type ExitInfo,
  type SettingsSources,
  type Started,
  type StartFailure,
  type TuneResult,
  type Tuning,
} from './line/types.ts';
export { type Located, type LocateOptions, locateClaude } from './process/locate.ts';
export { endOrphan, type ProcessRecord, recordProcess } from './process/orphans.ts';
export { settingsSources } from './process/trust.ts';
export { createClaude } from './process.ts';
export { type KeptConversation, type KeptOptions, keptConversations } from './transcripts.ts';
