/** Control requests to the CLI. Each has a time limit: Claude: older CLIs never answer what they do not know. */
import type { Json } from './json.ts';
import type { Line } from './wire.ts';

export type ControlReply =
  | { readonly ok: true; readonly response: Json }
  | { readonly ok: false; readonly why: 'error' | 'timeout' | 'gone'; readonly words: string };

export class Control {
  readonly #write: (line: Json) => void;
  readonly #pending = new Map<string, (reply: ControlReply) => void>();
  #count = 0;

  constructor(write: (line: Json) => void) {
    this.#write = write;
  }

  request(request: Json, timeoutMs: number): Promise<ControlReply> {
    this.#count += 1;
    const id = `heddle-${this.#count}`;
    return new Promise((resolve) => {
      const settle = (reply: ControlReply) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        resolve(reply);
      };
      const words = `Claude did not answer within ${Math.round(timeoutMs / 1000)} s.`;
      const timer = setTimeout(() => settle({ ok: false, why: 'timeout', words }), timeoutMs);
      this.#pending.set(id, settle);
      this.#write({ type: 'control_request', request_id: id, request });
    });
  }

  /** An answer to something that nobody waits for is dropped. */
  replied(line: Extract<Line, { type: 'controlResponse' }>): void {
    const settle = this.#pending.get(line.request);
    if (line.ok) settle?.({ ok: true, response: line.response });
    else settle?.({ ok: false, why: 'error', words: line.error });
  }

  /** The process is gone. */
  close(): void {
    for (const settle of [...this.#pending.values()])
      settle({ ok: false, why: 'gone', words: 'Claude is gone.' });
  }
}
