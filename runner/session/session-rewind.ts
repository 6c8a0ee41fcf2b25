/** The undoing of a turn's files in one thread: it waits for a process that can do it, and the next prompt waits for it. */
import type { CommandOf } from '../../protocol/commands.ts';
import type { Conversation } from '../journal/session-state.ts';
import type { ClaudeRun } from './claude-run.ts';
import { failedWords } from './session-endings.ts';
import type { SessionPart } from './session-part.ts';

export class SessionRewind {
  readonly #host: SessionPart;
  /** Not stored: the Session stops waiting by itself. */
  #asked: CommandOf<'rewind'> | null = null;
  #underWay = 0;

  constructor(host: SessionPart) {
    this.#host = host;
  }

  /** The next prompt waits for it: what it changes is not part of that turn. */
  get busy(): boolean {
    return this.#underWay > 0;
  }

  ask(command: CommandOf<'rewind'>): void {
    this.#asked = command;
  }

  /** It waits for a process of this conversation. */
  waits(conversation: Conversation | null): boolean {
    return this.#asked !== null && this.#asked.gen === conversation?.gen;
  }

  start(run: ClaudeRun): void {
    const { guard, tell, pump } = this.#host;
    const { process } = run;
    if (this.#asked === null || process === null) return;
    run.used = true;
    const { gen, turn, apply } = this.#asked;
    this.#asked = null;
    this.#underWay += 1;
    const told = process
      .rewind(turn, apply)
      .catch((error: unknown) => ({ as: 'cannot', why: failedWords(error) }) as const)
      .then((outcome) => tell({ kind: 'rewound', gen, turn, apply, outcome }));
    void guard.watch('rewind', told).finally(() => {
      this.#underWay -= 1;
      pump();
    });
  }

  /** It cannot be done now; nobody waits for it any more. */
  refuse(why: string): void {
    if (this.#asked === null) return;
    const { gen, turn, apply } = this.#asked;
    this.#asked = null;
    this.#host.tell({ kind: 'rewound', gen, turn, apply, outcome: { as: 'cannot', why } });
  }
}
