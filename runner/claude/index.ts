/**
 * The Claude CLI, as the rest of the runner sees it: a process that takes prompts and decisions and gives events.
 * Nothing outside this folder knows a flag, a line or an environment variable of the CLI.
 */
export type { Grant } from './granting.ts';
export { type Located, type LocateOptions, locateClaude } from './locate.ts';
export type { ClaudeOffers } from './offers.ts';
export { endOrphan, type ProcessRecord, recordProcess } from './orphans.ts';
export { createClaude } from './process.ts';
export { TIMEOUTS, type Timeouts } from './timeouts.ts';
export { type KeptConversation, type KeptOptions, keptConversations } from './transcripts.ts';
export { settingsSources } from './trust.ts';
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
} from './types.ts';
