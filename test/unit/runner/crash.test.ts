/** 3. Never lost, never twice: the runner dies before and after every one of its transactions, and goes on from the file. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../protocol/commands.ts';
import type { Event } from '../../../protocol/events.ts';
import type { PromptId, TurnId } from '../../../protocol/ids.ts';
import { Journal } from '../../../runner/journal/journal.ts';
import {
  begin,
  decide,
  end,
  interrupt,
  type Life,
  type last,
  prompt,
  promptId,
  Stage,
  settle,
} from './stage.ts';

class Crash extends Error {}

/** Dies at its n-th transaction: before anything of it is on disk, or just after all of it is. Then nothing works any more. */
class MortalJournal extends Journal {
  #left = Number.POSITIVE_INFINITY;
  #when: 'before' | 'after' = 'before';
  #inside = false;
  dead = false;

  arm(dieAt: number, when: 'before' | 'after'): void {
    this.#left = dieAt;
    this.#when = when;
  }

  override tx<T>(change: () => T): T {
    // The constructor migrates before the fields of this class are there.
    if (!(#inside in this) || this.#inside) return super.tx(change);
    if (this.dead) throw new Crash();
    this.#left -= 1;
    if (this.#left === 0 && this.#when === 'before') this.#die();
    this.#inside = true;
    try {
      return super.tx(() => {
        const result = change();
        // Effects run after the commit; this one is the first of them, and the last.
        if (this.#left === 0) {
          this.#left = -1;
          this.dropEffects();
          this.afterCommit(() => this.#die());
        }
        return result;
      });
    } finally {
      this.#inside = false;
    }
  }

  #die(): never {
    this.dead = true;
    throw new Crash();
  }
}

/** What a person and a Session do over time; each step waits for what the one before it led to. */
type Step = (life: Life, stage: Stage, commands: Command[]) => void;

const [first, second, third, early] = [promptId(), promptId(), promptId(), promptId()];
const give =
  (...more: Command[]): Step =>
  (life, _stage, commands) => {
    commands.push(...more);
    life.deliver(commands);
  };
const withLast =
  (act: (claude: ReturnType<typeof last>) => void): Step =>
  (_life, stage) => {
    const claude = stage.world.claudes.at(-1);
    if (claude?.alive === true) act(claude);
  };

const OWN = promptId() as string as TurnId;
const STORY: readonly Step[] = [
  give(begin(1), prompt(1, first)),
  withLast((claude) => claude.busy && claude.ask('r1')),
  (life, stage, commands) => {
    const claude = stage.world.claudes.at(-1);
    if (claude !== undefined) give(decide(1, claude.id, 'r1'))(life, stage, commands);
  },
  withLast((claude) => claude.busy && claude.finish()),
  give(prompt(1, early), interrupt(1, early)),
  give(prompt(1, second)),
  // A background task's turn.
  withLast((claude) => claude.busy && claude.finish()),
  withLast((claude) => claude.beginOwn(OWN)),
  withLast((claude) => claude.die('crashed')),
  give(begin(2), prompt(2, third)),
  give(end(2)),
];

/** Plays the story; a crash at any point is followed by a new life, which gets again what was not stored. */
async function play(dieAt: number, when: 'before' | 'after') {
  const stage = new Stage();
  const commands: Command[] = [];
  const journal = new MortalJournal(stage.home.journal);
  let life = stage.live({ journal });
  journal.arm(dieAt, when);
  let crashed = false;
  const attempt = async (act: () => void) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await settle();
    if (!journal.dead || crashed) return;
    crashed = true;
    journal.close();
    // The CLI's stdin is closed with the runner; nobody hears what it says.
    for (const claude of stage.world.claudes) claude.alive = false;
    life = stage.live();
    await settle();
    life.deliver(commands);
    await settle();
  };
  for (const step of STORY) await attempt(() => step(life, stage, commands));
  const rest = life;
  await attempt(() => void rest.host.close());
  return { stage, events: life.events(), crashed };
}

const endings = (events: readonly Event[], id: PromptId) =>
  events.filter((event) => event.kind === 'turnEnded' && event.prompt === id);

function check(stage: Stage, events: readonly Event[]): void {
  for (const id of [first, second, third, early]) {
    const fed = stage.world.fed.filter((one) => one.prompt === id).length;
    const ended = endings(events, id);
    expect(ended, 'one end').toHaveLength(1);
    expect(fed, 'fed at most once').toBeLessThanOrEqual(1);
    const outcome = ended[0]?.kind === 'turnEnded' ? ended[0].outcome : undefined;
    if (outcome?.as === 'done') expect(fed, 'done means it ran').toBe(1);
    if (outcome?.as === 'failed' && !outcome.started) expect(fed, 'not started means it never ran').toBe(0);
  }
  expect(stage.world.decided.length).toBeLessThanOrEqual(1);
  // A turn that began by itself has an end as well.
  const own = (kind: Event['kind']) =>
    events.filter((event) => event.kind === kind && 'turn' in event && event.turn === OWN).length;
  expect(own('turnEnded')).toBe(own('turnBegan'));
  // Each process that was told as started is told as ended, once, so no request stays open for ever.
  for (const claude of stage.world.claudes) {
    const told = (kind: Event['kind']) =>
      events.filter((event) => event.kind === kind && 'process' in event && event.process === claude.id)
        .length;
    expect(told('processEnded')).toBe(told('processStarted'));
  }
}

// Some sixty lives, each with files of its own.
describe('a crash of the runner', { timeout: 60_000 }, () => {
  test('none at all: the story as it should be', async () => {
    const { stage, events, crashed } = await play(Number.POSITIVE_INFINITY, 'before');
    expect(crashed).toBe(false);
    check(stage, events);
    expect(stage.world.fed.map((one) => one.prompt)).toEqual([first, early, second, third]);
    expect(stage.world.decided).toHaveLength(1);
  });

  test.each(['before', 'after'] as const)(
    '%s each transaction loses nothing and runs nothing twice',
    async (when) => {
      let died = 0;
      for (let at = 1; ; at++) {
        const { stage, events, crashed } = await play(at, when);
        if (!crashed) break;
        died += 1;
        try {
          check(stage, events);
        } catch (error) {
          throw new Error(
            `crash ${when} transaction ${at}: ${String(error)}\n${JSON.stringify(events, null, 1)}`,
          );
        }
      }
      // The story has this many steps that matter; fewer means that the crashes did not happen.
      expect(died).toBeGreaterThan(20);
    },
  );
});
