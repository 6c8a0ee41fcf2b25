/** The real Claude CLI behind the hosts' port: where it is, and what the owner's environment gives it. */

import { errorName } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { Timeouts } from '../claude/line/timeouts.ts';
import { type Located, type LocateOptions, locateClaude } from '../claude/process/locate.ts';
import { endOrphan, recordProcess } from '../claude/process/orphans.ts';
import { settingsSources } from '../claude/process/trust.ts';
import { createClaude } from '../claude/process.ts';
import { type KeptConversation, type KeptOptions, keptConversations } from '../claude/transcripts.ts';
import type { Home } from '../home/home.ts';
import type { ClaudePort } from './host-context.ts';

/** Looking costs a start of the CLI, about 0.1 s; an update of it is noticed after this at the latest. */
const LOCATED_FRESH_MS = 5 * 60_000;

export interface ClaudePortOptions {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  /** `--claude PATH`, or the settings' own. */
  readonly flag: () => string | undefined;
  readonly timeouts?: Partial<Timeouts>;
}

export interface RealClaude extends ClaudePort {
  /** As `locateClaude`, remembered for a while when it was found. */
  located(): Promise<Located>;
  /** What Claude keeps of a folder. */
  kept(options: Omit<KeptOptions, 'env'>): Promise<KeptConversation[]>;
}

export function realClaude(options: ClaudePortOptions): RealClaude {
  const { home, env, log, timeouts } = options;
  let known: { readonly flag: string | undefined; readonly located: Located; readonly atMs: number } | null =
    null;
  const located = async (): Promise<Located> => {
    const flag = options.flag();
    const last: typeof known = known;
    const fresh = last !== null && performance.now() - last.atMs < LOCATED_FRESH_MS;
    if (last !== null && fresh && last.flag === flag && last.located.found) return last.located;
    const found = await look({ env, ...(flag === undefined ? {} : { flag }) });
    known = { flag, located: found, atMs: performance.now() };
    return found;
  };
  return {
    located,
    kept: (kept) => keptConversations({ ...kept, env }),
    async locate() {
      const found = await located();
      return found.found
        ? { ok: true, bin: found.bin, version: found.version }
        : { ok: false, words: found.words };
    },
    create: (start, sink) =>
      createClaude(
        {
          ...start,
          heddleHome: home.path,
          env,
          ...(timeouts === undefined ? {} : { timeouts }),
          ...(log === undefined ? {} : { log }),
        },
        sink,
      ),
    settingsSources: (cwd) => settingsSources(cwd, env),
    record: recordProcess,
    async endOrphan(record) {
      await endOrphan(record);
    },
  };
}

async function look(options: LocateOptions): Promise<Located> {
  try {
    return await locateClaude(options);
  } catch (error) {
    return {
      found: false,
      code: 'broken',
      words: `The runner could not look for Claude (${errorName(error)}).`,
    };
  }
}
