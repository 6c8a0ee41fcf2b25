/** Files that come with a prompt, from a command or a message: what Discord says of them, checked. The runner fetches them, and checks again. */
import {
  fileAddress,
  PROMPT_FILE_MAX_BYTES,
  PROMPT_FILES_MAX,
  type PromptFile,
} from '../../protocol/files.ts';
import { isLoopback } from '../platform/durations.ts';
import { escapeTo } from '../render/text/escape.ts';
import { bytes } from '../render/text/format.ts';

const NAME_MAX = 250;
const NAME_SHOWN = 60;

/** What is asked of a message that is only files. */
export const LOOK = 'Look at what is attached.';

/** What Discord says of an attachment. */
export interface Attached {
  readonly filename: string;
  readonly size: number;
  readonly url: string;
  readonly content_type?: string | null | undefined;
}

export type Files = { readonly files: readonly PromptFile[] } | { readonly refused: string };

export function checkFiles(
  { DISCORD_API_URL }: { readonly DISCORD_API_URL: string },
  attachments: readonly Attached[],
): Files {
  if (attachments.length > PROMPT_FILES_MAX)
    return { refused: `A prompt takes ${PROMPT_FILES_MAX} files at most, so nothing was done.` };
  const files: PromptFile[] = [];
  for (const { filename, size, url, content_type } of attachments) {
    const name = filename.slice(0, NAME_MAX) || 'file';
    const shown = escapeTo(name, NAME_SHOWN);
    if (!Number.isInteger(size) || size < 0 || size > PROMPT_FILE_MAX_BYTES)
      return {
        refused: `**${shown}** is larger than ${bytes(PROMPT_FILE_MAX_BYTES)}, which is what a prompt takes. Nothing was done.`,
      };
    const address = fileAddress(url, isLoopback(DISCORD_API_URL));
    if (address === null) return { refused: `**${shown}** is not a file of Discord’s, so nothing was done.` };
    files.push({ url: address.href, name, type: plainType(content_type ?? ''), bytes: size });
  }
  return { files };
}

/** Without parameters; what is no type is none. */
function plainType(type: string): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,55}/.exec(type)?.[0].toLowerCase() ?? 'application/octet-stream';
}
