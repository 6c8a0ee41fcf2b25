/** What Claude's permission modes do, for those who choose one. */
import type { PermissionMode } from '../../../protocol/configure.ts';

/** At most 80 characters: with its name it is a choice (Discord: 100). */
export const MODE_WORDS: Readonly<Record<PermissionMode, string>> = {
  default: 'asks before it edits, runs or fetches anything',
  plan: 'reads and makes a plan; changes nothing until you approve it',
  acceptEdits: 'edits in the project are allowed; commands are asked',
  auto: 'Claude’s own classifier decides what must be asked',
  dontAsk: 'what is not allowed already is denied without asking',
  bypassPermissions: 'nothing is asked; only for a machine that can be thrown away',
};
