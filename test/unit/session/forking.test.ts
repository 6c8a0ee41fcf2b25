/** A copy of a conversation: what it is a copy of, who may have it, and that the original stays as it is. */
import { describe, expect, it } from 'vitest';
import type { From } from '../../../protocol/commands.ts';
import type { ClaudeSessionId, ProjectName } from '../../../protocol/ids.ts';
import { Play, RUNNER, STARTER, STRANGER } from './play.ts';

const AT = '00000000-0000-4000-8000-00000000a001';
const NEXT = '00000000-0000-4000-8000-00000000a002';
const OTHER = '00000000-0000-4000-8000-00000000c001' as ClaudeSessionId;

function finish(play: Play, at: string | undefined, as: 'done' | 'interrupted' = 'done'): void {
  const turn = play.begin();
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as },
    durationMs: 1,
    costUsd: 0,
    usage: {},
    ...(at === undefined ? {} : { at }),
  });
}

function asked(): Play {
  const play = new Play().open();
  play.ask('remember the blue door');
  finish(play, AT);
  return play;
}

const fork = (play: Play, who = STARTER) => play.act(who, { do: 'fork', text: 'go left' });
const claudeSession = (play: Play) => play.state.conversation?.claudeSession as ClaudeSessionId;

/** The session that such a copy is. */
const copy = (from: From, text: string | null = null) =>
  new Play().open({ from, title: 'remember the blue door', text });

describe('/fork', () => {
  it('is of the last finished turn, on the same runner and project, and changes nothing here', () => {
    const play = asked();
    const before = play.state;
    expect(fork(play)).toEqual({
      kind: 'start',
      text: 'go left',
      project: 'api' as ProjectName,
      after: null,
      origin: {
        runner: RUNNER,
        project: 'api',
        title: 'remember the blue door',
        from: { claudeSession: claudeSession(play), fork: true, at: AT },
      },
    });
    expect(play.state).toEqual(before);
  });

  it('leaves the half turn that runs out of it', () => {
    const play = asked();
    play.ask('something long');
    play.begin();
    expect(fork(play)).toMatchObject({ origin: { from: { at: AT } } });
  });

  it('does not move with a turn that was not finished, and moves with the next that is', () => {
    const play = asked();
    play.ask('stopped');
    finish(play, undefined, 'interrupted');
    expect(fork(play)).toMatchObject({ origin: { from: { at: AT } } });
    play.ask('done');
    finish(play, NEXT);
    expect(fork(play)).toMatchObject({ origin: { from: { at: NEXT } } });
  });

  it('is possible of an ended session, and of one that was resumed', () => {
    const play = asked();
    play.act(STARTER, { do: 'end' });
    const session = claudeSession(play);
    expect(fork(play)).toMatchObject({ origin: { from: { claudeSession: session, at: AT } } });
    play.act(STARTER, { do: 'resume' });
    expect(fork(play)).toMatchObject({ origin: { from: { claudeSession: session, at: AT } } });
  });

  it('names no message of before after `/clear`', () => {
    const play = asked();
    play.event({
      kind: 'processStarted',
      gen: play.gen,
      process: 'p9' as never,
      claudeVersion: '2.1.330',
      model: null,
      mode: 'default',
      claudeSession: OTHER,
      settings: 'all',
    });
    expect(fork(play)).toMatchObject({ origin: { from: { claudeSession: OTHER, fork: true } } });
    expect(JSON.stringify(fork(play))).not.toContain(AT);
  });

  it('is refused where nothing was finished, and to those who may not ask here', () => {
    expect(play0().text).toMatch(/not finished a turn/);
    const play = asked();
    expect(play.refusal(fork(play, STRANGER))).toMatch(/not shared/);
    expect(new Play().act(STARTER, { do: 'fork', text: null })).toMatchObject({ kind: 'private' });
  });
});

function play0() {
  const play = new Play().open();
  play.ask('first');
  play.begin();
  const answer = fork(play);
  if (answer.kind !== 'private') throw new Error('it was not refused');
  return answer;
}

describe('the copy', () => {
  const from: From = { claudeSession: OTHER, fork: true, at: AT };

  it('has an id of its own, and tells the runner what it is a copy of', () => {
    const play = copy(from, 'go left');
    const begin = play.last('begin');
    expect(begin).toMatchObject({ from });
    expect(begin.claudeSession).not.toBe(OTHER);
    expect(
      [...play.state.entries.values()].some((e) => e.kind === 'note' && e.text.includes('A copy of')),
    ).toBe(true);
  });

  it('that has finished nothing is copied from where it came from', () => {
    expect(fork(copy(from))).toMatchObject({ origin: { from } });
    const running = copy(from, 'go left');
    running.begin();
    expect(fork(running)).toMatchObject({ origin: { from } });
    finish(running, NEXT);
    expect(fork(running)).toMatchObject({
      origin: { from: { claudeSession: claudeSession(running), fork: true, at: NEXT } },
    });
  });

  it('is resumed as the copy that it was to be, when it was never asked', () => {
    const play = copy(from);
    play.act(STARTER, { do: 'end' });
    play.ask('go on');
    expect(play.last('begin')).toMatchObject({ gen: 2, from });
  });
});

describe('a conversation of a terminal', () => {
  it('is gone on with under its own id', () => {
    const play = copy({ claudeSession: OTHER, fork: false }, null);
    expect(claudeSession(play)).toBe(OTHER);
    play.ask('go on');
    expect(play.last('begin')).toMatchObject({
      claudeSession: OTHER,
      from: { claudeSession: OTHER, fork: false },
    });
  });
});
