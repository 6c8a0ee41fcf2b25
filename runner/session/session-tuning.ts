/** What the process of a thread runs with: it follows what its people wish, and never goes beyond the settings of now. */
import type { Gen } from '../../protocol/ids.ts';
import { allowedModes, mayGoOnIn } from '../home/settings.ts';
import type { Conversation } from '../journal/session-state.ts';
import { type Checked, checkWish, type Wish } from '../journal/wishes.ts';
import type { ClaudeRun } from './claude-run.ts';
import { termsOf } from './claude-start.ts';
import type { SessionPart } from './session-part.ts';
import { afterModeChange, followWish, sameTuning } from './tuning.ts';

export class SessionTuning {
  readonly #host: SessionPart;
  /** One change at a time, in the order in which they were wished: an older one must not come after a newer one. */
  #last: Promise<void> = Promise.resolve();
  #underWay = 0;
  /** What this host last said that there is to choose from. */
  #offered = '';

  constructor(host: SessionPart) {
    this.#host = host;
  }

  /** The next prompt waits for it. */
  get busy(): boolean {
    return this.#underWay > 0;
  }

  /** Lets the process be as it is wished, and says what holds. */
  follow(modeNow: boolean): void {
    const { rows, guard, pump } = this.#host;
    const { conversation } = rows.state();
    if (conversation === null || conversation.ended) return;
    this.#underWay += 1;
    const followed = this.#last.then(() => this.#follow(conversation.gen, modeNow));
    this.#last = guard.watch('configure', followed).finally(() => {
      this.#underWay -= 1;
      pump();
    });
  }

  async #follow(gen: Gen, modeNow: boolean): Promise<void> {
    const { rows, apply } = this.#host;
    const { conversation } = rows.state();
    if (conversation === null || conversation.ended || conversation.gen !== gen) return;
    const run = this.#host.run();
    const live = run?.gen === gen && run.phase === 'live' ? run : null;
    const { wish, event } = await followWish(live, rows.wish(gen), {
      check: (one) => this.#check(one, conversation),
      newest: () => rows.wish(gen),
      modeNow,
    });
    apply({ writes: [{ write: 'wish', gen, wish }], events: [{ ...event, gen }] });
  }

  #check(wish: Wish, { starter }: Conversation): Checked {
    const { context, pairing } = this.#host;
    return checkWish(context.settings(), wish, starter, pairing.owner);
  }

  /** The settings are the last word, also on a process that began before they changed, or went on in another mode. */
  allows(run: ClaudeRun, conversation: Conversation): boolean {
    const { context, pairing, thread, rows } = this.#host;
    const { terms } = run;
    const now = termsOf(context, pairing, thread, conversation, rows.wish(conversation.gen));
    return (
      now.ok &&
      terms !== null &&
      now.cwd === terms.cwd &&
      now.files === terms.files &&
      sameTuning(now, terms) &&
      this.strayMode(run) === null
    );
  }

  /** The mode that its process has come to run in, when the settings do not allow that. */
  strayMode({ gen, process }: ClaudeRun): string | null {
    const { context, pairing, rows } = this.#host;
    const { conversation } = rows.state();
    if (process === null || conversation === null || conversation.gen !== gen) return null;
    const { mode } = process.now;
    return mayGoOnIn(mode, context.settings(), conversation.starter, pairing.owner) ? null : mode;
  }

  /** Claude has begun a plan by itself, one was approved, or a decision changed it. */
  modeChanged(run: ClaudeRun): void {
    const { rows, apply } = this.#host;
    const { conversation } = rows.state();
    const now = run.process?.now;
    if (conversation === null || now === undefined || run.gen !== conversation.gen) return;
    const { gen } = conversation;
    const old = rows.wish(gen);
    const wish = afterModeChange(old, now.mode, run.grantedMode, (one) => this.#check(one, conversation));
    if (run.terms !== null && wish.mode !== old.mode) run.terms = { ...run.terms, mode: wish.running };
    const { rev, model, mode, effort } = wish;
    apply({
      writes: wish.mode === old.mode ? [] : [{ write: 'wish', gen, wish: { rev, model, mode, effort } }],
      events: [{ kind: 'configured', gen, rev, model, mode, effort, now, refused: null }],
    });
    if (this.strayMode(run) !== null) this.follow(true);
  }

  /** What there is to choose from, when it is not what was said before. */
  offer(run: ClaudeRun): void {
    const { context, pairing, rows, tell } = this.#host;
    const { conversation } = rows.state();
    const offers = run.process?.offers ?? null;
    if (conversation === null || offers === null || run.gen !== conversation.gen) return;
    const modes = allowedModes(context.settings(), conversation.starter, pairing.owner);
    const body = { models: [...offers.models], modes, efforts: [...offers.efforts] };
    const said = `${run.gen} ${JSON.stringify(body)}`;
    if (this.#offered === said) return;
    this.#offered = said;
    tell({ kind: 'offers', gen: run.gen, ...body });
    context.offered?.(conversation.project, offers);
  }
}
