/** What a turn puts into the thread as files: pictures, what `send_file` hands over, long texts and long diffs. */

import type { TurnId } from '../../../protocol/ids.ts';
import { FILE_MAX_BYTES, LONG_TEXT_CHARS } from '../../../protocol/limits.ts';
import { pictureEnding, pictureNames } from '../line/pictures.ts';
import type { ClaudeEvent } from '../line/types.ts';
import type { EditDiff } from '../tools/diffs.ts';
import { Outbox } from './outbox.ts';
import type { ProjectFile } from './project-files.ts';

/** More names than these are a listing, and no pictures to look at. */
const NAMED_MAX = 20;
/** Of a turn's long diffs together, in characters: an edit that would go beyond it is named and left out. */
const CHANGES_MAX_CHARS = 1024 * 1024;
/** A file system that keeps whole seconds. */
const CHANGED_SLACK_MS = 2_000;

export interface TurnFilesDeps {
  readonly emit: (event: ClaudeEvent) => void;
  /** Reads a file of the project, or says why not. */
  readonly readFile: (path: string) => { readonly file: ProjectFile } | { readonly why: string };
  /** The path as the thread shows it. */
  readonly short: (path: string) => string;
  /** When the turn began, Unix milliseconds. */
  readonly beganAtMs: number;
}

export class TurnFiles {
  readonly #deps: TurnFilesDeps;
  readonly #outbox: Outbox;
  readonly #named = new Set<string>();
  #changes = '';
  #pictures = 0;

  constructor(turn: TurnId, deps: TurnFilesDeps) {
    this.#deps = deps;
    this.#outbox = new Outbox(turn, deps.emit);
  }

  /** Something that Claude said or ran: it may name a picture that is being made. */
  mentioned(text: string): void {
    for (const name of pictureNames(text)) if (this.#named.size < NAMED_MAX) this.#named.add(name);
  }

  said(text: string): void {
    this.mentioned(text);
    if (text.length < LONG_TEXT_CHARS) return;
    this.#outbox.send({ what: 'answer', name: 'answer.md', data: Buffer.from(text), caption: '' });
  }

  edited({ path, whole }: EditDiff): void {
    if (whole === null) return;
    const name = this.#deps.short(path);
    const text = `--- a/${name}\n+++ b/${name}\n${whole}\n`;
    this.#changes +=
      this.#changes.length + text.length > CHANGES_MAX_CHARS
        ? `# ${name}: too large to be shown here\n`
        : text;
  }

  /** Pictures of a tool's result. Claude may have scaled them; they are what it saw. */
  seen(pictures: readonly string[], caption: string): void {
    for (const base64 of pictures) {
      if (base64.length > FILE_MAX_BYTES * 1.4) continue;
      const data = Buffer.from(base64, 'base64');
      const ending = pictureEnding(data);
      if (ending === null) continue;
      this.#pictures += 1;
      this.#outbox.send({ what: 'picture', name: `picture-${this.#pictures}.${ending}`, data, caption });
    }
  }

  /** Null when the file is on its way to the thread, else why not. */
  hand(path: string, caption: string): string | null {
    const read = this.#deps.readFile(path);
    if ('why' in read) return read.why;
    const { name, data } = read.file;
    const sent = this.#outbox.send({ what: 'handed', name, data, caption });
    return sent ? null : 'Too many files were sent in this turn already.';
  }

  /** Before the end of the turn. */
  end(): void {
    for (const name of this.#named) this.#made(name);
    if (this.#changes !== '')
      this.#outbox.send({
        what: 'changes',
        name: 'changes.diff',
        data: Buffer.from(this.#changes),
        caption: '',
      });
  }

  /** A picture of the project that changed while the turn ran. */
  #made(name: string): void {
    const read = this.#deps.readFile(name);
    if ('why' in read) return;
    const { file } = read;
    if (file.changedMs < this.#deps.beganAtMs - CHANGED_SLACK_MS || pictureEnding(file.data) === null) return;
    this.#outbox.send({ what: 'picture', name: file.name, data: file.data, caption: file.path });
  }
}
