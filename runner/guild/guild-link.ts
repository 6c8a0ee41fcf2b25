/** One pairing at work: the link to its Guild, what it offers there, and a session link for each thread with work. */
import { hostname } from 'node:os';
import * as v from 'valibot';
import { type Catalogue, Wanted } from '../../protocol/guild.ts';
import type { BootId, ProjectName, ThreadId } from '../../protocol/ids.ts';
import { Guard } from '../base/guard.ts';
import type { Located } from '../claude/process/locate.ts';
import { type Pairing, pairingId } from '../home/pairings.ts';
import { visibleProjects } from '../home/projects.ts';
import { VERSION } from '../home/version.ts';
import { JournalLinkStore } from '../journal/journal-link.ts';
import { JournalSessions } from '../journal/journal-sessions.ts';
import { type LinkStatus, RunnerLink } from '../link/link.ts';
import { ServerClock } from '../link/sign.ts';
import type { LinkTiming } from '../link/timing.ts';
import type { HostContext, HostPairing } from '../session/host-context.ts';
import type { Kept } from './conversations.ts';
import type { OfferBook } from './offer-book.ts';
import { type LinkIdentity, SessionLink } from './session-link.ts';

/** As `Catalogue` in protocol/guild.ts allows. */
const PROJECTS_MAX = 200;

export interface GuildLinkOptions {
  readonly context: HostContext;
  readonly pairing: Pairing;
  readonly boot: BootId;
  readonly located: () => Promise<Located>;
  /** What the CLI has reported to choose from. */
  readonly book?: OfferBook;
  /** What Claude itself keeps of the projects that this guild may see. */
  readonly conversations?: () => Promise<ReadonlyMap<ProjectName, Kept>>;
  readonly onStatus: (status: LinkStatus) => void;
  readonly timing?: Partial<LinkTiming>;
}

export class GuildLink {
  readonly #options: GuildLinkOptions;
  readonly #pairing: HostPairing;
  readonly #identity: LinkIdentity;
  /** What fails for one session, or in one look, costs no other. */
  readonly #guard: Guard;
  readonly #sessions = new Map<ThreadId, SessionLink>();
  readonly #link: RunnerLink;
  readonly #sweep: NodeJS.Timeout;
  /** Of this connection: a Guild that was restored from a backup may begin lower again. */
  #rev = -1;
  #offered = '';
  #closed = false;

  constructor(options: GuildLinkOptions) {
    const { context, pairing, boot, timing } = options;
    this.#options = options;
    this.#guard = new Guard(context.log, { guild: pairing.guild });
    const { guild, owner } = pairing;
    this.#pairing = { id: pairingId(pairing), guild, owner, origin: pairing.origin };
    const { runner, publicKey, privateKey, origin } = pairing;
    const identity = { runner, publicKey, privateKey };
    const clock = new ServerClock();
    this.#identity = { origin, identity, boot, clock, ...(timing === undefined ? {} : { timing }) };
    this.#link = new RunnerLink({
      target: { kind: 'guild', origin, id: pairing.guild },
      identity,
      boot,
      clock,
      store: new JournalLinkStore(context.journal, this.#pairing.id, 'guild'),
      // The Guild numbers nothing yet; what a newer one says is not for this version.
      onMessages: (bodies) => context.log('guild-messages', { count: bodies.length }),
      onState: (body) => this.#onState(body),
      onWelcome: () => {
        this.#rev = -1;
        void this.offer();
      },
      onStatus: (status) => this.#onStatus(status),
      log: context.log,
      ...(timing === undefined ? {} : { timing }),
    });
    const rest = this.#guard.callback('rest', () => this.#rest());
    this.#sweep = setInterval(rest, context.timings.lingerMs);
  }

  /** Picks up a thread that the last run of the runner left unfinished. */
  resume(thread: ThreadId): void {
    this.#session(thread).open(false);
  }

  /**
   * Tells the Guild what this runner has to offer now. `changed`: only when that is not what it was told last, which is a row there.
   * Never rejects: what cannot be told now is told with the next change.
   */
  offer(when: 'always' | 'changed' = 'always'): Promise<void> {
    return this.#guard.watch('offer', this.#offer(when));
  }

  async #offer(when: 'always' | 'changed'): Promise<void> {
    const { context, pairing, located, conversations, book } = this.#options;
    const claude = await located();
    const kept = await conversations?.();
    if (this.#closed) return;
    const projects = visibleProjects(context.settings(), pairing.guild).slice(0, PROJECTS_MAX);
    const commands = book?.commands(projects);
    const offers = book?.offers(context.settings(), pairing.owner);
    const catalogue: Catalogue = {
      kind: 'catalogue',
      version: VERSION,
      host: hostname().slice(0, 200),
      platform: `${process.platform} ${process.arch}`,
      claude: claude.found
        ? { ok: true, version: claude.version }
        : { ok: false, words: claude.words.slice(0, 1000) },
      projects: projects.map((name, at) => {
        const mine = kept?.get(name);
        const own = commands?.[at];
        return {
          name,
          ...(mine === undefined ? {} : { conversations: [...mine] }),
          ...(own === undefined ? {} : { commands: own }),
        };
      }),
      processes: context.pool.size,
      places: context.settings().maxProcesses,
      ...(offers === undefined ? {} : { offers }),
    };
    const offered = JSON.stringify(catalogue);
    if (when === 'changed' && offered === this.#offered) return;
    this.#offered = offered;
    this.#link.state(catalogue);
  }

  /** The network is back. */
  connectNow(): void {
    this.#link.connectNow();
  }

  get told(): boolean {
    // Of one that cannot say it, nothing more will come.
    return [...this.#sessions.values()].every(
      (session) => this.#guard.run('told', () => session.told) ?? true,
    );
  }

  /** Ends every process of this guild; resolves when they are gone. The links stay, to tell it. Never rejects. */
  async endProcesses(): Promise<void> {
    const closed = [...this.#sessions.values()].map(({ host }) => this.#guard.watch('close', host.close()));
    await Promise.all(closed);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#link.close();
    for (const session of this.#sessions.values()) this.#guard.run('close', () => session.close());
  }

  #onState(body: unknown): void {
    const wanted = v.safeParse(Wanted, body);
    if (!wanted.success || this.#closed) return this.#options.context.log('bad-state', {});
    const { rev, sessions } = wanted.output;
    if (rev < this.#rev) return;
    this.#rev = rev;
    const now = new Set(sessions);
    for (const [thread, session] of this.#sessions) session.wanted = now.has(thread);
    for (const thread of now)
      this.#guard.run('wanted', () => {
        const session = this.#session(thread);
        session.wanted = true;
        session.open(true);
      });
  }

  #onStatus(status: LinkStatus): void {
    // Told at the upgrade, or by the close of a link that stood (4003).
    if (status.is === 'stopped' && (status.why === 'removed' || status.why === 'unauthorized'))
      void this.#guard.watch('forget', this.#forget());
    this.#options.onStatus(status);
  }

  /** The runner was removed: nobody may ask or decide here any more, and nobody waits for an answer. */
  async #forget(): Promise<void> {
    await this.endProcesses();
    if (this.#closed) return;
    for (const session of this.#sessions.values()) session.close();
    new JournalSessions(this.#options.context.journal).forget(this.#pairing.id);
  }

  #session(thread: ThreadId): SessionLink {
    let session = this.#sessions.get(thread);
    if (session === undefined) {
      session = new SessionLink(this.#options.context, this.#pairing, thread, this.#identity);
      this.#sessions.set(thread, session);
      void this.#guard.watch('recover', session.host.recover());
    }
    return session;
  }

  /** Lets go of what nobody needs. An idle process keeps its thread, but not the socket. */
  #rest(): void {
    for (const [thread, session] of this.#sessions)
      this.#guard.run('rest', () => {
        if (!session.idle) return;
        session.rest();
        if (!session.host.resting) return;
        session.close();
        this.#sessions.delete(thread);
      });
  }
}
