import { PING_INTERVAL_MS } from '../../../protocol/limits.ts';

/** The object's end of a WebSocket, with hibernation: it and what is attached to it outlive the object's memory. */
export class ObjectSocket {
  static readonly CLOSED = 3;
  readyState = 1;
  tags: readonly string[] = [];
  accepted = false;
  /** Until then the platform has answered pings on it. */
  heardUntilMs: number | null = null;
  openedMs = 0;
  /** What the network does with what this end says. */
  onSend: (text: string) => void = () => {};
  onClose: (code: number) => void = () => {};
  #attachment: string | null = null;

  send(text: string): void {
    if (this.readyState !== 1) throw new TypeError('WebSocket is closed');
    this.onSend(text);
  }

  close(code = 1005): void {
    if (this.readyState !== 1) return;
    this.readyState = 2;
    this.onClose(code);
  }

  /** When the platform last answered a ping on it; null: not yet. */
  pingedMs(nowMs: number): number | null {
    const untilMs = Math.min(nowMs, this.heardUntilMs ?? Number.POSITIVE_INFINITY);
    const pings = Math.floor((untilMs - this.openedMs) / PING_INTERVAL_MS);
    return pings < 1 ? null : this.openedMs + pings * PING_INTERVAL_MS;
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
  }

  deserializeAttachment(): unknown {
    return this.#attachment === null ? null : JSON.parse(this.#attachment);
  }
}
