import type { Discord } from '../discord/discord.ts';
import type { Guild, Member } from '../discord/people/guild-handle.ts';
import type { Health } from './health.ts';

/** What the page shows and acts on. */
export interface Playground {
  readonly discord: Discord;
  readonly guild: Guild;
  /** Whom the page may act as; it begins as the first. Not empty. */
  readonly members: readonly Member[];
  /** Prompts to try. */
  readonly hints: readonly string[];
  /** True: the person's own Claude, not the scripted model. */
  readonly live: boolean;
  readonly health: Health;
}
