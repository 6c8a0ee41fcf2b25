/** What features do to each other: a thing that is over stays over, and nothing that a person wrote is lost on the way. */
import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../../protocol/events.ts';
import type { PromptFile } from '../../../protocol/files.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { snowflakeAt } from '../../../worker/discord/snowflake.ts';
import { budgetSlot } from '../../../worker/render/thread/budget.ts';
import { summarize } from '../../../worker/session/state/state.ts';
import { OWNER, Play, STARTER } from './play.ts';

const FILE: PromptFile = {
  url: 'https://cdn.discordapp.com/a.png',
  name: 'a.png',
  type: 'image/png',
  bytes: 9,
};

/** The prompt that was given last fails. */
function fail(play: Play, code: FailureCode, started = true): TurnId {
  const turn = started ? play.begin() : (play.last('prompt').prompt as string as TurnId);
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'failed', code, words: 'why', started },
    durationMs: 1,
    costUsd: 0,
    usage: {},
  });
  return turn;
}

function spend(play: Play, costUsd: number): TurnId {
  const turn = play.begin();
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'done' },
    durationMs: 1,
    costUsd,
    usage: {},
  });
  return turn;
}

const given = (play: Play) => play.sent('prompt').map(({ text }) => text);
const undos = (play: Play) => play.entries('undo').map(({ state }) => state.is);
const offer = (play: Play, turn: TurnId) =>
  play.event({
    kind: 'rewound',
    gen: play.gen,
    turn,
    apply: false,
    outcome: { as: 'ok', files: ['a.ts'], count: 1, insertions: 1, deletions: 0 },
  });

describe('undo and the end of a session', () => {
  it('an offer that is open ends with it, and no button of it reaches the runner', () => {
    const play = new Play().open({ text: 'edit' });
    const turn = play.begin();
    play.end(turn);
    play.act(STARTER, { do: 'undo', confirm: false });
    offer(play, turn);
    expect(undos(play)).toEqual(['asking']);
    play.act(STARTER, { do: 'end' });
    expect(undos(play)).toEqual(['kept']);
    for (const verb of ['undo', 'undoyes', 'undono'] as const)
      expect(play.refusal(play.press(STARTER, verb, { tag: turn }))).toMatch(/has ended/);
    expect(play.sent('rewind')).toHaveLength(1);
    play.step({ kind: 'runnerNotified' });
    expect(summarize(play.state)?.work).toBe(false);
  });

  it('one that is looked for keeps nobody linked', () => {
    const play = new Play().open({ text: 'edit' });
    play.end(play.begin());
    play.act(STARTER, { do: 'undo', confirm: false });
    play.act(STARTER, { do: 'end' });
    play.step({ kind: 'runnerNotified' });
    expect(summarize(play.state)?.work).toBe(false);
    expect(play.state.conversation?.open?.holds.undo).toBeUndefined();
  });
});

it('a prompt waits while an undo is done, so that Claude hears of it with that very prompt', () => {
  const play = new Play().open({ text: 'edit' });
  const turn = play.begin();
  play.end(turn);
  play.act(STARTER, { do: 'undo', confirm: false });
  offer(play, turn);
  play.act(STARTER, { do: 'undo', confirm: true });
  play.ask('go on');
  expect(given(play)).toEqual(['edit']);
  expect(summarize(play.state)?.work).toBe(true);
  play.event({
    kind: 'rewound',
    gen: play.gen,
    turn,
    apply: true,
    outcome: { as: 'ok', files: ['a.ts'], count: 1, insertions: 1, deletions: 0 },
  });
  expect(given(play)[1]).toMatch(/undone by the person[\s\S]*go on$/);
});

it('a prompt that waits for an undo runs also when the runner never says that it is done', () => {
  const play = new Play().open({ text: 'edit' });
  const turn = play.begin();
  play.end(turn);
  play.act(STARTER, { do: 'undo', confirm: false });
  offer(play, turn);
  play.act(STARTER, { do: 'undo', confirm: true });
  play.ask('go on');
  play.later(61_000);
  expect(given(play)).toEqual(['edit', 'go on']);
});

describe('a form that is sent when the session has ended', () => {
  it('Edit gives back what was typed, and leaves nothing behind that waits', () => {
    const play = new Play().open({ text: 'first' });
    play.begin();
    play.ask('second');
    const second = String([...play.state.queue.keys()][0]);
    play.act(STARTER, { do: 'end' });
    const answer = play.press(STARTER, 'editqueued', { tag: second, fields: { text0: 'second, better' } });
    expect(play.refusal(answer)).toContain('second, better');
    expect(play.state.queue.size).toBe(0);
    play.step({ kind: 'runnerNotified' });
    expect(summarize(play.state)?.work).toBe(false);
  });

  it('Deny + reason gives back what was typed', () => {
    const play = new Play().open({ text: 'first' });
    const ref = play.request('req-1', play.begin());
    play.act(STARTER, { do: 'end' });
    const answer = play.press(STARTER, 'denywhy', { ref, fields: { reason: 'use bun' } });
    expect(play.refusal(answer)).toContain('use bun');
  });
});

describe('where a session stopped', () => {
  it('a prompt that is held is no next prompt: Continue still goes on', () => {
    const play = new Play().open({ text: 'first' });
    const turn = fail(play, 'crashed');
    play.press(STARTER, 'editqueued', { tag: 'gone', fields: { text0: 'typed too late' } });
    expect(play.state.conversation?.open?.holds.unfinished?.turn).toBe(turn);
    expect(play.press(STARTER, 'continue', { tag: turn }).kind).toBe('asked');
  });

  it('is over when what waited runs: /resume runs nothing later', () => {
    const play = new Play().open({ text: 'first' });
    play.ask('second');
    fail(play, 'crashed');
    expect(given(play)).toEqual(['first', 'second']);
    play.end(play.begin());
    expect(play.refusal(play.act(STARTER, { do: 'resume' }))).toMatch(/goes on already/);
    expect(given(play)).toEqual(['first', 'second']);
  });

  it('is over as well when Claude goes on by itself', () => {
    const play = new Play().open({ text: 'first' });
    fail(play, 'overloaded');
    const turn = '00000000-0000-4000-8000-0000000000aa' as TurnId;
    play.event({ kind: 'turnBegan', gen: play.gen, turn, prompt: null, model: 'sonnet', mode: 'default' });
    play.end(turn);
    play.act(STARTER, { do: 'resume' });
    expect(given(play)).toEqual(['first']);
  });

  it('Continue after a background request asks once, however often it is pressed', () => {
    const play = new Play().open({ text: 'first' });
    play.end(play.begin());
    const ref = play.request('req-1', null);
    play.later(25 * 3_600_000);
    expect(play.requests().at(-1)?.state.is).toBe('expired');
    play.linkUp = false;
    expect(play.press(STARTER, 'continue', { ref, tag: '' }).kind).toBe('asked');
    expect(play.refusal(play.press(STARTER, 'continue', { ref, tag: '' }))).toMatch(/is over/);
    expect(play.state.queue.size).toBe(1);
  });

  it('Begin afresh leaves no turn behind that nothing could end', () => {
    const play = new Play().open({ text: 'first' });
    const failed = fail(play, 'transcript', false);
    const turn = '00000000-0000-4000-8000-0000000000aa' as TurnId;
    play.event({ kind: 'turnBegan', gen: play.gen, turn, prompt: null, model: 'sonnet', mode: 'default' });
    play.press(STARTER, 'afresh', { tag: failed });
    play.end(turn);
    expect(play.state.turns.size).toBe(0);
  });

  it.each(['continue', '/resume'])('%s asks a prompt that was not run with its files', (how) => {
    const play = new Play().open();
    play.act(STARTER, { do: 'ask', text: 'look', files: [FILE] });
    const turn = fail(play, 'login', false);
    if (how === 'continue') play.press(STARTER, 'continue', { tag: turn });
    else play.act(STARTER, { do: 'resume' });
    expect(play.sent('prompt')).toHaveLength(2);
    expect(play.last('prompt')).toMatchObject({ text: 'look', files: [FILE] });
  });

  it('one of Claude’s slash commands stays one when it is asked again', () => {
    const play = new Play().open();
    play.act(STARTER, { do: 'slash', command: 'compact', args: '' });
    const turn = fail(play, 'login', false);
    play.press(OWNER, 'continue', { tag: turn });
    expect(play.last('prompt')).toMatchObject({ text: '/compact', slash: true });
  });

  it('Begin afresh asks with the files, and the line of a used budget is of the new conversation', () => {
    const play = new Play().open({ budgetUsd: 1 });
    play.ask('dear');
    spend(play, 0.5);
    play.act(STARTER, { do: 'ask', text: 'look', files: [FILE] });
    const turn = fail(play, 'transcript', false);
    play.act(STARTER, { do: 'budget', usd: 0.4 });
    play.press(STARTER, 'afresh', { tag: turn });
    const open = play.entries('budget').filter(({ state }) => state.is === 'open');
    expect(open.map((entry) => [entry.gen, budgetSlot(entry).rows.length])).toEqual([[play.gen, 1]]);
    play.press(STARTER, 'extend', { ref: open[0]?.n ?? 0 });
    expect(play.last('prompt')).toMatchObject({ gen: 2, text: 'look', files: [FILE] });
  });
});

it('Send now says that a used budget stands before it', () => {
  const play = new Play().open({ budgetUsd: 1, text: 'dear' });
  spend(play, 1.5);
  play.ask('next');
  const tag = String([...play.state.queue.keys()][0]);
  expect(play.refusal(play.press(STARTER, 'sendnow', { tag }))).toMatch(/budget.*Extend/);
  expect(given(play)).toEqual(['dear']);
});

it('what people said to each other while the session was ended is not for Claude when it goes on', () => {
  const play = new Play().open({ text: 'first' });
  play.end(play.begin());
  play.act(STARTER, { do: 'end' });
  play.nowMs += 60_000;
  const id = snowflakeAt(play.nowMs);
  play.nowMs += 60_000;
  play.act(STARTER, { do: 'resume' });
  play.step({
    kind: 'heard',
    said: [{ id, author: STARTER, text: 'lunch?', files: [], refused: null }],
    upTo: id,
  });
  expect(given(play)).toEqual(['first']);
  const next = snowflakeAt(play.nowMs + 1);
  play.step({
    kind: 'heard',
    said: [{ id: next, author: STARTER, text: 'go on', files: [], refused: null }],
    upTo: next,
  });
  expect(given(play)).toEqual(['first', 'go on']);
});

it('a worktree that somebody kept while the runner looked at it stays kept', () => {
  const play = new Play().open({ worktree: { name: 'x' }, text: 'hello' });
  play.end(play.begin());
  play.act(STARTER, { do: 'end' });
  play.act(STARTER, { do: 'end', worktree: 'keep' });
  expect(play.entries('worktree').at(-1)?.state.is).toBe('kept');
  play.event({
    kind: 'worktree',
    gen: play.gen,
    outcome: { as: 'kept', uncommitted: 1, unmerged: 0, files: ['a'], commits: [], mark: 'm' },
  });
  expect(play.entries('worktree').at(-1)?.state.is).toBe('kept');
  expect(play.state.conversation?.ended?.toArchive).toBe(true);
});

it('a question too large for a row is declined, and Claude asks in plain text', () => {
  const play = new Play().open({ text: 'first' });
  const turn = play.begin();
  const questions = [
    {
      question: 'Which?',
      header: '',
      multiSelect: false,
      options: [{ label: 'a', description: 'x'.repeat(3_000_000) }],
    },
  ];
  play.request('req-1', turn, { asks: 'question', name: 'AskUserQuestion', class: 'other' }, { questions });
  expect(play.requests().at(-1)?.state.is).toBe('declined');
  expect(play.last('decide').verdict.behavior).toBe('deny');
});
