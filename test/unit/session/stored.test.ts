/**
 * Conversations as version 1 of the head stored them: one for each thing that holds the queue, for mixtures of them, and for each way to
 * end. Each was played by the code of that time, which also said what its summary and its next alarm were. They load, and go on.
 */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { snowflakeAt } from '../../../worker/discord/snowflake.ts';
import { nextDueMs } from '../../../worker/session/rules/clock.ts';
import { DEFAULT_SETTINGS, type OpenConversation } from '../../../worker/session/state/conversation.ts';
import { describe as described } from '../../../worker/session/state/summary.ts';
import { SessionStore } from '../../../worker/session/storage/store.ts';
import { upgradeHead } from '../../../worker/session/storage/upgrade.ts';
import captured from '../../fixtures/session/conversations-1.json' with { type: 'json' };
import first from '../../fixtures/session/storage-1.json' with { type: 'json' };
import { Play, STARTER } from './play.ts';
import { Rows } from './sqlite.ts';

type Doc = { readonly key: string; readonly body: string };
type Name = keyof typeof captured;

/** More ids than any of them has made. */
const IDS_MADE = 100;

function stored(name: Name): Play {
  const { docs, entries, nowMs, linkUp } = captured[name];
  const { sql } = new Rows();
  const store = new SessionStore(sql);
  for (const [key, body] of Object.entries(docs))
    sql.exec('INSERT INTO doc (key, body) VALUES (?, ?)', key, JSON.stringify(body));
  for (const [seq, body] of Object.entries(entries))
    sql.exec('INSERT INTO entry (seq, body) VALUES (?, ?)', Number(seq), JSON.stringify(body));
  return Object.assign(new Play(), { state: store.load(), nowMs, linkUp, uuids: IDS_MADE });
}

const texts = (play: Play) => play.sent('prompt').map(({ text }) => text);
const lastTurn = (play: Play) => play.entries('end').at(-1)?.turn as TurnId;
const undo = (play: Play) => play.entries('undo').at(-1)?.state.is;
const work = (play: Play) => described(play.state)?.work;
const rewound = (play: Play, apply: boolean): EventOf<'rewound'> => ({
  kind: 'rewound',
  gen: play.gen,
  turn: lastTurn(play),
  apply,
  outcome: { as: 'ok', files: ['a.ts'], count: 1, insertions: 1, deletions: 2 },
});
const goOn = /interrupted/;
const undone = /undone by the person/;

const GO_ON: Readonly<Record<Name, (play: Play) => void>> = {
  outage(play) {
    expect(play.press(STARTER, 'continue', { tag: lastTurn(play) })).toMatchObject({ kind: 'asked' });
    expect(texts(play)).toEqual([expect.stringMatching(goOn)]);
    play.end(play.begin());
    expect(texts(play).at(-1)).toBe('third');
  },
  'outage, its prompt never run'(play) {
    play.press(STARTER, 'continue', { tag: lastTurn(play) });
    expect(texts(play)).toEqual(['second']);
  },
  'outage, going on when the limit is over'(play) {
    play.later(3_604_000);
    expect(texts(play)).toEqual([]);
    play.later(1_000);
    expect(texts(play)).toEqual([expect.stringMatching(goOn)]);
  },
  'outage of the transcript'(play) {
    play.press(STARTER, 'afresh', { tag: lastTurn(play) });
    expect(play.last('begin')).toMatchObject({ gen: 2 });
    expect(play.last('begin').from).toBeUndefined();
    expect(texts(play)).toEqual(['second']);
    expect(described(play.state)).toMatchObject({ continues: 1, costUsd: 0.25 });
  },
  unanswered(play) {
    play.act(STARTER, { do: 'resume' });
    expect(texts(play)).toEqual([expect.stringMatching(goOn)]);
  },
  'undo: looking'(play) {
    play.event(rewound(play, false));
    expect(undo(play)).toBe('asking');
  },
  'undo: asking'(play) {
    play.later(16 * 60_000);
    expect(undo(play)).toBe('kept');
  },
  'undo: doing, and a prompt waits'(play) {
    expect(texts(play)).toEqual([]);
    play.event(rewound(play, true));
    expect(texts(play)).toEqual([expect.stringMatching(undone)]);
  },
  'undone, and Claude not told'(play) {
    play.ask('next');
    expect(texts(play)).toEqual([expect.stringMatching(undone)]);
  },
  'unanswered and undo'(play) {
    play.act(STARTER, { do: 'undo', confirm: true });
    play.event(rewound(play, true));
    play.press(STARTER, 'continue', { tag: lastTurn(play) });
    expect(texts(play)).toEqual([expect.stringMatching(undone)]);
    expect(texts(play)).toEqual([expect.stringMatching(goOn)]);
  },
  'outage, unanswered and undo'(play) {
    play.press(STARTER, 'continue', { tag: lastTurn(play) });
    expect(texts(play)).toEqual([]);
    play.event(rewound(play, true));
    expect(texts(play)).toEqual([expect.stringMatching(undone)]);
  },
  'outage and undo'(play) {
    play.event(rewound(play, true));
    expect(texts(play)).toEqual([]);
    play.press(STARTER, 'discard', { tag: lastTurn(play) });
    expect(texts(play)).toEqual([expect.stringMatching(/undone by the person[\s\S]*third$/)]);
  },
  'outage, and the budget used'(play) {
    const [, line] = play.entries('budget');
    play.press(STARTER, 'extend', { ref: line?.n ?? 0 });
    expect(texts(play)).toEqual([]);
    play.press(STARTER, 'continue', { tag: lastTurn(play) });
    expect(texts(play)).toHaveLength(1);
  },
  'settings chosen while the runner is away'(play) {
    expect(work(play)).toBe(true);
    play.event({
      kind: 'configured',
      gen: play.gen,
      rev: 1,
      model: null,
      mode: 'plan',
      effort: null,
      now: null,
      refused: null,
    });
    play.step({ kind: 'runnerNotified' });
    expect(work(play)).toBe(false);
    play.step({ kind: 'shown', card: null });
    expect(described(play.state)).toMatchObject({ state: { is: 'idle' }, work: false });
    play.event({ kind: 'offers', gen: play.gen, models: [], modes: ['default', 'plan'], efforts: [] });
    const panel = JSON.stringify(play.act(STARTER, { do: 'settings' }));
    for (const value of ['plan', 'verbose', 'requests'])
      expect(panel).toMatch(new RegExp(`"value":"${value}"[^}]*"chosen":true`));
    play.act(STARTER, { do: 'settings', messages: 'on' });
    play.linkUp = true;
    const upTo = '1500000000000000000' as never;
    const said = { id: upTo, author: STARTER, text: 'heard', files: [], refused: null };
    play.step({ kind: 'heard', said: [said], upTo });
    expect(texts(play)).toEqual(['heard']);
    expect(play.entries('prompt').at(-1)?.verbosity).toBe('verbose');
  },
  'ended by a person, and the runner not told'(play) {
    play.step({ kind: 'runnerNotified' });
    expect(work(play)).toBe(false);
    play.act(STARTER, { do: 'resume' });
    play.linkUp = true;
    play.ask('again');
    const from = { claudeSession: play.last('begin').claudeSession, fork: false };
    expect(play.last('begin')).toMatchObject({ gen: 2, from });
    expect(described(play.state)).toMatchObject({ continues: 1, inherited: { turns: 1, costUsd: 0.25 } });
  },
  'ended, and its worktree is looked at'(play) {
    play.event({ kind: 'worktree', gen: play.gen, outcome: { as: 'removed' } });
    play.step({ kind: 'runnerNotified' });
    expect(play.entries('worktree').at(-1)?.state).toMatchObject({ is: 'removed', by: { name: 'sam' } });
    expect(work(play)).toBe(false);
  },
  'ended by nobody, with the thread'(play) {
    expect(work(play)).toBe(false);
    play.open({ text: 'anew' });
    expect(texts(play)).toEqual(['anew']);
    expect(described(play.state)).toMatchObject({ gen: 2, costUsd: 0, state: { is: 'failed' } });
  },
  'resumed, by two people'(play) {
    play.ask('both');
    expect(texts(play)).toEqual(['[@sam] both']);
    expect(described(play.state)).toMatchObject({ title: 'Better tests', inherited: { turns: 2 } });
    expect(JSON.stringify(play.act(STARTER, { do: 'settings', mode: 'acceptEdits' }))).toMatch(/refused/);
  },
};

it('the first head that was ever stored has what came later by its default', () => {
  const [doc] = first.tables.filter(({ name }) => name === 'doc').flatMap(({ rows }) => rows as Doc[]);
  const { thread, conversation } = upgradeHead(JSON.parse(doc?.body ?? ''));
  expect(thread).toMatchObject({ listens: true, parked: null, name: null, verbosity: 'normal', notify: {} });
  expect(conversation).toMatchObject({
    worktree: null,
    together: false,
    titled: false,
    lastMessage: null,
    runsWith: { model: 'claude-sonnet-5', desired: DEFAULT_SETTINGS, offers: null, workspace: null },
    spent: { turns: 1, costUsd: 0.25, models: [], messages: 0, inherited: null },
    budget: null,
    files: 0,
    context: null,
    open: { process: 'p-1', holds: {}, failed: null, budgetNotice: null },
    ended: null,
  });
  const c = conversation as OpenConversation;
  expect(c.open.heardTo).toBe(snowflakeAt(c.startedMs));
});

it('nothing of the old shape is left, and what has the shape of now stays as it is', () => {
  const old = ['wish', 'untold', 'paused', 'outage', 'undo', 'parked', 'toArchive', 'tokensIn', 'costUsd'];
  for (const { docs } of Object.values(captured)) {
    const head = upgradeHead(docs.head as never);
    expect(Object.keys(head.conversation ?? {}).filter((key) => old.includes(key))).toEqual([]);
    expect(Object.keys(head.thread ?? {})).not.toContain('deaf');
    expect(upgradeHead(JSON.parse(JSON.stringify(head)))).toEqual(head);
  }
});

describe.each(Object.keys(captured) as Name[])('stored by version 1: %s', (name) => {
  it('says of itself what it said then, and is due when it was due then', () => {
    const play = stored(name);
    expect(described(play.state)).toEqual(captured[name].summary);
    expect(nextDueMs(play.state, play.context())).toEqual(captured[name].dueMs);
  });

  it('goes on', () => GO_ON[name](stored(name)));
});
