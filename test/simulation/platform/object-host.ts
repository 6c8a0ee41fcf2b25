/** One Durable Object on its platform: built when something needs it, forgotten when the platform likes. */
import type { Random } from '../random.ts';
import { type Clock, Life } from './clock.ts';
import { ObjectSocket } from './object-socket.ts';
import { SimStorage, StorageFailure } from './storage.ts';

export interface Instance {
  fetch(request: unknown): Promise<unknown>;
  alarm(): Promise<void>;
  webSocketMessage(ws: unknown, data: string): void;
  webSocketClose(ws: unknown, code: number, reason: string): void;
}

/** What a caller sees of a call that a reset broke. */
export class Reset extends Error {
  override readonly name = 'Reset';
}

/** Cloudflare: an alarm that throws is repeated after 2 s, 4 s, …, six times. */
const ALARM_RETRIES = 6;
const ALARM_RETRY_MS = 2_000;
export const RINGS_KEPT = 20;

export interface HostOptions<T extends Instance> {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly build: (ctx: object) => T;
  /** How often an alarm is late, rings twice, is lost. */
  readonly alarms: () => { readonly late: number; readonly twice: number; readonly lost: number };
  readonly trace: (line: string) => void;
  /** Runs the handler of a socket's end. */
  readonly aroundClose: (handle: () => void) => void;
}

export class ObjectHost<T extends Instance> {
  readonly storage: SimStorage;
  readonly sockets = new Set<ObjectSocket>();
  readonly #options: HostOptions<T>;
  #life: Life;
  #instance: T | null = null;
  /** What came while `blockConcurrencyWhile` ran. */
  #gate: ((object: T) => void)[] | null = null;
  readonly #breaks = new Set<(error: Error) => void>();
  /** `alarm()` runs: what is due is being done. */
  ringing = false;
  #retriesAtMs: number | null = null;

  requests = 0;
  /** When it rang last. */
  readonly rings: number[] = [];

  constructor(options: HostOptions<T>) {
    this.#options = options;
    this.#life = new Life(options.name);
    this.storage = new SimStorage((atMs) => this.#expectAlarm(atMs));
  }

  get life(): Life {
    return this.#life;
  }

  /** Nothing of it is only in memory but what it may lose. */
  get idle(): boolean {
    return this.#breaks.size === 0 && this.#life.pending === 0;
  }

  /** Calls a method. Rejects with `Reset` if the object is reset before it has answered. */
  rpc<R>(call: (object: T) => Promise<R>): Promise<R> {
    this.requests += 1;
    return new Promise((resolve, reject) => {
      const life = this.#life;
      this.#breaks.add(reject);
      const done = (finish: () => void) => {
        if (life.dead) return;
        this.#breaks.delete(reject);
        finish();
      };
      this.enter((object) => {
        call(object).then(
          (value) => done(() => resolve(value)),
          (error) => done(() => reject(error)),
        );
      });
    });
  }

  /** Runs a handler in the object's present life, built if need be. */
  enter(run: (object: T) => void): void {
    const life = this.#life;
    this.#options.clock.enter(life, () => {
      this.#instance ??= this.#options.build(this.#context(life));
      if (this.#gate === null) run(this.#instance);
      else this.#gate.push(run);
    });
  }

  /** Nothing else happens in the object until `run` is through. */
  async #blocked<R>(life: Life, run: () => Promise<R>): Promise<R> {
    const waiting: ((object: T) => void)[] = [];
    this.#gate = waiting;
    try {
      return await run();
    } finally {
      if (!life.dead) {
        this.#gate = null;
        for (const one of waiting) this.enter(one);
      }
    }
  }

  /** Everything in memory is gone, with the sockets. */
  reset(why: string): void {
    this.#options.trace(`${this.#options.name} reset: ${why}`);
    this.#end();
    for (const socket of [...this.sockets]) {
      socket.readyState = ObjectSocket.CLOSED;
      this.sockets.delete(socket);
      socket.onClose(1006);
    }
  }

  /** Everything in memory is gone, the sockets stay. Only when nothing is under way. */
  hibernate(): boolean {
    if (!this.idle || this.#instance === null || this.ringing) return false;
    this.#options.trace(`${this.#options.name} hibernates`);
    this.#end();
    return true;
  }

  heard(socket: ObjectSocket, text: string): void {
    this.requests += 1 / 20;
    if (!this.sockets.has(socket)) return;
    this.enter((object) => object.webSocketMessage(socket, text));
  }

  closed(socket: ObjectSocket, code: number): void {
    if (!this.sockets.delete(socket)) return;
    socket.readyState = ObjectSocket.CLOSED;
    this.enter((object) => this.#options.aroundClose(() => object.webSocketClose(socket, code, '')));
  }

  /** The alarm failed, and the platform rings it again. The object cannot ask for it sooner than that. */
  get retrying(): boolean {
    return this.#retriesAtMs !== null && this.storage.alarmMs === this.#retriesAtMs;
  }

  /** Rings now, whatever is set. */
  ring(attempt = 0): void {
    this.requests += 1;
    this.rings.push(this.#options.clock.nowMs);
    if (this.rings.length > RINGS_KEPT) this.rings.shift();
    this.storage.alarmMs = null;
    this.ringing = true;
    const life = this.#life;
    this.enter((object) => {
      object.alarm().then(
        () => {
          if (!life.dead) this.ringing = false;
        },
        (error: unknown) => {
          if (life.dead) return;
          this.ringing = false;
          if (!(error instanceof StorageFailure)) this.#options.clock.onError(error, life);
          this.#retry(attempt);
        },
      );
    });
  }

  #retry(attempt: number): void {
    if (attempt >= ALARM_RETRIES || this.storage.alarmMs !== null) return;
    const atMs = this.#options.clock.nowMs + ALARM_RETRY_MS * 2 ** attempt;
    this.storage.alarmMs = atMs;
    this.#retriesAtMs = atMs;
    this.#expectAlarm(atMs, attempt + 1);
  }

  #end(): void {
    // A handler that was cut off is called again: an alarm is delivered at least once.
    if (this.ringing && this.storage.alarmMs === null) this.#retry(0);
    this.ringing = false;
    this.#life.dead = true;
    this.#life = new Life(this.#options.name);
    this.#instance = null;
    this.#gate = null;
    for (const reject of this.#breaks) reject(new Reset('the object was reset'));
    this.#breaks.clear();
  }

  #expectAlarm(atMs: number, attempt = 0): void {
    const { clock, random, alarms } = this.#options;
    const { late, twice, lost } = alarms();
    if (random.chance(lost))
      return this.#options.trace(`${this.#options.name} alarm at ${atMs} will be lost`);
    const lateMs = random.chance(late) ? random.spread(1_000, 600_000) : random.int(0, 20);
    const rings = () => {
      // It may have been set anew since.
      if (this.storage.alarmMs === null || this.storage.alarmMs > clock.nowMs) return;
      this.ring(attempt);
      if (random.chance(twice)) clock.after(random.spread(5, 60_000), () => this.ring(), null);
    };
    clock.after(Math.max(0, atMs - clock.nowMs) + lateMs, rings, null);
  }

  #context(life: Life): object {
    const storage = this.storage.of(life);
    const { clock } = this.#options;
    return {
      id: { name: this.#options.name },
      storage,
      acceptWebSocket: (socket: ObjectSocket, tags: readonly string[]) => {
        socket.tags = tags;
        socket.accepted = true;
        socket.openedMs = clock.nowMs;
        this.sockets.add(socket);
      },
      getWebSockets: (tag?: string) =>
        [...this.sockets].filter((socket) => tag === undefined || socket.tags.includes(tag)),
      getWebSocketAutoResponse: () => null,
      setWebSocketAutoResponse: () => {},
      getWebSocketAutoResponseTimestamp: (socket: ObjectSocket) => {
        const pingedMs = socket.pingedMs(clock.nowMs);
        return pingedMs === null ? null : new Date(pingedMs);
      },
      waitUntil: () => {},
      blockConcurrencyWhile: <R>(run: () => Promise<R>) => this.#blocked(life, run),
    };
  }
}
