import { describe, expect, it } from 'vitest';
import type { ClaudeSessionId, MessageId, PromptId } from '../../../protocol/ids.ts';
import type { SessionDo } from '../../../worker/domain/contract.ts';
import { summarize } from '../../../worker/session/state/state.ts';
import { answerWords } from '../../../worker/session/view/words.ts';
import { ACCESS, CHANNEL, IN_THREAD, OWNER, Play, RUNNER, STARTER, STRANGER, THREAD } from './play.ts';

const CLEARED = '00000000-0000-4000-8000-0000000000cc' as ClaudeSessionId;

/** One turn was had, and the session was ended. */
function over(): Play {
  const play = new Play().open();
  play.ask('remember the blue door');
  play.end(play.begin());
  play.act(STARTER, { do: 'end' });
  return play;
}

describe('archiving the thread of an ended session', () => {
  it('is for threads that Heddle made, and for an end that a person wanted', () => {
    expect(over().state.conversation?.ended?.toArchive).toBe(true);
    const theirs = new Play().open({ madeThread: false });
    theirs.act(STARTER, { do: 'end' });
    expect(theirs.state.conversation?.ended?.toArchive).toBe(false);
    const gone = new Play().open();
    gone.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, removed: true, rev: 2 },
    });
    expect(gone.state.conversation).toMatchObject({ ended: { by: null, toArchive: false } });
  });

  it('is done once, and not for a conversation that came after', () => {
    const play = over();
    play.step({ kind: 'archived', gen: 1 as never });
    expect(play.state.conversation?.ended?.toArchive).toBe(false);
    play.ask('and now?');
    play.act(STARTER, { do: 'end' });
    play.step({ kind: 'archived', gen: 1 as never });
    expect(play.state.conversation).toMatchObject({ gen: 2, ended: { toArchive: true } });
    play.open({ text: 'anew' });
    expect(play.state.conversation).toMatchObject({ gen: 3, ended: null });
  });
});

describe('an ended conversation', () => {
  it('goes on with /ask: Claude’s own conversation, the same person, counts that go on', () => {
    const play = over();
    const old = play.last('begin').claudeSession;
    const before = play.state.conversation;
    expect(play.ask('what did I say?')).toMatchObject({ kind: 'asked' });
    expect(play.gen).toBe(2);
    expect(play.last('begin')).toMatchObject({
      gen: 2,
      claudeSession: old,
      starter: STARTER.id,
      from: { claudeSession: old, fork: false },
    });
    expect(play.last('prompt')).toMatchObject({ gen: 2, text: 'what did I say?' });
    play.end(play.begin());
    const summary = summarize(play.state);
    expect(summary).toMatchObject({ gen: 2, continues: 1, turns: 2, title: before?.title });
    expect(summary?.costUsd).toBeCloseTo(0.02);
  });

  it('is the one that `/clear` left', () => {
    const play = new Play().open();
    play.ask('hello');
    const turn = play.begin();
    play.event({
      kind: 'processStarted',
      gen: play.gen,
      process: 'p2' as never,
      claudeVersion: '2.1.330',
      model: null,
      mode: 'default',
      claudeSession: CLEARED,
      settings: 'all',
    });
    play.end(turn);
    play.act(STARTER, { do: 'end' });
    play.ask('on');
    expect(play.last('begin').from).toEqual({ claudeSession: CLEARED, fork: false });
  });

  it('is not resumed for those who may not ask in it; its owner’s and starter’s rights stay as they were', () => {
    const play = over();
    const shared = { ...STRANGER, id: '8' as never };
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, members: [STARTER.id, shared.id], rev: 2 },
    });
    const commands = play.commands.length;
    expect(play.refusal(play.ask('mine now', shared))).toMatch(/for sam and olga.*`\/new`/);
    expect(play.refusal(play.ask('mine now', STRANGER))).toMatch(/not shared/);
    for (const who of [shared, STRANGER]) {
      expect(play.refusal(play.act(who, { do: 'resume' }))).toMatch(/Nothing was done/);
      expect(play.refusal(play.press(who, 'resume'))).toMatch(/Nothing was done/);
    }
    expect(play.state.conversation).toMatchObject({ gen: 1 });
    expect(play.commands).toHaveLength(commands);
    play.ask('I own the machine', OWNER);
    expect(play.state.conversation?.starter.id).toBe(STARTER.id);
  });

  it('is not resumed on a runner that was removed', () => {
    const play = over();
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, removed: true, rev: 2 },
    });
    expect(play.refusal(play.ask('on'))).toMatch(/removed.*`\/new`/);
  });

  it('is left alone by /new, and by /ask where Claude was never asked', () => {
    const play = over();
    expect(play.act(STARTER, { do: 'new', text: 'x', project: null })).toMatchObject({
      kind: 'start',
      after: 1,
    });
    const empty = new Play().open();
    empty.act(STARTER, { do: 'end' });
    expect(empty.ask('x')).toMatchObject({ kind: 'start', after: 1 });
    expect(empty.refusal(empty.act(STARTER, { do: 'resume' }))).toMatch(/`\/new`/);
    expect(empty.gen).toBe(1);
  });

  it('goes on from its session card, once', () => {
    const play = over();
    const press = {
      gen: 1,
      tag: '',
      message: THREAD as string as MessageId,
      place: { ...IN_THREAD, channel: CHANNEL },
    };
    expect(play.refusal(play.press(STARTER, 'resume', press))).toMatch(/Resumed → <#300>/);
    expect(play.state.conversation).toMatchObject({ gen: 2, ended: null });
    expect(play.sent('begin')).toHaveLength(1);
    expect(play.refusal(play.press(STARTER, 'resume', press))).toMatch(/earlier/);
    expect(play.refusal(play.act(STARTER, { do: 'resume' }))).toMatch(/goes on already/);
    expect(play.entries('note').at(-1)?.text).toMatch(/sam resumed/);
    expect(play.gen).toBe(2);
  });

  it('that was resumed and never asked goes on from the same when it is resumed again', () => {
    const play = over();
    const old = play.last('begin').claudeSession;
    play.act(STARTER, { do: 'resume' });
    play.act(STARTER, { do: 'end' });
    play.ask('on');
    expect(play.gen).toBe(3);
    expect(play.sent('begin')).toHaveLength(2);
    expect(play.last('begin').from).toEqual({ claudeSession: old, fork: false });
  });

  it('takes no events of the gen before', () => {
    const play = over();
    const late = play.last('prompt').prompt;
    play.ask('on');
    const state = JSON.stringify(play.state.conversation);
    play.event({
      kind: 'turnEnded',
      gen: 1 as never,
      turn: late as string as never,
      prompt: late as PromptId,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 5,
      usage: {},
    });
    expect(JSON.stringify(play.state.conversation)).toBe(state);
  });
});

describe('what comes through the Guild', () => {
  const elsewhere = { ...IN_THREAD, channel: CHANNEL, channelType: 0 };
  const through = (play: Play, who: typeof OWNER, act: SessionDo, guild = IN_THREAD.guild) =>
    play.step({
      kind: 'act',
      act: { id: play.id(), member: who, place: { ...elsewhere, guild }, act, through: 'guild' },
    }).answer;

  it('may come from anywhere in the server, by those who may, and from no other server', () => {
    const play = over();
    expect(through(play, STRANGER, { do: 'resume' })).toMatchObject({
      text: expect.stringMatching(/Nothing was done/),
    });
    expect(through(play, STARTER, { do: 'resume' }, '101' as never)).toMatchObject({
      text: expect.stringMatching(/another thread/),
    });
    expect(play.gen).toBe(1);
    expect(through(play, STARTER, { do: 'resume' })).toMatchObject({
      text: expect.stringMatching(/Resumed/),
    });
    expect(through(play, STRANGER, { do: 'end' })).toMatchObject({
      text: expect.stringMatching(/Nothing was done/),
    });
    expect(through(play, OWNER, { do: 'end' })).toMatchObject({ text: expect.stringMatching(/Ended/) });
    expect(play.refusal(play.act(STARTER, { do: 'resume' }, elsewhere))).toMatch(/another thread/);
  });
});

describe('/status', () => {
  it('names the conversation for a terminal to those who may ask in it, once Claude has it', () => {
    const words = (play: Play, who: typeof OWNER) => {
      const outcome = play.step({
        kind: 'act',
        act: { id: play.id(), member: who, place: IN_THREAD, act: { do: 'status' } },
      });
      const answer = answerWords(outcome, () => []);
      return answer.kind === 'private' ? answer.text : '';
    };
    const play = new Play().open();
    expect(words(play, STARTER)).not.toContain('--resume');
    play.ask('hello');
    const line = `claude --resume ${play.last('begin').claudeSession}`;
    expect(words(play, STARTER)).toContain(line);
    expect(words(play, OWNER)).toContain(line);
    expect(words(play, STRANGER)).not.toContain('--resume');
    play.act(STARTER, { do: 'end' });
    play.act(STARTER, { do: 'resume' });
    expect(words(play, STARTER)).toContain(line);
  });
});
