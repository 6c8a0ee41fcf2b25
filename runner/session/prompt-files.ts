/**
 * Files that people attached to prompts: fetched from Discord, before the prompt is given to Claude. Pictures go with the prompt; what
 * else there is lies in a folder of the session's own, outside of `HEDDLE_HOME`, because Claude may not read anything in that.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileAddress, PROMPT_FILE_MAX_BYTES, type PromptFile } from '../../protocol/files.ts';
import type { Gen, PromptId, ThreadId } from '../../protocol/ids.ts';
import { pictureEnding } from '../claude/line/pictures.ts';
import type { Picture } from '../claude/line/types.ts';
import type { HostPairing } from './host-context.ts';

/** Of one file. Discord's CDN gives 10 MiB in a second or two; a hotel's network does not. */
const FETCH_TIMEOUT_MS = 60_000;
/** Between attempts, when the network or Discord fails for a moment. */
const RETRY_AFTER_MS = [500, 2_000];
/** Claude's API: 5 MB a picture, as base64; and 32 MB a request, in which a conversation has to fit as well. */
const PICTURE_MAX_BYTES = 3_750_000;
const PICTURES_MAX_BYTES = 12_000_000;
const NAME_MAX = 100;
/** File systems: 255 bytes a name; a number may come before it. UTF-8. */
const NAME_MAX_BYTES = 240;

const MEDIA: Readonly<Record<string, Picture['type']>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** A prompt as Claude gets it. */
export interface Given {
  readonly text: string;
  readonly pictures: readonly Picture[];
}

export type Fetched = ({ readonly ok: true } & Given) | { readonly ok: false; readonly words: string };

/** The folder of one thread's conversations; one in it for each gen. */
export function filesFolder(home: string, pairing: HostPairing, thread: ThreadId): string {
  return path.join(`${home}-files`, `${pairing.id}-${thread}`);
}

/** Null: nothing of this conversation is there. */
export function folderOf(home: string, pairing: HostPairing, thread: ThreadId, gen: Gen): string | null {
  const folder = path.join(filesFolder(home, pairing, thread), String(gen));
  return existsSync(folder) ? folder : null;
}

/** Takes away what conversations that are over have left. `gen`: the one that goes on. */
export function dropFolders(home: string, pairing: HostPairing, thread: ThreadId, gen: Gen | null): void {
  const all = filesFolder(home, pairing, thread);
  if (!existsSync(all)) return;
  for (const name of readdirSync(all))
    if (name !== String(gen)) rmSync(path.join(all, name), { recursive: true, force: true });
  if (readdirSync(all).length === 0) rmSync(all, { recursive: true, force: true });
}

export interface Fetching {
  /** Where files that are no pictures go; made when there is one. */
  readonly folder: string;
  /** Discord may be on this machine: Heddle's Worker is, too. */
  readonly local: boolean;
  readonly fetch: typeof fetch;
  readonly wait: (ms: number) => Promise<void>;
}

/** All of them, or the words for why one cannot be had. */
export async function fetchFiles(
  prompt: { readonly id: PromptId; readonly text: string; readonly files: readonly PromptFile[] },
  options: Fetching,
): Promise<Fetched> {
  const pictures: Picture[] = [];
  const lines: string[] = [];
  const names = new Set<string>();
  let room = PICTURES_MAX_BYTES;
  for (const file of prompt.files) {
    const data = await have(file, options);
    if (typeof data === 'string') return { ok: false, words: data };
    const type = MEDIA[pictureEnding(data) ?? ''];
    if (type !== undefined && data.length <= Math.min(PICTURE_MAX_BYTES, room)) {
      room -= data.length;
      pictures.push({ type, base64: Buffer.from(data).toString('base64') });
      continue;
    }
    const at = path.join(options.folder, prompt.id, safeName(file.name, names));
    try {
      mkdirSync(path.dirname(at), { recursive: true, mode: 0o700 });
      writeFileSync(at, data, { mode: 0o600 });
    } catch {
      return { ok: false, words: `The runner could not write ${quoted(file.name)} to its disk.` };
    }
    lines.push(`- ${at} (${data.length} bytes)`);
  }
  const text =
    lines.length === 0 ? prompt.text : `${prompt.text}\n\nAttached to this message:\n${lines.join('\n')}`;
  return { ok: true, text, pictures };
}

/** The bytes, or why they cannot be had. */
async function have(file: PromptFile, options: Fetching): Promise<Uint8Array | string> {
  const name = quoted(file.name);
  const url = fileAddress(file.url, options.local);
  if (url === null) return `${name} is not a file of Discord’s, so it was not fetched.`;
  for (let attempt = 0; ; attempt += 1) {
    const result = await once(url, options.fetch);
    if (result.is === 'data') return result.data;
    if (result.is === 'gone')
      return `Discord no longer gives out ${name}: an address is good for about a day.`;
    if (result.is === 'large') return `${name} is larger than a prompt takes.`;
    const again = result.passes ? RETRY_AFTER_MS[attempt] : undefined;
    if (again === undefined) return `${name} could not be fetched from Discord (${result.words}).`;
    await options.wait(again);
  }
}

type Once =
  | { readonly is: 'data'; readonly data: Uint8Array }
  | { readonly is: 'gone' }
  | { readonly is: 'large' }
  /** `passes`: it may be better in a moment. */
  | { readonly is: 'failed'; readonly passes: boolean; readonly words: string };

async function once(url: URL, send: typeof fetch): Promise<Once> {
  try {
    const response = await send(url, {
      // Wherever it might lead, it is not Discord.
      redirect: 'manual',
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      // Discord: an expired signature is 404, and was 403.
      if ([403, 404, 410].includes(response.status)) return { is: 'gone' };
      const passes = response.status === 429 || response.status >= 500;
      return { is: 'failed', passes, words: `status ${response.status}` };
    }
    return await bytesOf(response);
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return { is: 'failed', passes: true, words: late ? 'it took too long' : 'no connection' };
  }
}

/** Whatever its headers say, no more than the limit is read. */
async function bytesOf(response: Response): Promise<Once> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length > PROMPT_FILE_MAX_BYTES) return { is: 'large' };
    chunks.push(chunk);
  }
  const declared = response.headers.get('content-length');
  if (declared !== null && response.headers.get('content-encoding') === null && Number(declared) !== length)
    return { is: 'failed', passes: true, words: 'it broke off' };
  return { is: 'data', data: Buffer.concat(chunks) };
}

/** One plain name in one folder: no path, nothing hidden, none twice. */
function safeName(name: string, taken: Set<string>): string {
  // The end of a long one is kept: it says what kind of file it is.
  let end = [...name.replace(/[^\p{L}\p{N}._ -]/gu, '_')].slice(-NAME_MAX);
  while (Buffer.byteLength(end.join('')) > NAME_MAX_BYTES) end = end.slice(1);
  const plain =
    end
      .join('')
      .replace(/^[. -]+/, '')
      .trim() || 'file';
  let free = plain;
  for (let n = 2; taken.has(free.toLowerCase()); n += 1) free = `${n}-${plain}`;
  taken.add(free.toLowerCase());
  return free;
}

function quoted(name: string): string {
  return `“${name.slice(0, NAME_MAX)}”`;
}
