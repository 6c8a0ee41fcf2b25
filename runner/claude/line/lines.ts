/**
 * Splits the CLI's stdout into lines. Only `\n` ends a line: text in it contains raw U+2028, U+2029 and U+0085, on which
 * Node's `readline` would break. Bytes are decoded a line at a time, so a character cut by a chunk stays whole.
 */

/**
 * A longer line is dropped. Claude: the largest lines are a Write's input and an Edit's whole old file, 3 MB and more;
 * this leaves room for twenty of those. Reading one takes a few times its size, and other sessions live in the same memory.
 */
export const LINE_MAX_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false });
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #dropping = false;

  constructor(onLine: (line: string) => void, onTooLong: () => void, maxBytes = LINE_MAX_BYTES) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      this.#endLine();
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** The stream is over: what has no newline is a line too. */
  end(): void {
    if (this.#bytes > 0 || this.#dropping) this.#endLine();
  }

  #keep(part: Uint8Array): void {
    if (this.#dropping || part.length === 0) return;
    if (this.#bytes + part.length > this.#maxBytes) {
      this.#dropping = true;
      this.#parts = [];
      this.#bytes = 0;
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  #endLine(): void {
    const parts = this.#parts;
    const only = parts.length === 1 ? parts[0] : undefined;
    const dropped = this.#dropping;
    this.#parts = [];
    this.#bytes = 0;
    this.#dropping = false;
    if (dropped) this.#onTooLong();
    else if (parts.length > 0) this.#onLine(this.#decoder.decode(only ?? Buffer.concat(parts)));
  }
}
