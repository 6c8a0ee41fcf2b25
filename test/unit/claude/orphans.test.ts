import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endOrphan, recordProcess } from '../../../runner/claude/process/orphans.ts';
import { descendants } from '../../../runner/claude/process/tree.ts';
import { lives } from './lives.ts';

/** A process with a child in a session of its own, as the CLI starts its tools. It prints the child's pid. */
const PARENT = `
const { spawn } = require('node:child_process');
const session = process.argv[1].slice('--resume='.length);
const child = spawn('sleep', ['300'], {
  detached: true, stdio: 'ignore',
  env: { ...process.env, CLAUDE_PID: String(process.pid), CLAUDE_CODE_SESSION_ID: session },
});
console.log(child.pid);
process.on('SIGTERM', () => process.exit(143));
setInterval(() => undefined, 1000);
`;

async function family(): Promise<{ parent: ChildProcess; pid: number; tool: number; session: string }> {
  const session = randomUUID();
  const parent = spawn(process.execPath, ['-e', PARENT, '--', `--resume=${session}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout as NonNullable<typeof parent.stdout>, 'data')) as [Buffer];
  const tool = Number(line.toString().trim());
  const pid = parent.pid ?? 0;
  onTestFinished(async () => {
    for (const each of [pid, tool]) if (await lives(each)) process.kill(each, 'SIGKILL');
  });
  return { parent, pid, tool, session };
}

describe('orphans of a crashed runner', () => {
  it('are ended with all that they started', async () => {
    const { pid, tool } = await family();
    const record = await recordProcess(pid);
    expect(record?.command).toContain('--resume=');
    expect(record && (await endOrphan(record))).toBe('ended');
    expect(await lives(tool)).toBe(false);
    expect(await recordProcess(pid)).toBeNull();
    expect(record && (await endOrphan(record))).toBe('gone');
  });

  it('are left alone when start time or command line do not match', async () => {
    const { pid, tool } = await family();
    const record = await recordProcess(pid);
    if (record === null) throw new Error('not recorded');
    expect(await endOrphan({ ...record, started: 'another boot/1' })).toBe('other');
    expect(await endOrphan({ ...record, command: 'another' })).toBe('other');
    expect(await lives(pid)).toBe(true);
    expect(await lives(tool)).toBe(true);
  });

  it('that are gone leave tools, which are found by their marks', async () => {
    const { parent, pid, tool, session } = await family();
    const record = await recordProcess(pid);
    if (record === null) throw new Error('not recorded');
    const exit = once(parent, 'exit');
    process.kill(pid, 'SIGKILL');
    await exit;
    expect(await lives(tool)).toBe(true);
    expect(await descendants(pid, randomUUID())).toEqual([]);
    // Elsewhere a process's environment cannot be read, so nothing says whose the tool was.
    if (process.platform !== 'linux') return;
    expect((await descendants(pid, session)).map((info) => info.pid)).toEqual([tool]);
    expect(await endOrphan(record)).toBe('gone');
    expect(await lives(tool)).toBe(false);
  });

  it('nothing is recorded of a pid that is nobody', async () => {
    expect(await recordProcess(2 ** 22 + 1)).toBeNull();
  });
});
