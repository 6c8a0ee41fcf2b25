/** Files of the project that go to the thread: read once, checked on what was opened, never outside of the project's folder. */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { FILE_MAX_BYTES } from '../../../protocol/limits.ts';

export interface ProjectFile {
  readonly name: string;
  /** Relative to the project. */
  readonly path: string;
  readonly data: Buffer;
  /** Unix milliseconds. */
  readonly changedMs: number;
}

export interface ProjectPlace {
  readonly cwd: string;
  /** Where the runner keeps its keys: never sent, wherever it is. */
  readonly heddleHome: string;
}

/** The file, or why not, in words for Claude. */
export function readProjectFile(
  { cwd, heddleHome }: ProjectPlace,
  path: string,
): { readonly file: ProjectFile } | { readonly why: string } {
  let fd: number | null = null;
  try {
    const root = realpathSync(cwd);
    const real = realpathSync(resolve(root, path));
    if (!isInside(root, real))
      return { why: 'It is outside of the project’s folder; only files in it can be sent.' };
    if (isInside(realOrSame(heddleHome), real)) return { why: 'The runner’s own files cannot be sent.' };
    // What the path was resolved to may have been replaced by a link meanwhile; a pipe would wait for ever.
    fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { why: 'It is not a file.' };
    if (stat.size === 0) return { why: 'It is empty.' };
    if (stat.size > FILE_MAX_BYTES) {
      const most = FILE_MAX_BYTES / 1024 / 1024;
      return { why: `It has ${(stat.size / 1024 / 1024).toFixed(1)} MiB; ${most} MiB can be sent.` };
    }
    const data = readAll(fd, stat.size);
    return { file: { name: basename(real), path: relative(root, real), data, changedMs: stat.mtimeMs } };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { why: code === 'ENOENT' ? 'There is no such file.' : 'It could not be read.' };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** At most `size` bytes: a file that grows is cut where it was. */
function readAll(fd: number, size: number): Buffer {
  const data = Buffer.alloc(size);
  let at = 0;
  while (at < size) {
    const read = readSync(fd, data, at, size - at, at);
    if (read === 0) break;
    at += read;
  }
  return data.subarray(0, at);
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && !inside.startsWith('..') && !isAbsolute(inside);
}

function realOrSame(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
