/** In the place of `runner/link/socket.ts`: one connection over the model's network. */
import type { Ended } from '../../../runner/link/policy.ts';
import type { LinkTiming } from '../../../runner/link/timing.ts';
import { Connection, type RunnerEvents } from './network.ts';

export class LinkSocket {
  readonly bufferedBytes = 0;
  readonly #connection: Connection;
  readonly #events: RunnerEvents;
  #over = false;

  constructor(url: string, token: string, _timing: LinkTiming, events: RunnerEvents) {
    this.#events = events;
    this.#connection = new Connection(url, token, {
      open: () => {
        if (!this.#over) events.open();
      },
      frame: (data) => {
        if (!this.#over) events.frame(data);
      },
      ended: (ended) => this.#end(ended),
    });
  }

  send(text: string): void {
    if (!this.#over) this.#connection.send(text);
  }

  close(code: number): void {
    if (this.#over) return;
    this.#connection.close(code);
    this.#end({ how: 'closed', code: 1006 });
  }

  terminate(ended: Ended = { how: 'closed', code: 1006 }): void {
    if (this.#over) return;
    this.#connection.abandon();
    this.#end(ended);
  }

  #end(ended: Ended): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.ended(ended, null);
  }
}
