/** The runner, put together: one journal, one pool of processes, a link for each pairing. */
import { randomUUID } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import type { BootId } from '../../protocol/ids.ts';
import { errorName, Failure } from '../base/failure.ts';
import { Guard } from '../base/guard.ts';
import type { Log } from '../base/log.ts';
import type { Timeouts } from '../claude/line/timeouts.ts';
import type { Home } from '../home/home.ts';
import { type Pairing, pairingId, readPairings } from '../home/pairings.ts';
import { readSettings, type Settings } from '../home/settings.ts';
import { Journal } from '../journal/journal.ts';
import { JournalSessions } from '../journal/journal-sessions.ts';
import type { LinkStatus } from '../link/link.ts';
import type { LinkTiming } from '../link/timing.ts';
import { type RealClaude, realClaude } from '../session/claude-port.ts';
import type { HostContext } from '../session/host-context.ts';
import { ProcessPool } from '../session/process-pool.ts';
import { TIMINGS, type Timings } from '../session/timings.ts';
import { Conversations } from './conversations.ts';
import { GuildLink } from './guild-link.ts';
import { OfferBook } from './offer-book.ts';

export interface RunnerOptions {
  /** Locked by the caller. */
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** `--claude PATH`. */
  readonly claude?: string;
  readonly onStatus?: (pairing: Pairing, status: LinkStatus) => void;
  /** Nothing more can be kept: close it. Comes once. */
  readonly onFatal: (failure: Failure) => void;
  readonly timings?: Partial<Timings>;
  readonly timing?: Partial<LinkTiming>;
  readonly timeouts?: Partial<Timeouts>;
}

export class Runner {
  readonly pairings: readonly Pairing[];
  readonly claude: RealClaude;
  readonly #options: RunnerOptions;
  readonly #guard: Guard;
  readonly #journal: Journal;
  readonly #guilds: readonly GuildLink[];
  readonly #timings: Timings;
  readonly #watcher: FSWatcher | null;
  readonly #logged = new Map<Pairing, string>();
  #settings: Settings;
  #reread: NodeJS.Timeout | null = null;
  #offering: NodeJS.Timeout | null = null;
  readonly #looking: NodeJS.Timeout;
  #closing: Promise<void> | null = null;

  /** Starts at once. Throws a `Failure` for settings or a journal that cannot be used; then nothing runs. */
  constructor(options: RunnerOptions) {
    const { home, env, log } = options;
    this.#options = options;
    this.#guard = new Guard(log, {});
    this.#settings = readSettings(home);
    this.pairings = readPairings(home, ({ message }) => log('pairing-refused', { error: message }));
    this.#timings = { ...TIMINGS, ...options.timings };
    this.claude = realClaude({
      home,
      env,
      log,
      flag: () => options.claude ?? this.#settings.claude,
      ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    });
    this.#journal = new Journal(home.journal);
    const book = new OfferBook(this.#journal, () => this.#loadChanged());
    const context: HostContext = {
      home,
      journal: this.#journal,
      pool: new ProcessPool(
        () => this.#settings.maxProcesses,
        () => this.#loadChanged(),
      ),
      claude: this.claude,
      settings: () => this.#settings,
      log,
      timings: this.#timings,
      fatal: (error) => this.#fatal(error),
      exits: new Map(),
      offered: (project, offers) => book.put(project, offers),
    };
    const sessions = new JournalSessions(this.#journal);
    const kept = new Conversations({
      home,
      settings: () => this.#settings,
      read: (what) => this.claude.kept(what),
      holds: (session) => !this.#journal.open || sessions.holds(session),
      nowMs: () => performance.now(),
    });
    const boot = randomUUID() as string as BootId;
    const guilds = new Map(
      this.pairings.map((pairing) => [
        pairingId(pairing),
        new GuildLink({
          context,
          pairing,
          boot,
          located: () => this.claude.located(),
          book,
          conversations: () => kept.of(pairing.guild),
          onStatus: (status) => this.#onStatus(pairing, status),
          ...(options.timing === undefined ? {} : { timing: options.timing }),
        }),
      ]),
    );
    this.#guilds = [...guilds.values()];
    sessions.prune(Date.now());
    for (const { pairing, thread } of sessions.unfinished())
      this.#guard.run('resume', () => guilds.get(pairing)?.resume(thread));
    this.#watcher = this.#watchSettings(() => context.pool.settle());
    this.#looking = setInterval(() => {
      for (const guild of this.#guilds) void guild.offer('changed');
    }, LOOK_MS);
    this.#looking.unref();
  }

  /** Ends every process, tells it as far as the links are up, and lets go of everything. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#watcher?.close();
    if (this.#reread !== null) clearTimeout(this.#reread);
    if (this.#offering !== null) clearTimeout(this.#offering);
    clearInterval(this.#looking);
    await Promise.all(this.#guilds.map((guild) => guild.endProcesses()));
    const until = performance.now() + this.#timings.flushMs;
    while (!this.#guilds.every((guild) => guild.told) && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, FLUSH_CHECK_MS));
    for (const guild of this.#guilds) guild.close();
    // A socket's last frames may still come in; they find closed links, not a closed journal.
    await new Promise((resolve) => setImmediate(resolve));
    this.#journal.close();
  }

  /** The guilds choose the least loaded runner; they hear of it once things have settled, because each change is a row there. */
  #loadChanged(): void {
    if (this.#offering !== null || this.#closing !== null) return;
    this.#offering = setTimeout(() => {
      this.#offering = null;
      if (this.#closing === null) for (const guild of this.#guilds) void guild.offer();
    }, this.#timings.offerMs);
    this.#offering.unref();
  }

  /** The journal cannot be written, so whatever happens now would be forgotten; the next start puts things right from what it has. */
  #fatal(error: unknown): void {
    if (this.#closing !== null || !this.#journal.open) return;
    const failure = this.#journal.failure(error);
    // Nothing that ends now is written as if all before it had been; and nobody waits for a disk once more.
    this.#journal.close();
    this.#options.onFatal(failure);
  }

  #onStatus(pairing: Pairing, status: LinkStatus): void {
    const why = 'why' in status ? status.why : undefined;
    const now = `${status.is} ${why ?? ''}`;
    // It tries again every few seconds; that is no news.
    if (status.is !== 'connecting' && this.#logged.get(pairing) !== now) {
      this.#logged.set(pairing, now);
      this.#options.log('guild', { guild: pairing.guild, status: status.is, why });
    }
    this.#options.onStatus?.(pairing, status);
  }

  /** `projects add` and an editor change the file while the runner runs. */
  #watchSettings(changed: () => void): FSWatcher | null {
    const { home, log } = this.#options;
    try {
      const reread = (): void => {
        this.#reread = null;
        try {
          this.#settings = readSettings(home);
        } catch (error) {
          // Half written, or wrong: what was good stays in force.
          log('settings-refused', { error: error instanceof Failure ? error.message : errorName(error) });
          return;
        }
        changed();
        for (const guild of this.#guilds) void guild.offer();
      };
      const watcher = watch(home.path, { persistent: false }, (_event, file) => {
        if (file !== null && file !== 'settings.json') return;
        if (this.#reread !== null) clearTimeout(this.#reread);
        this.#reread = setTimeout(this.#guard.callback('settings', reread), SETTLED_MS);
      });
      watcher.on('error', (error) => log('settings-unwatched', { error: errorName(error) }));
      return watcher;
    } catch (error) {
      log('settings-unwatched', { error: errorName(error) });
      return null;
    }
  }
}

const FLUSH_CHECK_MS = 20;
/** Conversations begun in a terminal meanwhile are offered after this at the latest. */
const LOOK_MS = 5 * 60_000;
/** An editor writes a file in steps, and for a moment there may be none at all; that is not yet a change. */
const SETTLED_MS = 100;
