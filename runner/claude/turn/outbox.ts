/** The files of one turn on their way to the thread: named, counted, cut into parts. */
import { createHash } from 'node:crypto';
import type { TurnId } from '../../../protocol/ids.ts';
import {
  FILE_MAX_BYTES,
  FILE_PART_BYTES,
  FILES_A_TURN_MAX,
  TOOL_SUMMARY_MAX,
} from '../../../protocol/limits.ts';
import { clip, oneLine } from '../line/clip.ts';
import type { ClaudeEvent, ClaudeEventOf } from '../line/types.ts';

const NAME_MAX = 100;

export interface Outgoing {
  readonly what: ClaudeEventOf<'file'>['what'];
  readonly name: string;
  readonly data: Uint8Array;
  readonly caption: string;
}

export class Outbox {
  readonly #turn: TurnId;
  readonly #emit: (event: ClaudeEvent) => void;
  readonly #sent = new Set<string>();
  #count = 0;

  constructor(turn: TurnId, emit: (event: ClaudeEvent) => void) {
    this.#turn = turn;
    this.#emit = emit;
  }

  get full(): boolean {
    return this.#count >= FILES_A_TURN_MAX;
  }

  /** False: it is empty, too large, or one of too many. The same bytes again count as sent. */
  send({ what, name, data, caption }: Outgoing): boolean {
    if (data.length === 0 || data.length > FILE_MAX_BYTES) return false;
    const hash = createHash('sha256').update(data).digest('base64');
    if (this.#sent.has(hash)) return true;
    if (this.full) return false;
    this.#sent.add(hash);
    const file = `${this.#turn}-${this.#count}`;
    this.#count += 1;
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const parts = Math.ceil(bytes.length / FILE_PART_BYTES);
    for (let part = 0; part < parts; part++) {
      const base64 = bytes.subarray(part * FILE_PART_BYTES, (part + 1) * FILE_PART_BYTES).toString('base64');
      this.#emit({ kind: 'filePart', file, part, base64 });
    }
    this.#emit({
      kind: 'file',
      turn: this.#turn,
      file,
      what,
      name: fileName(name),
      bytes: bytes.length,
      parts,
      caption: clip(oneLine(caption), TOOL_SUMMARY_MAX),
    });
    return true;
  }
}

/** Discord keeps letters, digits, `-`, `_` and `.` of a name. */
export function fileName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '');
  if (plain.length <= NAME_MAX) return plain === '' ? 'file' : plain;
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(plain)?.[0] ?? '';
  return plain.slice(0, NAME_MAX - ending.length) + ending;
}
