/**
 * The way between runners and objects. Each connection is a TCP one: what arrives arrives in order, until it does not arrive any more.
 * It may be cut, and seen cut by the two ends at different times; it may go silent, with nobody told.
 */
import { PING_INTERVAL_MS, PONG_TIMEOUT_MS, SUBPROTOCOL } from '../../../protocol/limits.ts';
import type { Ended } from '../../../runner/link/policy.ts';
import type { Random } from '../random.ts';
import { type Clock, type Life, lives } from './clock.ts';
import { PlainResponse } from './globals.ts';
import { ObjectSocket } from './object-socket.ts';

export interface Target {
  /** Answers the upgrade. */
  upgrade(request: unknown): Promise<unknown>;
  heard(socket: ObjectSocket, text: string): void;
  closed(socket: ObjectSocket, code: number): void;
}

export interface RunnerEvents {
  open(): void;
  frame(data: string): void;
  ended(ended: Ended, date: string | null): void;
}

export interface NetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly find: (url: string) => Target | null;
  readonly trace: (line: string) => void;
  /** Every frame that leaves an object. */
  readonly onFrame: (text: string, way: 'toRunner' | 'toObject') => void;
}

export class Network {
  readonly connections = new Set<Connection>();
  readonly options: NetworkOptions;
  /** How often a frame comes twice. */
  duplicates = 0;
  readonly latencyMs: readonly [number, number] = [2, 400];
  /** Runners' machines that have no network: until when. */
  readonly downUntilMs = new Map<string, number>();

  constructor(options: NetworkOptions) {
    this.options = options;
  }

  isDown(machine: string): boolean {
    return (this.downUntilMs.get(machine) ?? 0) > this.options.clock.nowMs;
  }

  latency(): number {
    return this.options.random.spread(...this.latencyMs);
  }
}

let network: Network | null = null;
export const setNetwork = (value: Network): void => {
  network = value;
};

/** One connection, from dialling to its end. The runner's `LinkSocket` is a face of it. */
export class Connection {
  readonly machine: string;
  readonly url: string;
  readonly #network: Network;
  readonly #life: Life | null;
  readonly #events: RunnerEvents;
  #socket: ObjectSocket | null = null;
  #target: Target | null = null;
  #state: 'dialling' | 'open' | 'silent' | 'over' = 'dialling';
  /** Nothing overtakes. */
  readonly #arrives = { object: 0, runner: 0 };

  constructor(url: string, token: string, events: RunnerEvents) {
    if (network === null) throw new Error('no run has begun');
    this.#network = network;
    this.#life = lives.getStore() ?? null;
    this.machine = this.#life?.name.split(' ')[0] ?? '';
    this.url = url;
    this.#events = events;
    network.connections.add(this);
    network.options.clock.after(network.latency(), () => void this.#dial(token), null);
  }

  /** From the runner. */
  send(text: string): void {
    this.#life?.check();
    this.#carry('object', text);
  }

  /** The runner ends it; the object hears of it as soon as the way allows. */
  close(code: number): void {
    if (this.#state === 'over') return;
    const heard = this.#state === 'open';
    const silent = this.#state === 'silent';
    this.#trace(`closed by the runner: ${code}`);
    this.#over();
    if (heard) this.#objectHears(code, this.#network.latency());
    if (silent) this.#objectHearsNothing();
  }

  /** Somewhere a cable, a proxy, a router: both ends see it, each in its time. */
  cut(): void {
    if (this.#state === 'over') return;
    this.#trace('cut');
    this.#over();
    this.#runnerHears({ how: 'closed', code: 1006 }, this.#network.latency());
    this.#objectHears(1006, this.#network.options.random.spread(5, 30_000));
  }

  /** Nothing comes through any more. The runner notices by its pings; the object only when it asks, or an hour later. */
  silence(): void {
    const { clock, random } = this.#network.options;
    if (this.#state !== 'open') return;
    this.#trace('goes silent');
    this.#state = 'silent';
    if (this.#socket !== null) this.#socket.heardUntilMs = clock.nowMs;
    const noticedMs = random.int(PONG_TIMEOUT_MS, PING_INTERVAL_MS + PONG_TIMEOUT_MS);
    clock.after(noticedMs, () => this.#noticed(), this.#life);
  }

  /** The runner's process is gone; its kernel closes the socket. */
  abandon(): void {
    if (this.#state === 'over') return;
    this.#trace('is abandoned');
    const silent = this.#state === 'silent';
    this.#over();
    if (silent) this.#objectHearsNothing();
    else this.#objectHears(1006, this.#network.latency());
  }

  #noticed(): void {
    if (this.#state !== 'silent') return;
    this.#over();
    this.#objectHearsNothing();
    this.#events.ended({ how: 'closed', code: 1006 }, null);
  }

  async #dial(token: string): Promise<void> {
    const { options } = this.#network;
    const target = options.find(this.url);
    if (target === null || this.#network.isDown(this.machine) || this.#life?.dead === true)
      return this.#failed({ how: 'closed', code: 1006 });
    const headers = new Headers({
      Upgrade: 'websocket',
      'Sec-WebSocket-Protocol': SUBPROTOCOL,
      Authorization: `Bearer ${token}`,
    });
    let answer: unknown;
    try {
      answer = await target.upgrade({ headers });
    } catch {
      return this.#failed({ how: 'refused', status: 503, error: null, retryAfterMs: null });
    }
    if (!(answer instanceof PlainResponse)) throw new Error('no response');
    const socket = answer.webSocket;
    if (!(socket instanceof ObjectSocket)) {
      const { error } = (await answer.json()) as { error: never };
      return this.#failed({ how: 'refused', status: answer.status, error, retryAfterMs: null });
    }
    this.#target = target;
    this.#socket = socket;
    socket.onSend = (text) => {
      options.onFrame(text, 'toRunner');
      this.#carry('runner', text);
    };
    socket.onClose = (code) => {
      if (this.#state === 'over') return;
      const told = this.#state !== 'silent';
      this.#trace(`closed by the object: ${code}`);
      this.#over();
      if (told) this.#runnerHears({ how: 'closed', code }, this.#network.latency());
      else
        options.clock.after(
          PING_INTERVAL_MS,
          () => this.#events.ended({ how: 'closed', code: 1006 }, null),
          this.#life,
        );
      this.#objectHears(code, this.#network.latency());
    };
    // Superseded, or the runner gave up, while the answer was on its way.
    if (this.#state === 'over') return this.#objectHears(1006, this.#network.latency());
    this.#state = 'open';
    this.#later('runner', () => this.#events.open());
  }

  #failed(ended: Ended): void {
    if (this.#state === 'over') return;
    this.#trace(`failed: ${JSON.stringify(ended)}`);
    this.#over();
    this.#runnerHears(ended, this.#network.latency());
  }

  #carry(to: 'object' | 'runner', text: string): void {
    const { options, duplicates } = this.#network;
    if (to === 'object') options.onFrame(text, 'toObject');
    const twice = options.random.chance(duplicates) && /^\{"t":"(msg|ack)"/.test(text);
    for (let copies = twice ? 2 : 1; copies > 0; copies -= 1) {
      this.#later(to, () => {
        const { runner, socket } = { runner: this.#events, socket: this.#socket };
        if (to === 'runner') runner.frame(text);
        else if (socket !== null) this.#target?.heard(socket, text);
      });
    }
  }

  #later(to: 'object' | 'runner', arrive: () => void): void {
    const { clock } = this.#network.options;
    if (this.#state !== 'open') return;
    const atMs = Math.max(this.#arrives[to], clock.nowMs + this.#network.latency());
    this.#arrives[to] = atMs;
    clock.after(
      atMs - clock.nowMs,
      () => {
        if (this.#state === 'open') arrive();
      },
      to === 'runner' ? this.#life : null,
    );
  }

  #over(): void {
    this.#state = 'over';
    this.#network.connections.delete(this);
  }

  #runnerHears(ended: Ended, afterMs: number): void {
    this.#network.options.clock.after(afterMs, () => this.#events.ended(ended, null), this.#life);
  }

  #objectHears(code: number, afterMs: number): void {
    this.#network.options.clock.after(
      afterMs,
      () => {
        if (this.#socket !== null) this.#target?.closed(this.#socket, code);
      },
      null,
    );
  }

  /** Cloudflare: a half-open socket may look alive for long (workerd#1187). */
  #objectHearsNothing(): void {
    this.#objectHears(1006, this.#network.options.random.spread(1_000, 3_600_000));
  }

  #trace(what: string): void {
    this.#network.options.trace(`${this.machine} ${this.url.replace(/^.*\/runner\//, '')} ${what}`);
  }
}
