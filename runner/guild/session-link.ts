/** A thread on this runner and its link, which is there while the Session has work or the thread has something to say. */
import * as v from 'valibot';
import { Command } from '../../protocol/commands.ts';
import type { Event, Live } from '../../protocol/events.ts';
import type { BootId, ThreadId } from '../../protocol/ids.ts';
import { errorName } from '../base/failure.ts';
import { JournalLinkStore } from '../journal/journal-link.ts';
import { RunnerLink } from '../link/link.ts';
import type { Identity, ServerClock } from '../link/sign.ts';
import type { LinkTiming } from '../link/timing.ts';
import type { HostContext, HostPairing } from '../session/host-context.ts';
import { SessionHost } from '../session/session-host.ts';

/** How the links of one pairing sign in. */
export interface LinkIdentity {
  readonly origin: string;
  readonly identity: Identity;
  readonly boot: BootId;
  readonly clock: ServerClock;
  readonly timing?: Partial<LinkTiming>;
}

/** The Session is another runner's now, or nobody's, or this runner was removed. Another version of the protocol may still be made good. */
const FORGOTTEN: ReadonlySet<string> = new Set(['gone', 'unknown', 'removed', 'unauthorized']);

export class SessionLink {
  readonly host: SessionHost;
  /** The Guild says that this session has work. */
  wanted = false;
  readonly #context: HostContext;
  readonly #thread: ThreadId;
  readonly #link: LinkIdentity;
  readonly #store: JournalLinkStore;
  #socket: RunnerLink | null = null;
  #closed = false;

  constructor(context: HostContext, pairing: HostPairing, thread: ThreadId, link: LinkIdentity) {
    this.#context = context;
    this.#thread = thread;
    this.#link = link;
    this.#store = new JournalLinkStore(context.journal, pairing.id, thread);
    this.host = new SessionHost(context, pairing, thread, {
      send: (event) => this.#send(event),
      live: (live: Live) => this.#socket?.live(live) ?? false,
    });
  }

  /** The Session has taken everything. */
  get told(): boolean {
    const end = this.#store.load();
    return end.last === end.acked;
  }

  /** It is safe to forget: nothing runs, nothing waits, nobody asks. */
  get idle(): boolean {
    return !this.wanted && !this.host.busy && this.told;
  }

  /** Connects, unless it is. `again`: also after the Session refused. */
  open(again: boolean): void {
    if (this.#closed) return;
    if (this.#socket !== null) {
      if (this.#socket.status.is !== 'stopped' || !again) return;
      this.#socket = null;
    }
    const { origin, identity, boot, clock, timing } = this.#link;
    this.#socket = new RunnerLink({
      target: { kind: 'session', origin, id: this.#thread },
      identity,
      boot,
      clock,
      store: this.#store,
      onMessages: (bodies) => this.#take(bodies),
      onWelcome: () => this.host.welcomed(),
      onStatus: (status) => {
        if (status.is !== 'stopped' || status.why === 'closed') return;
        this.#log('session-refused', status.why);
        if (FORGOTTEN.has(status.why)) this.host.abandon();
      },
      log: this.#context.log,
      ...(timing === undefined ? {} : { timing }),
    });
  }

  /** Closes the socket and keeps the rest. */
  rest(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  close(): void {
    this.#closed = true;
    this.rest();
  }

  #take(bodies: readonly unknown[]): void {
    for (const body of bodies) {
      const command = v.safeParse(Command, body);
      // What cannot be read now cannot be read later either, so it is acked and left.
      if (command.success) this.host.accept(command.output);
      else this.#log('bad-command', command.issues[0].type);
    }
  }

  #send(event: Event): void {
    try {
      if (this.#socket === null) {
        this.#store.append(JSON.stringify(event));
        this.#context.journal.afterCommit(() => this.open(false));
      } else this.#socket.send(event);
    } catch (error) {
      // An event that no frame can hold: the others must not suffer for it.
      if (!(error instanceof RangeError)) throw error;
      this.#log('bad-event', errorName(error));
    }
  }

  #log(event: string, why: string): void {
    this.#context.log(event, { thread: this.#thread, why });
  }
}
