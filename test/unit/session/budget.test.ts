/** A session's budget: it pauses between turns, keeps what waits, and goes on when somebody says so. */
import { describe, expect, it } from 'vitest';
import type { TurnId } from '../../../protocol/ids.ts';
import { budgetSlot } from '../../../worker/render/thread/budget.ts';
import { hasWork, summarize } from '../../../worker/session/state/state.ts';
import { OWNER, Play, STARTER, STRANGER } from './play.ts';

function spend(play: Play, costUsd: number, turn: TurnId = play.begin()): void {
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'done' },
    durationMs: 1000,
    costUsd,
    usage: { sonnet: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, costUsd } },
  });
}

/** A session of $1 that has spent $1.20 in its first turn. */
function held(text: string | null = null): Play {
  const play = new Play().open({ budgetUsd: 1 });
  play.ask('first');
  if (text !== null) {
    play.begin();
    play.ask(text);
  }
  spend(play, 1.2, play.last('prompt').prompt as string as TurnId);
  return play;
}

const lines = (play: Play) => play.entries('budget').map(budgetSlot);
const labels = (play: Play) =>
  lines(play).map((slot) => slot.rows.flat().map((button) => ('label' in button ? button.label : '')));

describe('a session that has used its budget', () => {
  it('pauses after the turn, says so in one line, and holds what waits', () => {
    const play = held('second');
    expect(play.sent('prompt')).toHaveLength(1);
    expect(lines(play).map((slot) => slot.content)).toEqual(['⏸ Budget of $1.00 used. Extend adds $1.00.']);
    expect(labels(play)).toEqual([['Extend', 'End']]);
    expect(summarize(play.state)).toMatchObject({ state: { is: 'paused', budgetUsd: 1 }, queued: 1 });
    expect(hasWork(play.state), 'a runner is not kept for it').toBe(false);
    expect(lines(play)[0]?.notify, 'whose prompt waits hears of it').toBe(STARTER.id);
    play.step({ kind: 'linkUp' });
    play.later(1000);
    expect(play.sent('prompt')).toHaveLength(1);
    expect(play.entries('budget')).toHaveLength(1);
  });

  it('takes prompts, and shows that they wait', () => {
    const play = held();
    expect(lines(play)[0]).toMatchObject({ notify: null, content: expect.stringMatching(/^-# ⏸/) });
    expect(play.ask('later')).toMatchObject({ kind: 'asked' });
    expect(play.entries('queued').at(-1)).toMatchObject({ text: 'later', state: 'waiting' });
    expect(play.sent('prompt')).toHaveLength(1);
  });

  it('goes on when it is extended by the same amount, and pauses again', () => {
    const play = held('second');
    const n = play.entries('budget')[0]?.n ?? 0;
    expect(play.press(STARTER, 'extend', { ref: n, tag: '' })).toMatchObject({ kind: 'private' });
    expect(play.last('prompt').text).toContain('second');
    expect(play.state.conversation).toMatchObject({ budget: { usd: 2 } });
    expect(lines(play)[0]).toMatchObject({
      content: '⏸ Budget of $1.00 used · sam extended it to $2.00',
      rows: [],
    });
    spend(play, 0.9);
    expect(lines(play).at(-1)?.content).toContain('Budget of $2.00 used. Extend adds $1.00');
  });

  it('is extended until something is left of it', () => {
    const play = new Play().open({ budgetUsd: 1 });
    play.ask('dear');
    spend(play, 7.3);
    play.press(STARTER, 'extend', { ref: play.entries('budget')[0]?.n ?? 0, tag: '' });
    expect(play.state.conversation?.budget?.usd).toBe(8);
    expect(summarize(play.state)?.state.is).toBe('idle');
  });

  it('is extended once, whoever presses twice, and never by a stranger', () => {
    const play = held();
    const n = play.entries('budget')[0]?.n ?? 0;
    expect(play.refusal(play.press(STRANGER, 'extend', { ref: n, tag: '' }))).toContain('belongs to');
    expect(play.refusal(play.press(STARTER, 'extend', { ref: n + 1, tag: '' }))).toContain('is over');
    expect(play.refusal(play.press(STARTER, 'extend', { ref: n, tag: '', gen: 9 }))).toContain('earlier');
    expect(play.state.conversation?.budget?.usd).toBe(1);
    play.press(OWNER, 'extend', { ref: n, tag: '' });
    expect(play.refusal(play.press(STARTER, 'extend', { ref: n, tag: '' }))).toContain('is over');
    expect(play.state.conversation?.budget?.usd).toBe(2);
  });

  it('ends by its button, and its line has no buttons then', () => {
    const play = held('second');
    play.press(STARTER, 'end', { tag: '' });
    expect(summarize(play.state)?.state.is).toBe('ended');
    expect(labels(play)).toEqual([[]]);
  });

  it('is still paused when it is resumed, and says so anew', () => {
    const play = held();
    play.act(STARTER, { do: 'end' });
    play.act(STARTER, { do: 'resume' });
    expect(summarize(play.state)).toMatchObject({ state: { is: 'paused' } });
    expect(labels(play)).toEqual([[], ['Extend', 'End']]);
    expect(play.state.conversation?.spent.inherited).toMatchObject({ turns: 1, costUsd: 1.2 });
  });

  it('leaves a turn that starts by itself alone', () => {
    const play = held();
    const turn = '00000000-0000-4000-8000-0000000000aa' as TurnId;
    play.event({ kind: 'turnBegan', gen: play.gen, turn, prompt: null, model: 'm', mode: 'default' });
    expect(summarize(play.state)?.state.is).toBe('running');
    spend(play, 0.5, turn);
    expect(play.entries('budget')).toHaveLength(1);
  });
});

describe('/budget in a thread', () => {
  it('pauses a session that has cost as much already, and lets it go on', () => {
    const play = new Play().open();
    play.ask('first');
    spend(play, 3);
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd: 2 }))).toContain('pauses here');
    expect(labels(play)).toEqual([['Extend', 'End']]);
    play.ask('second');
    expect(play.sent('prompt')).toHaveLength(1);
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd: 1 }))).toContain('pauses');
    expect(labels(play), 'one line, of the budget that holds').toEqual([[], ['Extend', 'End']]);
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd: 10 }))).toContain('$10.00');
    expect(play.sent('prompt')).toHaveLength(2);
    expect(labels(play)).toEqual([[], []]);
  });

  it('takes the budget away', () => {
    const play = held('second');
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd: null }))).toContain('no budget');
    expect(play.last('prompt').text).toContain('second');
    expect(lines(play)[0]?.content).toContain('sam took it away');
  });

  it.each([-1, 0, 0.001, Number.NaN, Number.POSITIVE_INFINITY, 1e9])('refuses %d dollars', (usd) => {
    const play = new Play().open({ budgetUsd: 5 });
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd }))).toContain('Nothing was done');
    expect(play.state.conversation?.budget?.usd).toBe(5);
  });

  it('is for those whose session it is, while it goes on', () => {
    const play = new Play().open();
    expect(play.refusal(play.act(STRANGER, { do: 'budget', usd: 5 }))).toContain('belongs to');
    play.act(STARTER, { do: 'end' });
    expect(play.refusal(play.act(STARTER, { do: 'budget', usd: 5 }))).toContain('ended');
    expect(play.state.conversation?.budget).toBeNull();
  });
});
