/** Which bytes are a picture that Discord shows, and which names in a text may be one. Pure. */
import { type Json, records, string } from './json.ts';

const KINDS = [
  { ending: 'png', begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], at: 0 },
  { ending: 'jpg', begins: [0xff, 0xd8, 0xff], at: 0 },
  { ending: 'gif', begins: [0x47, 0x49, 0x46, 0x38], at: 0 },
  { ending: 'webp', begins: [0x57, 0x45, 0x42, 0x50], at: 8 },
] as const;

/** The file name's ending for these bytes; null when they are no picture, whatever the name says. */
export function pictureEnding(data: Uint8Array): string | null {
  const kind = KINDS.find(({ begins, at }) => begins.every((byte, index) => data[at + index] === byte));
  return kind?.ending ?? null;
}

const NAMED = /[^\s"'`()<>[\]{}|;,=*]{1,200}\.(?:png|jpe?g|gif|webp)(?![\w.-])/gi;

/** What comes after it is not read: a command with a file's bytes in it would keep the runner for seconds. Characters. */
const READ_MAX = 64 * 1024;

/** Paths in a text or a command that end like a picture's, without addresses. */
export function pictureNames(text: string): string[] {
  return [...text.slice(0, READ_MAX).matchAll(NAMED)]
    .map(([name]) => name)
    .filter((name) => !name.includes('://'));
}

/** The pictures of a `tool_result`'s content, in base64 as the CLI sends them. */
export function pictureBlocks(content: Json): string[] {
  return records(content, 'content').flatMap((block) => {
    const source = block.source;
    if (string(block, 'type') !== 'image' || typeof source !== 'object' || source === null) return [];
    const data = string(source as Json, 'data');
    return string(source as Json, 'type') === 'base64' && data !== null ? [data] : [];
  });
}
