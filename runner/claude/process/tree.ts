/**
 * A process and all that it started. Claude: its tools run in sessions and process groups of their own, and outlive a
 * CLI that is killed; so they are found by parent, and on Linux also by the marks that the CLI leaves in their environment.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** In the system's own words: with the pid it names one process; compared, never parsed. */
  readonly started: string;
}

/** SIGTERM to SIGKILL, for what is left of a tree. */
const TERM_MS = 1_000;
const POLL_MS = 20;
/** `ps` lists what there is at once; a machine that takes longer is stuck. */
const PS_TIMEOUT_MS = 5_000;
const PS_MAX_BYTES = 16 * 1024 * 1024;

const run = promisify(execFile);

/** All processes that can be seen. */
export function listProcesses(): Promise<ProcessInfo[]> {
  return process.platform === 'linux' ? listProc() : listPs();
}

/** Null when there is no such process. A zombie is none. */
export async function processInfo(pid: number): Promise<ProcessInfo | null> {
  if (process.platform === 'linux') return readStat(String(pid), await bootId());
  return (await listPs()).find((info) => info.pid === pid) ?? null;
}

/** The processes below a pid, and on Linux those that it marked as its own. The pid itself is not among them. */
export async function descendants(pid: number, session: string | null): Promise<ProcessInfo[]> {
  const all = await listProcesses();
  const found = new Map<number, ProcessInfo>();
  const below = [pid];
  for (let parent = below.pop(); parent !== undefined; parent = below.pop()) {
    for (const info of all) {
      if (info.parent !== parent || found.has(info.pid) || info.pid === pid) continue;
      found.set(info.pid, info);
      below.push(info.pid);
    }
  }
  if (process.platform === 'linux' && session !== null) {
    const marks = await Promise.all(all.map((info) => hasMarks(info.pid, pid, session)));
    all.forEach((info, at) => {
      if (marks[at] === true && info.pid !== pid && info.pid !== process.pid) found.set(info.pid, info);
    });
  }
  return [...found.values()];
}

/** Ends these, and only these: a pid that another process has got meanwhile is left alone. Resolves when they are gone. */
export async function endAll(processes: readonly ProcessInfo[]): Promise<void> {
  let left = await living(processes);
  for (const info of left) signal(info.pid, 'SIGTERM');
  for (let waitedMs = 0; left.length > 0 && waitedMs < TERM_MS; waitedMs += POLL_MS) {
    await wait(POLL_MS);
    left = await living(left);
  }
  for (const info of left) signal(info.pid, 'SIGKILL');
  for (let waitedMs = 0; left.length > 0 && waitedMs < TERM_MS; waitedMs += POLL_MS) {
    await wait(POLL_MS);
    left = await living(left);
  }
}

async function living(processes: readonly ProcessInfo[]): Promise<ProcessInfo[]> {
  const now = await Promise.all(processes.map((info) => processInfo(info.pid)));
  return processes.filter((info, at) => now[at]?.started === info.started);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours.
  }
}

let boot: Promise<string> | null = null;
/** Linux counts start times from the boot, so the boot is part of them. */
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  return boot;
}

async function listProc(): Promise<ProcessInfo[]> {
  const [names, bootName] = await Promise.all([readdir('/proc'), bootId()]);
  const infos = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => readStat(name, bootName)),
  );
  return infos.filter((info) => info !== null);
}

/** Linux: `pid (name) state ppid …`, start time in field 22; the name may hold spaces and brackets. */
async function readStat(pid: string, bootName: string): Promise<ProcessInfo | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent] = fields;
    const ticks = fields[19];
    if (state === 'Z' || state === 'X' || parent === undefined || ticks === undefined) return null;
    return { pid: Number(pid), parent: Number(parent), started: `${bootName}/${ticks}` };
  } catch {
    return null;
  }
}

async function hasMarks(pid: number, cli: number, session: string): Promise<boolean> {
  try {
    const environment = `\0${await readFile(`/proc/${pid}/environ`, 'utf8')}\0`;
    return (
      environment.includes(`\0CLAUDE_PID=${cli}\0`) &&
      environment.includes(`\0CLAUDE_CODE_SESSION_ID=${session}\0`)
    );
  } catch {
    // Another user's, or gone.
    return false;
  }
}

async function listPs(): Promise<ProcessInfo[]> {
  const { stdout } = await run('/bin/ps', ['-A', '-o', 'pid=,ppid=,state=,lstart='], {
    env: { ...process.env, LC_ALL: 'C' },
    timeout: PS_TIMEOUT_MS,
    maxBuffer: PS_MAX_BYTES,
  });
  const infos: ProcessInfo[] = [];
  for (const line of stdout.split('\n')) {
    const [, pid, parent, state, started] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || started === undefined) continue;
    if (state?.startsWith('Z')) continue;
    infos.push({ pid: Number(pid), parent: Number(parent), started });
  }
  return infos;
}
