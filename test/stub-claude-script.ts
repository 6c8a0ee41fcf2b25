/** Makes a stub CLI with a log of its own in a folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';

/** What a stub process was told, with its Claude session id, and when: milliseconds since the epoch with fractions. */
export type StubEntry = { readonly session: string; readonly pid: number; readonly atMs: number } & (
  | { readonly event: 'start'; readonly resume: boolean; readonly mode: string; readonly cwd: string }
  | { readonly event: 'prompt'; readonly prompt: string; readonly text: string }
  | {
      readonly event: 'asked';
      readonly request: string;
      /** The prompt whose turn asks; null: the turn began by itself. */
      readonly prompt: string | null;
      readonly input: Readonly<Record<string, unknown>>;
    }
  | {
      readonly event: 'decision';
      readonly request: string;
      readonly behavior: string;
      readonly known: boolean;
    }
  | { readonly event: 'result'; readonly prompt: string | null }
  | { readonly event: 'interrupt' }
  | { readonly event: 'end' }
);

export interface StubClaude {
  /** For `--claude`: a script that Node runs. */
  readonly bin: string;
  readonly log: string;
  read(): StubEntry[];
}

export function stubClaude(folder: string): StubClaude {
  const bin = path.join(folder, 'stub-claude.mjs');
  const log = path.join(folder, 'stub-claude.log');
  const source = readFileSync(path.join(import.meta.dirname, 'stub-claude.ts'), 'utf8');
  // As JavaScript it starts in half the time, and tests start hundreds of it.
  const { code } = transformSync(source, { loader: 'ts', target: 'node24' });
  writeFileSync(bin, `process.env.STUB_CLAUDE_LOG = ${JSON.stringify(log)};\n${code}`);
  return {
    bin,
    log,
    read: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line): StubEntry => JSON.parse(line))
        : [],
  };
}
