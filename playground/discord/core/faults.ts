/** Faults on demand: what Discord's side or the network does wrong to the next matching requests. */

export interface FaultMatch {
  readonly method?: string;
  /** Tested on the path without `/api/v10`, for example `/channels/1/messages`. */
  readonly path?: RegExp;
}

export interface Fault {
  /** Answered instead of the real answer; 429 when only `retryAfter` is given, else 500. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** An HTML page as Cloudflare's in front of Discord, without rate limit headers. */
  readonly html?: boolean;
  /** Never answered, until `release()` or close. */
  readonly hang?: boolean;
  /** The connection is cut. */
  readonly drop?: boolean;
  /** Seconds: a 429 with this wait. */
  readonly retryAfter?: number;
  /** With `retryAfter`: the limit is the bot's global one. */
  readonly global?: boolean;
  /** Milliseconds of delay before the request is looked at; without another fault it then succeeds. */
  readonly delayMs?: number;
  /** How many requests it hits; default 1. */
  readonly times?: number;
  /** The request is applied first, and only then its answer is spoilt. */
  readonly afterApply?: boolean;
}

export class ActiveFault {
  readonly match: FaultMatch;
  readonly fault: Fault;
  hits = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly watchers: { readonly hits: number; readonly done: () => void }[] = [];
  private released = false;

  constructor(match: FaultMatch, fault: Fault) {
    this.match = match;
    this.fault = fault;
  }

  get spent(): boolean {
    return this.hits >= (this.fault.times ?? 1);
  }

  hit(): void {
    this.hits++;
    for (const watcher of this.watchers) if (watcher.hits <= this.hits) watcher.done();
  }

  /** Resolves when it has hit this often. */
  waitHits(hits = 1): Promise<void> {
    if (this.hits >= hits) return Promise.resolve();
    return new Promise((done) => this.watchers.push({ hits, done }));
  }

  /** Lets hanging requests go on as if nothing had been; it hits no further one. */
  release(): void {
    this.released = true;
    for (const go of this.waiting.splice(0)) go();
  }

  get isReleased(): boolean {
    return this.released;
  }

  untilReleased(): Promise<void> {
    return this.released ? Promise.resolve() : new Promise((go) => this.waiting.push(go));
  }
}

/** What goes wrong with the delivery of interactions. */
export interface DeliveryFault {
  /** The same signed request is sent twice at once; the person sees the first answer. */
  readonly duplicate?: boolean;
  /** The program's answer never arrives: the person sees a failure. */
  readonly loseAnswer?: boolean;
  readonly delayMs?: number;
}

export class Faults {
  private readonly active: ActiveFault[] = [];
  private readonly deliveries: DeliveryFault[] = [];

  /** The next requests that match meet the fault. */
  next(match: FaultMatch, fault: Fault): ActiveFault {
    const active = new ActiveFault(match, fault);
    this.active.push(active);
    return active;
  }

  /** The next interaction is delivered twice. */
  duplicateDelivery(times = 1): void {
    for (let index = 0; index < times; index++) this.deliveries.push({ duplicate: true });
  }

  /** The answer to the next interaction is lost on its way. */
  loseAnswer(times = 1): void {
    for (let index = 0; index < times; index++) this.deliveries.push({ loseAnswer: true });
  }

  /** The next interaction reaches the program late. */
  delayDelivery(delayMs: number): void {
    this.deliveries.push({ delayMs });
  }

  clear(): void {
    for (const fault of this.active.splice(0)) fault.release();
    this.deliveries.length = 0;
  }

  take(method: string, path: string): ActiveFault | undefined {
    const found = this.active.find(
      ({ match, spent, isReleased }) =>
        !spent && !isReleased && (match.method ?? method) === method && (match.path?.test(path) ?? true),
    );
    found?.hit();
    return found;
  }

  takeDelivery(): DeliveryFault | undefined {
    return this.deliveries.shift();
  }
}
