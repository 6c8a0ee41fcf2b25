/**
 * The Guild as its Sessions and runners see it: takes reports, tells runners which sessions have work, tells Sessions who is there.
 * Everything it says is a whole that replaces what it said before, and may be late, lost and repeated.
 */
import { Close } from '../../../protocol/frames.ts';
import type { GuildId, RunnerId, ThreadId } from '../../../protocol/ids.ts';
import { PROTOCOL_VERSION } from '../../../protocol/limits.ts';
import type { RunnerAccess } from '../../../worker/domain/access.ts';
import type {
  Presence,
  ReportReceipt,
  RunnerFacts,
  SessionOpen,
  SessionOpened,
  SessionReport,
} from '../../../worker/domain/contract.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import type { Clock } from '../platform/clock.ts';
import { PlainResponse } from '../platform/globals.ts';
import type { Target } from '../platform/network.ts';
import { ObjectSocket } from '../platform/object-socket.ts';
import type { Random } from '../random.ts';

/** What a Session object offers the Guild. */
export interface SessionStub {
  open(open: SessionOpen): Promise<SessionOpened>;
  facts(facts: { runner: RunnerId; presence: Presence; access: RunnerAccess }): Promise<void>;
  look(): Promise<number | null>;
}

export interface GuildRunner {
  readonly id: RunnerId;
  readonly name: string;
  access: RunnerAccess;
  presence: Presence;
  socket: ObjectSocket | null;
}

export interface GuildOptions {
  readonly id: GuildId;
  readonly clock: Clock;
  readonly random: Random;
  readonly session: (thread: ThreadId) => SessionStub;
  readonly trace: (line: string) => void;
}

const PUSH_RETRY_MS = 5_000;
const START_RETRY_MS = 1_000;

export class ModelGuild implements Target {
  readonly runners = new Map<RunnerId, GuildRunner>();
  readonly reports = new Map<ThreadId, SessionReport>();
  /** When it looks at a Session, unless that reports before. */
  readonly looks = new Map<ThreadId, number>();
  /** Calls to it fail until then. */
  downUntilMs = 0;
  readonly #options: GuildOptions;
  readonly #sockets = new Map<ObjectSocket, GuildRunner>();
  #polls = false;
  #rev = 0;
  #epoch = 0;

  constructor(options: GuildOptions) {
    this.#options = options;
  }

  add(id: string, name: string, access: RunnerAccess): void {
    const runner: GuildRunner = {
      id: id as RunnerId,
      name,
      access,
      presence: { online: false, sinceMs: null },
      socket: null,
    };
    this.runners.set(runner.id, runner);
  }

  // ---------------------------------------------------------------- Sessions

  async report(report: SessionReport): Promise<ReportReceipt> {
    const { clock, random } = this.#options;
    await clock.wait(random.spread(1, 200));
    if (clock.nowMs < this.downUntilMs) throw new Error('the guild is down');
    const runner = this.#runner(report.summary.runner);
    const known = this.reports.get(report.thread);
    if (known === undefined || report.rev > known.rev) {
      const before = this.#wanted(runner.id);
      this.reports.set(report.thread, report);
      this.#lookAt(report.thread, clock.nowMs + DURATIONS.lookAfterMs);
      // A thread that moved to another runner leaves the first one's set.
      const all =
        known !== undefined && known.summary.runner !== runner.id
          ? [runner, this.#runner(known.summary.runner)]
          : [runner];
      if (all.length > 1 || before.join() !== this.#wanted(runner.id).join())
        for (const one of all) this.#tellWanted(one);
    }
    const receipt = { presence: runner.presence, access: runner.access };
    // The answer may be lost though the report was taken.
    await clock.wait(random.spread(1, 200));
    if (clock.nowMs < this.downUntilMs && random.chance(0.5)) throw new Error('the guild is down');
    return receipt;
  }

  #lookAt(thread: ThreadId, lookMs: number | null): void {
    const { clock } = this.#options;
    if (lookMs === null) this.looks.delete(thread);
    else {
      this.looks.set(thread, lookMs);
      clock.after(lookMs - clock.nowMs, () => void this.#look(thread, lookMs), null);
    }
  }

  async #look(thread: ThreadId, lookMs: number): Promise<void> {
    const { clock, session } = this.#options;
    if (this.looks.get(thread) !== lookMs) return;
    let nextMs: number | null = clock.nowMs;
    try {
      if (clock.nowMs >= this.downUntilMs) nextMs = await session(thread).look();
    } catch {
      // Again later.
    }
    if (this.looks.get(thread) !== lookMs) return;
    this.#lookAt(thread, nextMs === null ? null : Math.max(nextMs, clock.nowMs) + DURATIONS.lookAfterMs);
  }

  /** Begins a conversation in a thread, until the Session says that it has; the same call again changes nothing. */
  async start(open: Omit<SessionOpen, 'runner'>, runner: RunnerId): Promise<SessionOpened> {
    const { clock, random } = this.#options;
    for (;;) {
      await clock.wait(random.spread(1, 300));
      try {
        const opened = await this.#options.session(open.thread).open({ ...open, runner: this.facts(runner) });
        if (random.chance(0.1))
          await this.#options.session(open.thread).open({ ...open, runner: this.facts(runner) });
        return opened;
      } catch {
        await clock.wait(START_RETRY_MS);
      }
    }
  }

  facts(id: RunnerId): RunnerFacts {
    const { name, access, presence } = this.#runner(id);
    return { id, name, publicKey: `key-${id}`, access, presence };
  }

  /** Who may use it changed, or it was removed. */
  setAccess(id: RunnerId, change: Partial<RunnerAccess>): void {
    const runner = this.#runner(id);
    runner.access = { ...runner.access, ...change, rev: runner.access.rev + 1 };
    this.#push(runner);
  }

  #push(runner: GuildRunner): void {
    for (const { thread, summary } of this.reports.values())
      if (summary.runner === runner.id) void this.#tell(thread, runner);
  }

  async #tell(thread: ThreadId, runner: GuildRunner): Promise<void> {
    const { clock, random, session } = this.#options;
    for (;;) {
      await clock.wait(random.spread(1, 500));
      try {
        const { id, presence, access } = runner;
        return await session(thread).facts({ runner: id, presence, access });
      } catch (error) {
        this.#options.trace(`telling ${thread} failed: ${error instanceof Error ? error.message : ''}`);
        await clock.wait(PUSH_RETRY_MS);
      }
    }
  }

  // ---------------------------------------------------------------- runners

  upgrade(request: unknown): Promise<unknown> {
    const { headers } = request as { headers: Headers };
    const payload = headers.get('Authorization')?.split('.')[1] ?? '';
    const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss: RunnerId };
    if (this.#options.clock.nowMs < this.downUntilMs) return Promise.reject(new Error('the guild is down'));
    const runner = this.#runner(iss);
    if (runner.access.removed)
      return Promise.resolve(PlainResponse.json({ error: 'removed' }, { status: 403 }));
    const socket = new ObjectSocket();
    socket.openedMs = this.#options.clock.nowMs;
    const older = runner.socket;
    if (older !== null) this.#options.trace(`${iss} takes over from itself`);
    runner.socket = socket;
    this.#sockets.set(socket, runner);
    older?.close(4001);
    return Promise.resolve(new PlainResponse(null, { status: 101, webSocket: socket }));
  }

  heard(socket: ObjectSocket, text: string): void {
    const runner = this.#sockets.get(socket);
    const frame = JSON.parse(text) as { t: string; sent?: unknown };
    if (runner === undefined || runner.socket !== socket || frame.t !== 'hello') return;
    this.#epoch += 1;
    const welcome = {
      t: 'welcome',
      version: PROTOCOL_VERSION,
      epoch: this.#epoch,
      sent: { stream: 'guild', last: 0 },
      received: null,
      now: this.#options.clock.nowMs,
    };
    socket.send(JSON.stringify(welcome));
    if (!runner.presence.online) {
      this.#options.trace(`${runner.id} is online`);
      runner.presence = { online: true };
      this.#push(runner);
    }
    this.#tellWanted(runner);
  }

  closed(socket: ObjectSocket, _code: number): void {
    socket.readyState = ObjectSocket.CLOSED;
    this.#lost(socket);
  }

  /** As the Guild does while a runner has work: a half-open socket looks alive until it is asked. */
  #poll(): void {
    if (this.#polls) return;
    this.#polls = true;
    const { clock } = this.#options;
    const look = () => {
      this.#polls = false;
      for (const [socket, { id }] of this.#sockets) {
        if (this.#wanted(id).length === 0) continue;
        const heardMs = Math.max(socket.pingedMs(clock.nowMs) ?? 0, socket.openedMs);
        if (clock.nowMs - heardMs > DURATIONS.linkSilentMs) {
          socket.close(Close.stale);
          this.#lost(socket);
        } else this.#poll();
      }
    };
    clock.after(DURATIONS.linkPollMs, look, null);
  }

  #lost(socket: ObjectSocket): void {
    const runner = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    if (runner === undefined || runner.socket !== socket) return;
    runner.socket = null;
    const { clock } = this.#options;
    const sinceMs = clock.nowMs;
    clock.after(DURATIONS.presenceGraceMs, () => {
      if (runner.socket !== null || !runner.presence.online) return;
      runner.presence = { online: false, sinceMs };
      this.#push(runner);
    });
  }

  #tellWanted(runner: GuildRunner): void {
    if (this.#wanted(runner.id).length > 0) this.#poll();
    this.#rev += 1;
    const body = { kind: 'wanted', rev: this.#rev, sessions: this.#wanted(runner.id) };
    if (runner.socket?.readyState === 1) runner.socket.send(JSON.stringify({ t: 'state', body }));
  }

  #wanted(runner: RunnerId): ThreadId[] {
    return [...this.reports.values()]
      .filter(({ summary }) => summary.runner === runner && summary.work)
      .map(({ thread }) => thread);
  }

  #runner(id: RunnerId): GuildRunner {
    const runner = this.runners.get(id);
    if (runner === undefined) throw new Error(`no such runner: ${id}`);
    return runner;
  }
}
