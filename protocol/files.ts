/** Files that a person attached to a prompt: where they are, and what both ends take. */
import * as v from 'valibot';

/** Of one prompt. Discord: ten a message. */
export const PROMPT_FILES_MAX = 10;
/** One file. What Discord lets a member without Nitro attach. */
export const PROMPT_FILE_MAX_BYTES = 10 * 1024 * 1024;
/** Discord: a file's name; and a signed address is about 250 characters long. */
const NAME_MAX = 260;
const URL_MAX = 2000;

/** Discord's own hosts for what people attach. Nothing is ever fetched from another. */
const HOSTS: ReadonlySet<string> = new Set(['cdn.discordapp.com', 'media.discordapp.net']);
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const PromptFile = v.object({
  url: v.pipe(v.string(), v.maxLength(URL_MAX)),
  /** As its sender called it. Untrusted text. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(NAME_MAX)),
  /** As Discord calls it, without parameters; what the file begins with decides. */
  type: v.pipe(v.string(), v.maxLength(100)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(PROMPT_FILE_MAX_BYTES)),
});
export type PromptFile = v.InferOutput<typeof PromptFile>;

export const PromptFiles = v.pipe(v.array(PromptFile), v.maxLength(PROMPT_FILES_MAX));

/** The address if it is one of Discord's files, else null. `local`: the Discord of this very machine, for development. */
export function fileAddress(text: string, local: boolean): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return null;
  if (url.protocol === 'https:' && url.port === '' && HOSTS.has(url.hostname)) return url;
  return local && url.protocol === 'http:' && LOOPBACK.has(url.hostname) ? url : null;
}
