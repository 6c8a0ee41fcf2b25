/**
 * The guild's links with its runners: who is there, what they offer, and the set of sessions that each should serve. Both directions
 * carry wholes (level-triggered), so nothing is lost with a socket.
 */
import * as v from 'valibot';
import { Close } from '../../../protocol/frames.ts';
import { Catalogue, type Wanted } from '../../../protocol/guild.ts';
import type { GuildId, RunnerId } from '../../../protocol/ids.ts';
import { ObjectLink } from '../../link/object-link.ts';
import type { Durations } from '../../platform/durations.ts';
import { log } from '../../platform/log.ts';
import { keysOf, type Runners } from '../runners/runners.ts';
import type { Directory } from '../sessions/directory.ts';
import type { Store } from '../storage/store.ts';
import type { Timers } from '../storage/timers.ts';

/** A closed socket's grace is over. */
export const PRESENCE_TIMER = 'presence:';
/** Looking for sockets that only seem to be open. */
export const POLL_TIMER = 'poll';
const WANTED_REV = 'wantedRev';

export interface LinksOptions {
  readonly ctx: DurableObjectState;
  readonly guild: GuildId;
  readonly store: () => Store;
  readonly timers: Timers;
  readonly runners: () => Runners;
  readonly directory: () => Directory;
  readonly durations: Durations;
  /** A runner came or went; inside the transaction. */
  readonly presenceChanged: (runner: RunnerId) => void;
  /** After it. */
  readonly pump: () => void;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #link: ObjectLink;

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#link = new ObjectLink(options.ctx, {
      log,
      owner: {
        // Nothing between a guild and a runner is numbered.
        apply: () => {},
        live: () => {},
        state: (runner, body) => this.#takeCatalogue(runner, body),
        met: (runner) => this.#met(runner),
      },
    });
  }

  create(): void {
    this.#link.create();
  }

  /** An unconfirmed or removed key is refused by name; an unknown one, or a guild that nobody used, is 404. */
  upgrade(request: Request): Promise<Response> {
    return this.#link.upgrade(request, (id) => {
      if (!this.#options.store().ready) return null;
      const runner = this.#options.runners().get(id);
      if (runner === null) return null;
      return {
        runner: runner.id,
        publicKeys: keysOf(runner),
        standing: runner.standing,
        origin: runner.origin,
        subject: this.#options.guild,
      };
    });
  }

  message(ws: WebSocket, data: string | ArrayBuffer): void {
    this.#link.onMessage(ws, data);
    this.reconcile();
  }

  closed(ws: WebSocket, code: number, reason: string): void {
    this.#link.onClose(ws, code, reason);
    this.reconcile();
  }

  failed(ws: WebSocket): void {
    this.#link.onError(ws);
    this.reconcile();
  }

  /** The set of this runner's sessions changed; inside the transaction. */
  wantedChanged(nowMs: number): void {
    this.#options.store().raise(WANTED_REV);
    this.works(nowMs);
  }

  /** Tells a runner which sessions have work. Not linked: it hears it when it is. */
  sendWanted(runner: RunnerId): void {
    const { store, directory } = this.#options;
    const wanted: Wanted = {
      kind: 'wanted',
      rev: store().counter(WANTED_REV),
      sessions: directory().wanted(runner),
    };
    this.#link.state(runner, wanted);
  }

  /** Ends a link that was opened with a key that is not good any more. */
  keysChanged(runner: RunnerId): void {
    const known = this.#options.runners().get(runner);
    if (known !== null) this.#link.closeOtherKeys(runner, keysOf(known));
  }

  /** Ends the link of a runner that was removed. */
  remove(runner: RunnerId): void {
    this.#link.close(runner, Close.unauthorized);
  }

  /** The grace is over: offline since the socket closed, unless it is back. */
  graceOver(runner: RunnerId, dueMs: number): void {
    const { store, runners, durations, presenceChanged } = this.#options;
    if (this.#link.online(runner) || runners().get(runner)?.presence.online !== true) return;
    store().transaction(() => {
      const since = dueMs - durations.presenceGraceMs;
      runners().setPresence(runner, { online: false, sinceMs: since }, since);
      presenceChanged(runner);
    });
    this.#options.pump();
  }

  /** A session of this runner goes on by itself; inside the transaction. */
  works(nowMs: number): void {
    const { timers, durations } = this.#options;
    timers.atLatest(POLL_TIMER, nowMs + durations.linkPollMs);
  }

  /**
   * A half-open socket looks alive until it is asked. It is asked only while the runner has something to do, and seldom while all of that
   * waits for people: a minute's alarm is three rows, and a card may stand for a day.
   */
  poll(nowMs: number): void {
    const { store, timers, runners, directory, durations } = this.#options;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { id, presence } of runners().all()) {
      if (!presence.online || directory().wanted(id).length === 0) continue;
      nextMs = Math.min(nextMs, directory().works(id) ? durations.linkPollMs : durations.linkIdlePollMs);
      const heardMs = this.#link.lastHeardMs(id);
      if (heardMs !== null && nowMs - heardMs > durations.linkSilentMs) this.#link.close(id, Close.stale);
    }
    this.reconcile();
    if (Number.isFinite(nextMs)) store().transaction(() => timers.set(POLL_TIMER, nowMs + nextMs));
  }

  #met(runner: RunnerId): void {
    const { store, timers, runners, directory, durations, presenceChanged } = this.#options;
    const was = runners().get(runner)?.presence;
    store().transaction(() => {
      timers.clear(`${PRESENCE_TIMER}${runner}`);
      if (directory().wanted(runner).length > 0)
        timers.atLatest(POLL_TIMER, Date.now() + durations.linkPollMs);
      if (was?.online === true) return;
      runners().setPresence(runner, { online: true }, Date.now());
      presenceChanged(runner);
    });
    this.sendWanted(runner);
    if (was?.online !== true) this.#options.pump();
  }

  #takeCatalogue(runner: RunnerId, body: unknown): void {
    const catalogue = v.safeParse(Catalogue, body);
    if (!catalogue.success) {
      log('guild.catalogue.bad', { runner });
      return;
    }
    const { store, runners } = this.#options;
    const known = runners().get(runner)?.catalogue ?? null;
    // A row written is billed, and a runner says the same after each reconnect.
    if (JSON.stringify(known) === JSON.stringify(catalogue.output)) return;
    store().transaction(() => runners().setCatalogue(runner, catalogue.output));
  }

  /** A socket may be gone without a word (a deploy, a reset): whoever is said to be online and is not gets the grace. */
  reconcile(): void {
    const { store, timers, runners, durations } = this.#options;
    if (!store().ready) return;
    const lost = runners()
      .all()
      .filter(({ id, presence }) => presence.online && !this.#link.online(id))
      .filter(({ id }) => timers.due(`${PRESENCE_TIMER}${id}`) === null);
    if (lost.length === 0) return;
    store().transaction(() => {
      for (const { id } of lost) timers.set(`${PRESENCE_TIMER}${id}`, Date.now() + durations.presenceGraceMs);
    });
  }
}
