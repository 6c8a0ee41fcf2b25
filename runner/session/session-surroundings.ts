/** Where a thread works: what its folder looks like after a turn, and what becomes of its worktree after its end. */

import type { CommandOf } from '../../protocol/commands.ts';
import type { Gen } from '../../protocol/ids.ts';
import type { ClaudeRun } from './claude-run.ts';
import { failedWords } from './session-endings.ts';
import type { SessionPart } from './session-part.ts';
import { settleWorktree } from './session-worktree.ts';
import { WorkspaceTeller } from './workspace.ts';

export interface SurroundingsPart extends SessionPart {
  /** Resolves when no process of this gen, or of one before it, is left or under way: what still runs may still write. */
  readonly quiet: (gen: Gen) => Promise<void>;
}

export class SessionSurroundings {
  readonly #host: SurroundingsPart;
  #errands = 0;
  #teller: { readonly gen: Gen; readonly teller: WorkspaceTeller } | null = null;

  constructor(host: SurroundingsPart) {
    this.#host = host;
  }

  /** Something runs in the background that ends in an event. */
  get busy(): boolean {
    return this.#errands > 0;
  }

  /** Looks at the worktree of the conversation that has ended, or removes it, and tells. */
  worktree(command: CommandOf<'worktree'>): void {
    void this.#host.guard.watch('worktree', this.#worktree(command));
  }

  async #worktree(command: CommandOf<'worktree'>): Promise<void> {
    const { context, pairing, thread, rows, tell, quiet, phase } = this.#host;
    const { conversation } = rows.state();
    const { gen } = command;
    if (conversation === null || conversation.gen !== gen) return;
    this.#errands += 1;
    try {
      await quiet(gen);
      if (phase() === 'closing') return;
      const goesOn = () => rows.state().conversation?.gen !== gen;
      const outcome = await settleWorktree(context, pairing, thread, { conversation, command, goesOn }).catch(
        (error: unknown) => ({ as: 'failed', words: failedWords(error) }) as const,
      );
      if (phase() !== 'closing') tell({ kind: 'worktree', gen, outcome });
    } finally {
      this.#errands -= 1;
    }
  }

  /** A turn is over: tells what has changed. */
  turnEnded({ gen, terms }: ClaudeRun): void {
    if (terms !== null) this.#tellerOf(gen).look(terms);
  }

  #tellerOf(gen: Gen): WorkspaceTeller {
    if (this.#teller?.gen === gen) return this.#teller.teller;
    const { context, guard, rows, tell, phase } = this.#host;
    const trusts = async (project: string) => (await context.claude.settingsSources(project)) === 'all';
    const teller = new WorkspaceTeller(
      trusts,
      guard.callback('workspace', (workspace) => {
        if (phase() === 'closing') return;
        const { conversation } = rows.state();
        if (conversation !== null && conversation.gen === gen && !conversation.ended)
          tell({ kind: 'workspace', gen, ...workspace });
      }),
    );
    this.#teller = { gen, teller };
    return teller;
  }
}
