/** The WebSocket to the server: opened again whenever it is lost; actions are answered by their number. */
import type { Action, FromPage, Result, ToPage } from '../../wire.ts';

const RETRY_MS = 1_000;
/** Discord gives up on an answer after 3 s; a lost connection is noticed later than that. */
const RESULT_TIMEOUT_MS = 15_000;

export interface ConnectionEvents {
  readonly message: (message: Exclude<ToPage, { type: 'result' }>) => void;
  readonly open: () => void;
  readonly lost: () => void;
}

export class Connection {
  readonly #events: ConnectionEvents;
  readonly #waiting = new Map<number, (result: Result) => void>();
  #socket: WebSocket | null = null;
  #ref = 0;

  constructor(events: ConnectionEvents) {
    this.#events = events;
    this.#open();
  }

  be(member: string): void {
    this.#send({ type: 'be', member });
  }

  /** Never rejects: a lost connection is a result in words. */
  act(action: Action): Promise<Result> {
    const ref = ++this.#ref;
    return new Promise((resolve) => {
      const timer = setTimeout(() => done({ failed: 'The playground did not answer.' }), RESULT_TIMEOUT_MS);
      const done = (result: Result): void => {
        clearTimeout(timer);
        this.#waiting.delete(ref);
        resolve(result);
      };
      this.#waiting.set(ref, done);
      if (!this.#send({ type: 'act', ref, action })) done({ failed: 'The playground is not running.' });
    });
  }

  #send(message: FromPage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #open(): void {
    const socket = new WebSocket(`ws://${location.host}/live`);
    this.#socket = socket;
    socket.addEventListener('open', () => this.#events.open());
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as ToPage;
      if (message.type === 'result') this.#waiting.get(message.ref)?.(message.result);
      else this.#events.message(message);
    });
    socket.addEventListener('close', () => {
      for (const done of this.#waiting.values())
        done({ failed: 'The connection to the playground was lost.' });
      this.#events.lost();
      setTimeout(() => this.#open(), RETRY_MS);
    });
  }
}
