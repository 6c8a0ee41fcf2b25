/** What the code under test takes from the platform, replaced by the run's own: time, chance, the network, Response. */
import type { Random } from '../random.ts';
import { type Clock, lives } from './clock.ts';
import { ObjectSocket } from './object-socket.ts';

export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  /** Discord. */
  fetch(url: string, init: RequestInit): Promise<unknown>;
  /** A line of the Worker's log. */
  log(line: string): void;
}

let current: Platform | null = null;
export const setPlatform = (platform: Platform): void => {
  current = platform;
};

function platform(): Platform {
  if (current === null) throw new Error('no run has begun');
  return current;
}

class Handle {
  cancel: () => void;
  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** A Response as workerd has it (101 with a socket), and without streams, whose reading takes real time. */
class PlainResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly webSocket: unknown;
  readonly #body: string;

  constructor(
    body: string | null,
    init: { status?: number; headers?: Record<string, string>; webSocket?: unknown } = {},
  ) {
    this.#body = body ?? '';
    this.status = init.status ?? 200;
    this.headers = new Headers(init.headers);
    this.webSocket = init.webSocket ?? null;
  }

  static json(
    body: unknown,
    init: { status?: number; headers?: Record<string, string> } = {},
  ): PlainResponse {
    return new PlainResponse(JSON.stringify(body), init);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#body);
  }

  json(): Promise<unknown> {
    return Promise.resolve(JSON.parse(this.#body));
  }
}

export { PlainResponse };

class PlainBlob {
  readonly parts: readonly unknown[];
  constructor(parts: readonly unknown[]) {
    this.parts = parts;
  }
}

/** `DiscordRest` sends files in one; reading a real one takes real time. */
export class PlainForm {
  readonly fields: { readonly name: string; readonly value: unknown }[] = [];
  append(name: string, value: unknown): void {
    this.fields.push({ name, value });
  }
  text(name: string): string {
    const value = this.fields.find((field) => field.name === name)?.value;
    return value instanceof PlainBlob ? String(value.parts[0]) : '';
  }
}

/** Both ends are the one socket; the network has the other. */
class Pair {
  readonly 0: ObjectSocket;
  readonly 1: ObjectSocket;
  constructor() {
    this[0] = this[1] = new ObjectSocket();
  }
}

class AutoResponse {
  readonly request: string;
  readonly response: string;
  constructor(request: string, response: string) {
    this.request = request;
    this.response = response;
  }
}

/** Once a process, before any code under test is loaded. */
export function replaceGlobals(): void {
  const set = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  const later = (fire: () => void, ms = 0): Handle => new Handle(platform().clock.after(ms, fire));
  set('setTimeout', (fire: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    later(() => fire(...args), ms),
  );
  set('setInterval', (fire: () => void, ms = 0) => {
    const handle: Handle = later(function again() {
      handle.cancel = later(again, ms).cancel;
      fire();
    }, ms);
    return handle;
  });
  const clear = (handle: unknown): void => {
    if (handle instanceof Handle) handle.cancel();
  };
  set('clearTimeout', clear);
  set('clearInterval', clear);
  set('scheduler', { wait: (ms: number) => platform().clock.wait(ms) });
  set('fetch', (url: string, init: RequestInit) => platform().fetch(url, init));
  set('Response', PlainResponse);
  set('Blob', PlainBlob);
  set('FormData', PlainForm);
  set('WebSocketPair', Pair);
  set('WebSocketRequestResponsePair', AutoResponse);
  Date.now = () => platform().clock.nowMs;
  Math.random = () => platform().random.next();
  crypto.randomUUID = () => platform().random.uuid();
  console.log = (line: unknown) => platform().log(`${lives.getStore()?.name ?? ''} ${String(line)}`);
}
