/**
 * The conversations that Claude itself keeps of a folder, begun in a terminal. Read from the heads and tails of its own files: a title and
 * a time, nothing else.
 */
import { open, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { clip, oneLine } from './line/clip.ts';
import { isRecord, type Json, record, records, string } from './line/json.ts';

/** A conversation of a terminal. */
export interface KeptConversation {
  /** Claude's session id. */
  readonly id: string;
  /** Its title, or how its first prompt begins. One line. */
  readonly title: string;
  /** When something was said in it last. Unix milliseconds. */
  readonly atMs: number;
}

export interface KeptOptions {
  /** The folder, real and absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Those that are left out. */
  readonly without: (id: string) => boolean;
  readonly max: number;
  readonly titleMax: number;
}

/** What is read at the beginning of a file. The first prompt stands behind a few short lines. Bytes. */
const HEAD_BYTES = 64 * 1024;
/** And at its end, where Claude writes the title again from time to time. Bytes. */
const TAIL_BYTES = 16 * 1024;
/** Files whose time is looked at; a folder with more is an archive, of which the first so many by name do. */
const FILES_MAX = 2_000;
/** Files opened for each one that is shown: most that are left out are Heddle's own. */
const LOOKS_PER_RESULT = 8;

const TRANSCRIPT = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;

/** The newest first. A folder or file that cannot be read is as one that is not there. */
export async function keptConversations(options: KeptOptions): Promise<KeptConversation[]> {
  const folder = transcriptFolder(options.cwd, options.env);
  const names = await readdir(folder).catch((): string[] => []);
  const files: {
    readonly id: string;
    readonly path: string;
    readonly atMs: number;
    readonly size: number;
  }[] = [];
  for (const name of names.filter((one) => TRANSCRIPT.test(one)).slice(0, FILES_MAX)) {
    const id = name.slice(0, -'.jsonl'.length);
    if (options.without(id)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true) files.push({ id, path, atMs: Math.round(found.mtimeMs), size: found.size });
  }
  files.sort((a, b) => b.atMs - a.atMs);
  const kept: KeptConversation[] = [];
  for (const { id, path, atMs, size } of files.slice(0, options.max * LOOKS_PER_RESULT)) {
    if (kept.length >= options.max) break;
    const title = await titleOf(path, size, options.cwd).catch(() => null);
    if (title !== null) kept.push({ id, title: clip(oneLine(title), options.titleMax), atMs });
  }
  return kept;
}

/** Claude: `<configuration>/projects/<folder with - for all but letters and digits>`. */
function transcriptFolder(cwd: string, env: KeptOptions['env']): string {
  const config = env.CLAUDE_CONFIG_DIR || join(env.HOME || homedir(), '.claude');
  return join(config, 'projects', cwd.replace(/[^A-Za-z0-9]/g, '-'));
}

/** Null for one that is not of this folder (two folders may share a name there), not of a terminal, or in which nobody asked anything. */
async function titleOf(path: string, size: number, cwd: string): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const head = linesOf(await piece(file, 0, HEAD_BYTES));
    const first = head.find((line) => promptOf(line) !== null);
    if (first === undefined || string(first, 'cwd') !== cwd) return null;
    // Claude: `sdk-…` is what a program had with it, as Heddle does; older versions do not say.
    if (string(first, 'entrypoint')?.startsWith('sdk') === true) return null;
    const tail =
      size > HEAD_BYTES
        ? linesOf(await piece(file, Math.max(HEAD_BYTES, size - TAIL_BYTES), TAIL_BYTES))
        : [];
    const all = [...head, ...tail];
    return named(all, 'custom-title', 'customTitle') ?? named(all, 'ai-title', 'aiTitle') ?? promptOf(first);
  } finally {
    await file.close();
  }
}

async function piece(file: Awaited<ReturnType<typeof open>>, from: number, bytes: number): Promise<string> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, from);
  return buffer.subarray(0, bytesRead).toString('utf8');
}

/** The whole lines of a piece; the first and the last may be cut off, and then are no JSON. */
function linesOf(text: string): Json[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      const value: unknown = JSON.parse(line);
      return isRecord(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function named(lines: readonly Json[], type: string, key: string): string | null {
  const line = lines.findLast(
    (one) => string(one, 'type') === type && (string(one, key) ?? '').trim() !== '',
  );
  return line === undefined ? null : string(line, key);
}

/** What a person wrote; null for what Claude Code itself says to the model. */
function promptOf(line: Json): string | null {
  if (string(line, 'type') !== 'user' || line.isMeta === true || line.isSidechain === true) return null;
  const message = record(line, 'message');
  const text =
    string(message, 'content') ??
    records(message, 'content')
      .map((block) => string(block, 'text') ?? '')
      .find((one) => one.trim() !== '') ??
    '';
  // Claude: slash commands, their output and its own remarks stand in tags.
  return text.trim() === '' || /^\s*(?:<[a-z-]+>|Caveat: |\[Request interrupted)/.test(text) ? null : text;
}
