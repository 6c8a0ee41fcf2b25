/** What a create sends, and what is left of it when Discord refuses it: first without its files, then in words of ours. */
import type { RESTPostAPIChannelMessageJSONBody } from 'discord-api-types/v10';
import { isLongerThan } from '../../protocol/codec.ts';
import type { PlainSlot, Slot, SlotKey } from '../domain/slot.ts';
import { createBody, FILES_MAX } from './message-body.ts';
import type { RestFile } from './rest-types.ts';

export interface Draft {
  readonly body: RESTPostAPIChannelMessageJSONBody;
  readonly files: readonly RestFile[];
  readonly notes: readonly string[];
  /** Files that belong to it are missing. */
  readonly isBare: boolean;
  /** The body says only that a message is missing. */
  readonly isWords: boolean;
}

/** Discord: 10 MiB a file in a server without boosts. */
const FILE_MAX_BYTES = 10 * 1024 * 1024;

export class Drafts {
  readonly #readFile: (source: string) => string | Uint8Array | null;
  readonly #reduced = new Map<SlotKey, 'bare' | 'words'>();

  constructor(readFile: (source: string) => string | Uint8Array | null) {
    this.#readFile = readFile;
  }

  of(slot: Slot, nonce: string): Draft {
    const reduced = this.#reduced.get(slot.key);
    if (reduced === 'words') {
      const { body } = createBody(missing(slot), nonce);
      return { body, files: [], notes: [], isBare: lacksFiles(slot, 0), isWords: true };
    }
    const whole = createBody(slot, nonce);
    const files: RestFile[] = [];
    if (reduced === undefined)
      for (const file of whole.files) {
        const data = this.#read(file.source);
        if (data !== null) files.push({ name: file.name, data });
      }
    if (files.length === whole.files.length)
      return { body: whole.body, files, notes: whole.notes, isBare: false, isWords: false };
    const { body, notes } = createBody(slot, nonce, true);
    return { body, files: [], notes: [...notes, 'posted without its files'], isBare: true, isWords: false };
  }

  /** Null: it is not there, cannot be read, or is nothing that Discord would take. */
  #read(source: string): string | Uint8Array | null {
    try {
      const data = this.#readFile(source);
      if (data === null) return null;
      const tooLarge =
        typeof data === 'string' ? isLongerThan(data, FILE_MAX_BYTES) : data.length > FILE_MAX_BYTES;
      return tooLarge ? null : data;
    } catch {
      return null;
    }
  }

  /** Discord refuses this one. False when nothing is left to try. */
  reduce(slot: Slot, refused: Draft): boolean {
    if (refused.isWords) return false;
    this.#reduced.set(slot.key, lacksFiles(slot, 0) && !refused.isBare ? 'bare' : 'words');
    return true;
  }

  done(slot: Slot): void {
    this.#reduced.delete(slot.key);
  }
}

/** A message with fewer files than its slot shows no buttons: nobody can read the whole of what they would allow. */
export function lacksFiles(slot: Slot, files: number): boolean {
  return slot.kind === 'plain' && files < Math.min(FILES_MAX, slot.files.length);
}

function missing(slot: Slot): PlainSlot {
  const { key, phase, whenDeleted } = slot;
  const content = '-# Discord refused a message here; its text could not be shown.';
  return { key, phase, whenDeleted, kind: 'plain', content, rows: [], files: [], notify: null };
}
