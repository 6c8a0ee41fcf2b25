/** What a session keeps of its past: ten thousand turns stay under the caps, and cost what the first ones did. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../protocol/events.ts';
import type { ChannelId, MessageId, TurnId } from '../../../protocol/ids.ts';
import { Posted } from '../../../worker/discord/posted.ts';
import { SqlDeliveryStore } from '../../../worker/discord/store.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { apply } from '../../../worker/session/rules/rules.ts';
import type { Input } from '../../../worker/session/state/input.ts';
import { EMPTY, type State } from '../../../worker/session/state/state.ts';
import { CAPS, isDue, mayChange, trimEntries } from '../../../worker/session/storage/retention.ts';
import { SessionStore } from '../../../worker/session/storage/store.ts';
import { IN_THREAD, Play, STARTER, THREAD } from './play.ts';
import { Rows } from './sqlite.ts';

/** A session as its object has it: rules, rows, what Discord took. One turn after another. */
class Life {
  readonly rows = new Rows();
  readonly store = new SessionStore(this.rows.sql);
  readonly posted = new Posted(new SqlDeliveryStore(this.rows.sql as never), THREAD as string as ChannelId);
  state: State = EMPTY;
  readonly #play = new Play();
  #message = 0;

  constructor() {
    this.#play.open();
    this.step({
      kind: 'open',
      open: {
        id: '1' as never,
        guild: IN_THREAD.guild,
        thread: THREAD,
        parent: IN_THREAD.parent,
        card: 'parent',
        madeThread: true,
        origin: 'https://heddle.example',
        runner: {
          id: 'r1' as never,
          name: 'laptop',
          publicKey: 'key',
          access: this.#play.state.conversation?.access as never,
          presence: { online: true },
        },
        project: 'api' as never,
        starter: STARTER,
        text: null,
        after: null,
      },
    });
  }

  step(input: Input): void {
    const before = this.state;
    const outcome = apply(before, input, { ...this.#play.context(), settled: () => true });
    this.store.write(outcome.changes);
    this.state = outcome.state;
    if (isDue(before, this.state)) {
      trimEntries(this.rows.sql, this.state.thread?.windowSeq ?? 0);
      this.posted.dropSettled(mayChange(this.state, this.slots()), CAPS.messages);
    }
  }

  slots() {
    return renderThread({ gen: 1 as never, entries: [...this.state.entries.values()], stoppable: null });
  }

  /** Everything that the thread should show is a message with a row. */
  show(): void {
    for (const slot of this.slots()) {
      if (this.posted.row(slot.key) !== undefined) continue;
      this.#message += 1;
      const message = String(10_000_000 + this.#message) as MessageId;
      const row = { key: slot.key, state: 'posted', message, hash: 'h', incarnation: 0, sentMs: 0 } as const;
      this.posted.put(row, false);
    }
  }

  event(event: Event): void {
    this.step({ kind: 'event', event });
  }

  turn(words: string): void {
    this.step({
      kind: 'act',
      act: { id: '2' as never, member: STARTER, place: IN_THREAD, act: { do: 'ask', text: words } },
    });
    const [turn] = this.state.turns.keys();
    if (turn === undefined) throw new Error('no turn began');
    const gen = 1 as never;
    const tool = { kind: 'toolBegan', gen, turn, parent: null, name: 'Bash', class: 'command' } as const;
    this.event({
      kind: 'turnBegan',
      gen,
      turn,
      prompt: turn as string as never,
      model: 'm',
      mode: 'default',
    });
    for (const id of ['1', '2']) {
      this.event({ ...tool, tool: id, summary: `npm test ${id}` });
      this.event({ kind: 'toolEnded', gen, turn, tool: id, outcome: 'done' });
    }
    this.event({ kind: 'text', gen, turn, segment: 0, text: `Said: ${words}` });
    this.event({
      kind: 'turnEnded',
      gen,
      turn,
      prompt: turn as string as never,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 0.01,
      usage: {},
    });
    this.show();
  }
}

describe('a session of ten thousand turns', () => {
  it('stays under its caps, costs the same rows a turn, and goes on', { timeout: 120_000 }, () => {
    const life = new Life();
    const cost: number[] = [];
    for (let at = 0; at < 10_000; at += 1) {
      if (at % 1000 === 0) {
        cost.push(life.rows.written);
        life.rows.written = 0;
      }
      life.turn(`turn ${at}`);
    }
    // Each row that a turn adds is deleted once, later: at first tool calls and messages, then the oldest texts too.
    const early = cost[2] ?? 0;
    const late = cost.slice(-3);
    expect(early).toBeGreaterThan(0);
    expect(Math.max(...late)).toBeLessThan(early * 1.2);
    expect(Math.max(...late)).toBeLessThan(Math.min(...late) * 1.02);
    const slack = CAPS.everyEntries * 2;
    expect(life.rows.count('entry')).toBeLessThanOrEqual(CAPS.entries + slack);
    expect(life.rows.count('delivery')).toBeLessThanOrEqual(CAPS.messages + slack);
    expect(life.rows.count("entry WHERE json_extract(body, '$.kind') = 'tool'")).toBeLessThanOrEqual(
      CAPS.wholeEntries + slack,
    );
    expect(life.rows.count('doc')).toBe(1);

    const text = life.rows.db.prepare("SELECT body FROM entry WHERE body LIKE '%Said: turn 8000%'").all();
    expect(text, 'a turn of a while ago has its text').toHaveLength(1);
    const loaded = life.store.load();
    expect(loaded.conversation).toMatchObject({ spent: { turns: 10_000 } });
    life.state = loaded;
    life.turn('one more');
    expect(life.store.load()).toMatchObject({
      conversation: { spent: { turns: 10_001 } },
      lastSeq: loaded.lastSeq + 5,
    });
  });
});

describe('trimming entries', () => {
  const body = (kind: string, size = 10) => JSON.stringify({ kind, text: 'ü'.repeat(size / 2) });
  function filled(count: number, make: (seq: number) => string): Rows {
    const rows = new Rows();
    for (let seq = 1; seq <= count; seq += 1)
      rows.sql.exec('INSERT INTO entry (seq, body) VALUES (?, ?)', seq, make(seq));
    return rows;
  }

  it('drops old tool calls, and nothing that is drawn', () => {
    const rows = filled(1200, (seq) => body(seq % 2 === 0 ? 'tool' : 'text'));
    trimEntries(rows.sql, 1000);
    expect(rows.count("entry WHERE json_extract(body, '$.kind') = 'text'")).toBe(600);
    expect(rows.count('entry WHERE seq < 500')).toBe(250);
    expect(rows.count('entry WHERE seq >= 500')).toBe(701);
  });

  it('keeps the bytes under their cap, counted as UTF-8', () => {
    const mib = 1024 * 1024;
    const rows = filled(40, () => body('text', mib));
    trimEntries(rows.sql, 40);
    expect(rows.count('entry')).toBe(15);
    expect(rows.count('entry WHERE seq = 40')).toBe(1);
  });

  it('keeps what is drawn, however much it is', () => {
    const rows = filled(20, () => body('tool', 1024 * 1024));
    trimEntries(rows.sql, 1);
    expect(rows.count('entry')).toBe(20);
  });
});

describe('rows of messages', () => {
  it('of a turn of which anything is drawn stay, whatever their number', () => {
    const play = new Play().open();
    play.ask('first');
    const turn: TurnId = play.begin();
    const may = mayChange(play.state, [{ key: 'r.3' }, { key: 's' }]);
    expect([`t.${turn}.m0`, `t.${turn}.m99`, `t.${turn}.e`, `d.${turn}`, 'r.3', 's'].map(may)).toEqual(
      Array(6).fill(true),
    );
    expect(['r.4', 'n.end.1', 't.other.p', ''].map(may)).toEqual([false, false, false, false]);
  });
});
