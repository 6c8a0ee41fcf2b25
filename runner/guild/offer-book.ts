/** What the CLI last reported that there is to choose from, kept over restarts: the Guild is told of it before a process runs. */
import * as v from 'valibot';
import { type CatalogueOffers, CommandOffers, Effort, ModelOffer } from '../../protocol/configure.ts';
import type { ProjectName, UserId } from '../../protocol/ids.ts';
import { COMMANDS_MAX_BYTES } from '../../protocol/limits.ts';
import type { ClaudeOffers } from '../claude/line/offers.ts';
import { allowedModes, type Settings } from '../home/settings.ts';
import type { Journal } from '../journal/journal.ts';

const Kept = v.object({ models: v.array(ModelOffer), efforts: v.array(Effort) });
const CLI = 'cli';
/** Nobody: whoever began a session is not the owner. */
const NOBODY = '0' as UserId;

export class OfferBook {
  readonly #journal: Journal;
  readonly #changed: () => void;

  constructor(journal: Journal, changed: () => void) {
    this.#journal = journal;
    this.#changed = changed;
  }

  put(project: ProjectName, { models, efforts, commands }: ClaudeOffers): void {
    const changed = this.#journal.tx(() =>
      [this.#set(CLI, { models, efforts }), this.#set(of(project), commands)].includes(true),
    );
    if (changed) this.#changed();
  }

  /** For the catalogue; nothing before the first process. */
  offers(settings: Settings, owner: UserId): CatalogueOffers | undefined {
    const kept = v.safeParse(Kept, this.#get(CLI));
    if (!kept.success) return undefined;
    const modes = {
      owner: allowedModes(settings, owner, owner),
      others: allowedModes(settings, NOBODY, owner),
    };
    return { ...kept.output, modes };
  }

  /** The commands of each of these projects, in their order, as many as fit: those of the first in full. */
  commands(projects: readonly ProjectName[]): (CommandOffers | undefined)[] {
    let left = COMMANDS_MAX_BYTES;
    return projects.map((project) => {
      const parsed = v.safeParse(CommandOffers, this.#get(of(project)));
      if (!parsed.success) return undefined;
      const fitting = parsed.output.filter((command) => {
        left -= Buffer.byteLength(JSON.stringify(command)) + 1;
        return left >= 0;
      });
      return fitting.length === 0 ? undefined : fitting;
    });
  }

  #get(key: string): unknown {
    const row = this.#journal.sql('SELECT body FROM offers WHERE key = ?').get(key);
    try {
      return row === undefined ? null : JSON.parse(String(row.body));
    } catch {
      // The next process says it again.
      return null;
    }
  }

  #set(key: string, value: unknown): boolean {
    const body = JSON.stringify(value);
    const { changes } = this.#journal
      .sql(
        `INSERT INTO offers (key, body) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET body = excluded.body WHERE body <> excluded.body`,
      )
      .run(key, body);
    return Number(changes) > 0;
  }
}

function of(project: ProjectName): string {
  return `in:${project}`;
}
