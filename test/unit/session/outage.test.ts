/** What breaks, and what the thread offers then: nothing runs twice, nothing fails in a row, nothing goes on unasked. */
import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import type { EndEntry } from '../../../worker/domain/transcript.ts';
import { nextDueMs } from '../../../worker/session/rules/clock.ts';
import { hasWork } from '../../../worker/session/state/state.ts';
import { ACCESS, OWNER, Play, RUNNER, STARTER, STRANGER } from './play.ts';

const HOUR_MS = 60 * 60_000;

interface Over {
  untilMs?: number;
  started?: boolean;
}

/** The prompt that runs fails. */
function fail(play: Play, code: FailureCode, { untilMs, started = true }: Over = {}): TurnId {
  const turn = started ? play.begin() : (play.last('prompt').prompt as string as TurnId);
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'failed', code, words: 'why', started, ...(untilMs === undefined ? {} : { untilMs }) },
    durationMs: 1,
    costUsd: 0,
    usage: {},
  });
  return turn;
}

/** One prompt runs and fails while another waits. */
function failed(code: FailureCode, over: Over = {}): { play: Play; turn: TurnId } {
  const play = new Play().open();
  play.ask('first');
  play.ask('second');
  return { play, turn: fail(play, code, over) };
}

const texts = (play: Play) => play.sent('prompt').map(({ text }) => text);
const press = (play: Play, verb: Parameters<Play['press']>[1], tag: string, who = STARTER) =>
  play.press(who, verb, { tag });
const endOf = (play: Play, turn: TurnId) =>
  [...play.state.entries.values()].find((e): e is EndEntry => e.kind === 'end' && e.turn === turn);

describe('a failure that the next prompt would share', () => {
  it.each(['limit', 'login', 'project', 'transcript'] as const)(
    '%s: what waits is kept and is no work for the runner, and Discard lets it go on',
    (code) => {
      const { play, turn } = failed(code);
      expect(texts(play)).toEqual(['first']);
      expect(hasWork(play.state)).toBe(false);
      expect([...play.state.queue.values()].map(({ text }) => text)).toEqual(['second']);
      expect(play.refusal(press(play, 'discard', turn))).toMatch(/goes on/);
      expect(texts(play)).toEqual(['first', 'second']);
      expect(play.refusal(press(play, 'discard', turn))).toMatch(/over/);
    },
  );

  it.each(['api', 'overloaded', 'crashed', 'restarted', 'other', 'tooLong'] as const)(
    '%s holds nothing: what waits goes on',
    (code) => {
      expect(texts(failed(code).play)).toEqual(['first', 'second']);
    },
  );

  it('goes on where it stopped with Continue, before what waits', () => {
    const { play, turn } = failed('login');
    expect(press(play, 'continue', turn)).toMatchObject({ kind: 'asked' });
    expect(texts(play)[1]).toMatch(/interrupted/);
    play.end(play.begin());
    expect(texts(play)[2]).toBe('second');
    expect(play.refusal(press(play, 'continue', turn))).toMatch(/over/);
  });

  it('asks again what Claude never saw, as it was', () => {
    const { play, turn } = failed('project', { started: false });
    press(play, 'continue', turn);
    expect(texts(play)).toEqual(['first', 'first']);
  });

  it('is tried by a prompt that is asked while nothing waits; that waits behind what waits', () => {
    const play = new Play().open();
    play.ask('first');
    fail(play, 'login');
    play.ask('again');
    expect(texts(play)).toEqual(['first', 'again']);
    fail(play, 'login');
    expect(play.state.queue.size).toBe(0);
    const { play: other } = failed('login');
    other.ask('third');
    expect(texts(other)).toEqual(['first']);
  });

  it('is tried with Send now, too; a limit that stands says so', () => {
    const { play } = failed('login');
    const [second] = play.state.queue.values();
    expect(play.refusal(press(play, 'sendnow', second?.prompt ?? ''))).toMatch(/runs next/);
    expect(texts(play)).toEqual(['first', 'second']);
    const { play: limited } = failed('limit', { untilMs: 1_700_000_000_000 + HOUR_MS });
    const [waits] = limited.state.queue.values();
    expect(limited.refusal(press(limited, 'sendnow', waits?.prompt ?? ''))).toMatch(/usage limit/);
    expect(texts(limited)).toEqual(['first']);
  });

  it('a second failure takes the place of the first', () => {
    const { play, turn } = failed('login');
    press(play, 'continue', turn);
    const second = fail(play, 'limit');
    expect(play.refusal(press(play, 'continue', turn))).toMatch(/over/);
    expect(press(play, 'continue', second)).toMatchObject({ kind: 'asked' });
  });

  it('is over with /stop, /end and a fresh conversation', () => {
    const { play, turn } = failed('login');
    play.act(STARTER, { do: 'stop' });
    expect(play.state.queue.size).toBe(0);
    expect(endOf(play, turn)?.after).toEqual({ is: 'over' });
    play.ask('next');
    expect(texts(play)).toEqual(['first', 'next']);
    const { play: ended } = failed('login');
    ended.act(STARTER, { do: 'end' });
    ended.ask('resumed');
    expect(texts(ended)).toEqual(['first', 'resumed']);
  });

  it('Continue after the end of the session does nothing, whatever turn it names', () => {
    const { play, turn } = failed('login');
    play.act(STARTER, { do: 'end' });
    for (const tag of [turn, '']) expect(play.refusal(press(play, 'continue', tag))).toMatch(/over/);
    expect(play.state.queue.size).toBe(0);
  });

  it('is for those who may ask: a stranger’s press does nothing', () => {
    const { play, turn } = failed('login');
    for (const verb of ['continue', 'continueat', 'cancelat', 'discard', 'afresh'] as const)
      expect(play.refusal(press(play, verb, turn, STRANGER))).toMatch(/not shared/);
    expect(texts(play)).toEqual(['first']);
  });

  it('/resume in its thread does what the button does', () => {
    const { play } = failed('login');
    expect(play.act(STARTER, { do: 'resume' })).toMatchObject({ kind: 'asked' });
    expect(texts(play)[1]).toMatch(/interrupted/);
    expect(play.refusal(play.act(STARTER, { do: 'resume' }))).toMatch(/goes on already/);
  });
});

describe('the usage limit', () => {
  function limited(): { play: Play; turn: TurnId; untilMs: number } {
    const play = new Play().open();
    play.ask('first');
    const untilMs = play.nowMs + HOUR_MS;
    return { play, untilMs, turn: fail(play, 'limit', { untilMs }) };
  }

  it('never goes on by itself', () => {
    const { play, untilMs } = limited();
    play.ask('second');
    expect(texts(play)).toEqual(['first']);
    play.nowMs = untilMs + HOUR_MS;
    play.step({ kind: 'clock' });
    expect(texts(play)).toEqual(['first']);
  });

  it('goes on once, when it ends, after somebody pressed for it', () => {
    const { play, turn, untilMs } = limited();
    play.ask('second');
    expect(play.refusal(press(play, 'continueat', turn))).toMatch(/goes on <t:/);
    expect(press(play, 'continueat', turn)).toMatchObject({ kind: 'private' });
    expect(endOf(play, turn)?.after).toMatchObject({ is: 'scheduled', by: { name: 'sam' } });
    play.step({ kind: 'clock' });
    expect(texts(play)).toEqual(['first']);
    const dueMs = nextDueMs(play.state, play.context());
    expect(dueMs).toBeGreaterThan(untilMs);
    play.nowMs = dueMs ?? 0;
    play.step({ kind: 'clock' });
    play.step({ kind: 'clock' });
    expect(texts(play)).toHaveLength(2);
    play.end(play.begin());
    expect(texts(play)[2]).toBe('second');
  });

  it('is told to the Guild, which looks after it should the alarm be lost', () => {
    const { play, turn } = limited();
    const before = play.state.thread?.rev ?? 0;
    press(play, 'continueat', turn);
    expect(play.state.thread?.rev).toBe(before + 1);
  });

  it('is taken back by Cancel and by /stop', () => {
    for (const back of ['cancel', 'stop'] as const) {
      const { play, turn, untilMs } = limited();
      press(play, 'continueat', turn);
      if (back === 'cancel') press(play, 'cancelat', turn);
      else play.act(OWNER, { do: 'stop' });
      play.nowMs = untilMs + HOUR_MS;
      play.step({ kind: 'clock' });
      expect(texts(play), back).toEqual(['first']);
      expect(play.refusal(press(play, 'cancelat', turn))).toMatch(/over/);
    }
  });

  it('does not go on for one whose share was taken back meanwhile', () => {
    const { play, turn, untilMs } = limited();
    press(play, 'continueat', turn);
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, members: [], rev: 2 },
    });
    play.nowMs = untilMs + HOUR_MS;
    play.step({ kind: 'clock' });
    play.step({ kind: 'clock' });
    expect(texts(play)).toEqual(['first']);
    expect(nextDueMs(play.state, play.context())).toBeNull();
  });

  it('that is over already, or of which nobody knows the end, is continued at once', () => {
    const { play, turn, untilMs } = limited();
    play.nowMs = untilMs;
    expect(press(play, 'continueat', turn)).toMatchObject({ kind: 'asked' });
    const { play: unknown, turn: other } = failed('limit');
    expect(press(unknown, 'continueat', other)).toMatchObject({ kind: 'asked' });
  });
});

describe('a transcript that is gone', () => {
  it('Begin afresh: the prompt is asked in a conversation that knows nothing, what waits follows, on the same runner', () => {
    const { play, turn } = failed('transcript', { started: false });
    const old = play.state.conversation;
    expect(press(play, 'afresh', turn)).toMatchObject({ kind: 'asked' });
    expect(play.gen).toBe(2);
    const begin = play.last('begin');
    expect(begin).toMatchObject({ gen: 2, project: 'api' });
    expect(begin.from).toBeUndefined();
    expect(begin.claudeSession).not.toBe(old?.claudeSession);
    expect(texts(play)).toEqual(['first', 'first']);
    play.end(play.begin());
    expect(texts(play)[2]).toBe('second');
    expect(play.refusal(play.press(STARTER, 'afresh', { tag: turn, gen: 1 }))).toMatch(
      /earlier conversation/,
    );
  });

  it('is offered for nothing else', () => {
    const { play, turn } = failed('login');
    expect(play.refusal(press(play, 'afresh', turn))).toMatch(/over/);
    expect(play.gen).toBe(1);
  });
});
