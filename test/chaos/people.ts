/** People: each has a thread, asks, decides, stops and is impatient. What they did is in the ledger. */
import { setTimeout } from 'node:timers/promises';
import type { Channel } from '../../playground/discord/people/channel-handle.ts';
import { NotPossible } from '../../playground/discord/people/not-possible.ts';
import type { ShownMessage } from '../../playground/discord/people/view.ts';
import type { Random } from '../simulation/random.ts';
import type { Asked, Ledger, Told } from './ledger.ts';
import type { ChaosStage } from './stage.ts';

/** Discord: the answer to a button that changes its message. */
const UPDATE = 7;
const TAKEN = /^(Running|Starting|Taken|Next in line|\d+\S* in line|.*(offline|away))/;
const PAUSE_MAX_MS = 1_200;
/** Nobody asks more while so many prompts wait. */
const QUEUE_MAX = 3;
const THREAD_TIMEOUT_MS = 30_000;

export class Person {
  readonly thread: Channel;
  readonly #stage: ChaosStage;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #pressed = new Set<string>();

  private constructor(stage: ChaosStage, ledger: Ledger, random: Random, thread: Channel) {
    this.#stage = stage;
    this.#ledger = ledger;
    this.#random = random;
    this.thread = thread;
  }

  /** Begins a session while all is well. */
  static async begin(stage: ChaosStage, ledger: Ledger, random: Random): Promise<Person> {
    const { channel, discord } = stage.system;
    const before = new Set(channel.threads.map(({ id }) => id));
    const token = ledger.token();
    await stage.owner.command(channel.id, 'new', { prompt: `say: answer-${token}` });
    const thread = await discord.waitFor(() => channel.threads.find(({ id }) => !before.has(id)), {
      timeoutMs: THREAD_TIMEOUT_MS,
      what: 'a thread',
    });
    ledger.asked.push({ token, thread: thread.id, kind: 'say', told: 'taken' });
    await discord.waitFor(() => stage.shown(thread).some(({ text }) => text.startsWith(`answer-${token}`)), {
      timeoutMs: THREAD_TIMEOUT_MS,
      what: 'the first answer',
    });
    return new Person(stage, ledger, random, thread);
  }

  /** Until it is over: asks, and decides what is asked; sometimes stops. */
  async live(over: () => boolean): Promise<void> {
    while (!over()) {
      const what = this.#random.weighted({ say: 40, stream: 25, run: 35, stop: 3, end: 4, decide: 60 });
      if (what === 'stop') await this.#stop();
      else if (what === 'end') await this.#endAndResume();
      else if (what === 'decide' || this.#waiting() >= QUEUE_MAX) await this.decideAll();
      else await this.ask(what);
      await setTimeout(this.#random.int(0, PAUSE_MAX_MS));
    }
  }

  #waiting(): number {
    return this.#stage.shown(this.thread).filter(({ text }) => text.includes('in line')).length;
  }

  async ask(kind: Asked['kind']): Promise<Asked> {
    const token = this.#ledger.token();
    const prompt = {
      say: `say: answer-${token}`,
      stream: `stream ${this.#random.int(20, 80)}x8@25 ${token}`,
      run: `run: echo ${token} >> marks.txt`,
    }[kind];
    const outcome = await this.#inThread('ask', { prompt });
    const asked = { token, thread: this.thread.id, kind, told: await told(outcome) };
    this.#ledger.asked.push(asked);
    return asked;
  }

  /** Presses Allow or Deny on each open card, once. */
  async decideAll(): Promise<void> {
    for (const card of this.#stage.shown(this.thread)) {
      if (this.#pressed.has(card.id) || !card.buttons.some(({ label }) => label === 'Allow')) continue;
      await this.#decide(card);
    }
  }

  /** What a press that came to nothing left open may be pressed again. */
  forget(): void {
    this.#pressed.clear();
  }

  async #decide(card: ShownMessage): Promise<void> {
    this.#pressed.add(card.id);
    const verdict = this.#random.chance(0.7) ? 'allow' : 'deny';
    const button = card.buttons.find(({ label }) => label === (verdict === 'allow' ? 'Allow' : 'Deny'));
    if (button?.customId === undefined) return;
    // As an impatient client does: what it shows may be gone meanwhile.
    const outcome = await this.#stage.owner
      .forge({ messageId: card.id, customId: button.customId })
      .catch(() => null);
    if (outcome === null || (outcome.failed === undefined && outcome.type !== UPDATE)) return;
    this.#ledger.decided.push({
      thread: this.thread.id,
      card: card.id,
      token: /tok\d+x/.exec(card.text)?.[0] ?? '',
      verdict,
      told: outcome.failed === undefined ? 'taken' : 'lost',
    });
  }

  async #stop(): Promise<void> {
    this.#ledger.stops += 1;
    await this.#inThread('stop');
  }

  /** Neither may get its answer; `/ask` resumes as well. */
  async #endAndResume(): Promise<void> {
    this.#ledger.ends += 1;
    await this.#inThread('end');
    await setTimeout(this.#random.int(0, PAUSE_MAX_MS));
    const { channel } = this.#stage.system;
    if (this.#random.chance(0.5))
      await this.#stage.owner.command(channel.id, 'resume', { session: this.thread.id });
    else await this.#inThread('resume');
  }

  /** Discord: in an archived thread there are no commands, and whoever may write in it opens it. `/end` archives it at its own time. */
  async #inThread(name: string, options: Record<string, string> = {}): Promise<Outcome> {
    for (;;) {
      try {
        return await this.#stage.owner.command(this.thread.id, name, options);
      } catch (error) {
        if (!(error instanceof NotPossible) || !this.thread.archived) throw error;
        this.thread.unarchive();
      }
    }
  }
}

type Outcome = Awaited<ReturnType<ChaosStage['owner']['command']>>;

async function told(outcome: Outcome): Promise<Told> {
  if (outcome.failed !== undefined) return 'lost';
  const answer = await outcome.final({ timeoutMs: 5_000 }).catch(() => null);
  return answer !== null && TAKEN.test(answer.text) ? 'taken' : 'lost';
}
