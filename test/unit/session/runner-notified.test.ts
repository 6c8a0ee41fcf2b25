/** An ended session is work for its runner until the runner has heard of the end. */
import { describe, expect, it } from 'vitest';
import { summarize } from '../../../worker/session/state/state.ts';
import { ACCESS, Play, RUNNER, STARTER } from './play.ts';

function idle(): Play {
  const play = new Play().open();
  play.ask('hello');
  play.end(play.begin());
  expect(summarize(play.state)?.work).toBe(false);
  return play;
}

describe('the end of an idle session', () => {
  it('makes it wanted of the runner until that has taken the end', () => {
    const play = idle();
    play.linkUp = false;
    play.act(STARTER, { do: 'end' });
    expect(play.last('end')).toEqual({ kind: 'end', gen: 1 });
    expect(summarize(play.state)).toMatchObject({ work: true, state: { is: 'ended' } });
    const { rev } = play.state.thread ?? { rev: 0 };
    play.step({ kind: 'runnerNotified' });
    expect(summarize(play.state)?.work).toBe(false);
    expect(play.state.thread?.rev, 'the Guild hears of it').toBeGreaterThan(rev);
  });

  it('writes nothing when it is told twice, or when the session goes on', () => {
    const play = idle();
    play.act(STARTER, { do: 'end' });
    play.step({ kind: 'runnerNotified' });
    expect(play.step({ kind: 'runnerNotified' }).changes).toEqual([]);
    const other = idle();
    expect(other.step({ kind: 'runnerNotified' }).changes).toEqual([]);
  });

  it('is no work when the runner never heard of the session, or was removed', () => {
    const never = new Play().open();
    never.act(STARTER, { do: 'end' });
    expect(summarize(never.state)?.work).toBe(false);
    const removed = idle();
    removed.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, removed: true, rev: 2 },
    });
    expect(summarize(removed.state)).toMatchObject({ work: false, state: { is: 'ended' } });
  });

  it('is over when the session is resumed before the runner heard of its end', () => {
    const play = idle();
    play.linkUp = false;
    play.act(STARTER, { do: 'end' });
    play.act(STARTER, { do: 'resume' });
    expect(summarize(play.state)?.work).toBe(false);
  });
});
