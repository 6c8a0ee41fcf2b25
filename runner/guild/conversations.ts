/** What a guild may know of the conversations that Claude itself keeps: of its projects alone, bounded, read only so often. */
import type { Catalogue } from '../../protocol/guild.ts';
import type { ClaudeSessionId, GuildId, ProjectName } from '../../protocol/ids.ts';
import { CONVERSATION_TITLE_MAX, CONVERSATIONS_MAX, CONVERSATIONS_MAX_BYTES } from '../../protocol/limits.ts';
import type { KeptConversation, KeptOptions } from '../claude/transcripts.ts';
import type { Home } from '../home/home.ts';
import { findProject, visibleProjects } from '../home/projects.ts';
import type { Settings } from '../home/settings.ts';

export type Kept = NonNullable<Catalogue['projects'][number]['conversations']>;

/** The files of a project are looked at again after this: some milliseconds each time. */
export const KEPT_FRESH_MS = 60_000;

export interface ConversationsOptions {
  readonly home: Home;
  readonly settings: () => Settings;
  /** Claude's own, the newest first. */
  readonly read: (options: Omit<KeptOptions, 'env'>) => Promise<readonly KeptConversation[]>;
  /** A session of Heddle's is, or was, this conversation. */
  readonly holds: (session: ClaudeSessionId) => boolean;
  readonly nowMs: () => number;
}

export class Conversations {
  readonly #options: ConversationsOptions;
  /** By folder. */
  readonly #known = new Map<string, { readonly atMs: number; readonly kept: Promise<Kept> }>();

  constructor(options: ConversationsOptions) {
    this.#options = options;
  }

  /** By project, for those that have any. Never rejects. */
  async of(guild: GuildId): Promise<ReadonlyMap<ProjectName, Kept>> {
    const { settings, home, holds } = this.#options;
    const found = new Map<ProjectName, Kept>();
    let left = CONVERSATIONS_MAX_BYTES;
    for (const name of visibleProjects(settings(), guild)) {
      const project = findProject(settings(), home, guild, name);
      if (!project.ok) continue;
      const offered = [];
      // It may have become a session's since it was read.
      for (const one of (await this.#kept(project.path)).filter(({ id }) => !holds(id))) {
        left -= Buffer.byteLength(JSON.stringify(one)) + 1;
        if (left < 0) break;
        offered.push(one);
      }
      if (offered.length > 0) found.set(name, offered);
      if (left < 0) break;
    }
    return found;
  }

  #kept(cwd: string): Promise<Kept> {
    const { read, holds, nowMs } = this.#options;
    const before = this.#known.get(cwd);
    if (before !== undefined && nowMs() - before.atMs < KEPT_FRESH_MS) return before.kept;
    const without = (id: string) => holds(id as ClaudeSessionId);
    const kept = read({ cwd, without, max: CONVERSATIONS_MAX, titleMax: CONVERSATION_TITLE_MAX }).then(
      (all) => all.map(({ id, title, atMs }) => ({ id: id as ClaudeSessionId, title, atMs })),
      (): Kept => [],
    );
    this.#known.set(cwd, { atMs: nowMs(), kept });
    return kept;
  }
}
