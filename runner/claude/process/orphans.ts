/** CLI processes that a crashed runner left behind: recorded when they start, ended before their session is resumed. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { descendants, endAll, processInfo } from './tree.ts';

/** What identifies a process beyond its pid, which the system uses again. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it started, in the system's own words: compared, never parsed. */
  readonly started: string;
  readonly command: string;
}

const PS_TIMEOUT_MS = 5_000;
const run = promisify(execFile);

/** Null when there is no such process. */
export async function recordProcess(pid: number): Promise<ProcessRecord | null> {
  const info = await processInfo(pid);
  const command = info === null ? null : await commandOf(pid);
  return info === null || command === null ? null : { pid, started: info.started, command };
}

/**
 * Ends a recorded process and all that it started, if pid, start time and command line all still match. Resolves when
 * they are gone. 'gone': it had ended; tools that it left are ended now. 'other': the pid is somebody else's, nothing is done.
 */
export async function endOrphan(record: ProcessRecord): Promise<'ended' | 'gone' | 'other'> {
  const now = await recordProcess(record.pid);
  const same = now !== null && now.started === record.started && now.command === record.command;
  if (now !== null && !same) return 'other';
  const session = sessionIn(record.command);
  const tree = await descendants(record.pid, session);
  if (now === null) {
    await endAll(tree);
    return 'gone';
  }
  // The CLI first, so that it starts nothing more; then what it started.
  await endAll([{ pid: now.pid, parent: 0, started: now.started }]);
  // What it started between the look and its end is known by its marks.
  await endAll([...tree, ...(await descendants(record.pid, session))]);
  return 'ended';
}

/** The command line names the conversation, and its tools carry that name. */
function sessionIn(command: string): string | null {
  return /--(?:session-id|resume)=([0-9a-f-]{36})/i.exec(command)?.[1] ?? null;
}

async function commandOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux')
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    const { stdout } = await run('/bin/ps', ['-ww', '-p', String(pid), '-o', 'command='], {
      timeout: PS_TIMEOUT_MS,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}
