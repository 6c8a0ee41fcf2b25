/** `npm start` follows what is saved: once for many files, again after a failure, never after the end. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reloadOnSave } from '../../../playground/start/reload.ts';

let root = '';
let ending = new AbortController();
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heddle-reload-'));
  mkdirSync(join(root, 'worker/session'), { recursive: true });
  ending = new AbortController();
});
afterEach(() => {
  ending.abort();
  rmSync(root, { recursive: true });
});

function watched(reload: () => Promise<void>) {
  const lines: string[] = [];
  reloadOnSave(
    { name: 'Worker', folders: ['worker'], reload },
    { root, print: (line) => lines.push(line), ending: ending.signal },
  );
  return { lines, save: (name: string) => writeFileSync(join(root, 'worker', name), String(Math.random())) };
}

describe('a save', () => {
  it('in a folder below reloads once, however many files it writes', async () => {
    const reload = vi.fn(async () => {});
    const { lines, save } = watched(reload);
    for (const name of ['a.ts', 'session/b.ts', 'session/c.ts']) save(name);
    await vi.waitFor(() => expect(lines).toEqual(['Worker: reloaded.']), 10_000);
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('that does not compile leaves what ran before, says why, and the next one reloads', async () => {
    const reload = vi.fn(async () => {}).mockRejectedValueOnce(new Error('worker/a.ts:1: expected ";"'));
    const { lines, save } = watched(reload);
    save('a.ts');
    const failed = 'Worker: not reloaded, the one before goes on. worker/a.ts:1: expected ";"';
    await vi.waitFor(() => expect(lines).toEqual([failed]), 10_000);
    save('a.ts');
    await vi.waitFor(() => expect(lines).toEqual([failed, 'Worker: reloaded.']), 10_000);
  });

  it('during a reload makes one more, after it', async () => {
    let running = 0;
    let most = 0;
    const finish: (() => void)[] = [];
    const { lines, save } = watched(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => finish.push(resolve));
      running--;
    });
    save('a.ts');
    await vi.waitFor(() => expect(finish).toHaveLength(1), 10_000);
    save('b.ts');
    // The second one has been asked for when the watcher is quiet again; it may not have begun.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(finish).toHaveLength(1);
    finish[0]?.();
    await vi.waitFor(() => expect(finish).toHaveLength(2), 10_000);
    finish[1]?.();
    await vi.waitFor(() => expect(lines).toHaveLength(2), 10_000);
    expect(most).toBe(1);
  });
});
