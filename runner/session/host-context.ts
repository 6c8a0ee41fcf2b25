/** What all session hosts of a runner share. */

import type { PermissionMode } from '../../protocol/configure.ts';
import type { ClaudeSessionId, ProjectName } from '../../protocol/ids.ts';
import type { Log } from '../base/log.ts';
import type { ClaudeOffers } from '../claude/line/offers.ts';
import type { ClaudeOptions, ClaudeProcess, ClaudeSink, SettingsSources } from '../claude/line/types.ts';
import type { ProcessRecord } from '../claude/process/orphans.ts';
import type { Home } from '../home/home.ts';
import type { Pairing, PairingId } from '../home/pairings.ts';
import type { Settings } from '../home/settings.ts';
import type { Journal } from '../journal/journal.ts';
import type { ProcessPool } from './process-pool.ts';
import type { Timings } from './timings.ts';

/** The CLI as the hosts use it; `claude-port.ts` has the real one. */
export interface ClaudePort {
  /** The executable, looked for again from time to time: it is updated while the runner runs. */
  locate(): Promise<
    | { readonly ok: true; readonly bin: string; readonly version: string }
    | { readonly ok: false; readonly words: string }
  >;
  create(options: StartOptions, sink: ClaudeSink): ClaudeProcess;
  settingsSources(cwd: string): Promise<SettingsSources>;
  record(pid: number): Promise<ProcessRecord | null>;
  endOrphan(record: ProcessRecord): Promise<void>;
}

export type StartOptions = Pick<
  ClaudeOptions,
  | 'bin'
  | 'version'
  | 'cwd'
  | 'addFolder'
  | 'claudeSession'
  | 'resume'
  | 'forkOf'
  | 'forkAt'
  | 'allowed'
  | 'settings'
  | 'modes'
  | 'model'
  | 'effort'
  | 'process'
> & { readonly mode: PermissionMode };

export interface HostContext {
  readonly home: Home;
  readonly journal: Journal;
  readonly pool: ProcessPool;
  readonly claude: ClaudePort;
  readonly settings: () => Settings;
  readonly log: Log;
  readonly timings: Timings;
  /** For files of prompts; this Node's own when left out. */
  readonly fetch?: typeof fetch;
  /** A process of this project has said what it offers. */
  readonly offered?: (project: ProjectName, offers: ClaudeOffers) => void;
  /** The journal cannot be written: nothing may go on, because nothing could be kept. */
  readonly fatal: (error: unknown) => void;
  /** Claude conversations whose process has not gone yet: the next one waits for it. */
  readonly exits: Map<ClaudeSessionId, Promise<void>>;
}

/** The pairing as a host needs it. */
export interface HostPairing {
  readonly id: PairingId;
  readonly guild: Pairing['guild'];
  readonly owner: Pairing['owner'];
  /** Where its Worker is; absent: not on this machine. */
  readonly origin?: Pairing['origin'];
}
