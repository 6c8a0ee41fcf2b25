/** What must never break, by the session's rules alone. One block a rule, named after it. */
import { describe, expect, it } from 'vitest';
import type {
  ChannelId,
  Gen,
  GuildId,
  MessageId,
  ProcessId,
  RequestId,
  RunnerId,
  TurnId,
} from '../../../protocol/ids.ts';
import {
  ACCESS,
  CHANNEL,
  card,
  HASH,
  IN_THREAD,
  member,
  OWNER,
  Play,
  PROCESS,
  RUNNER,
  STARTER,
  STRANGER,
  THREAD,
} from './play.ts';

const running = (): { play: Play; turn: TurnId } => {
  const play = new Play().open();
  play.ask('fix the test');
  return { play, turn: play.begin() };
};

describe('right session: a decision reaches only the process, gen and request that it answers', () => {
  it('carries the process, the request and the hash of the input of its own card', () => {
    const { play, turn } = running();
    const first = play.request('req-1', turn);
    const second = play.request('req-2', turn, { process: 'p2' as ProcessId, inputHash: 'cd'.repeat(32) });
    play.press(STARTER, 'deny', { ref: second, tag: 'cd'.repeat(8) });
    play.press(STARTER, 'allow', { ref: first });
    expect(play.sent('decide').map((c) => [c.request, c.process, c.inputHash, c.verdict.behavior])).toEqual([
      ['req-2', 'p2', 'cd'.repeat(32), 'deny'],
      ['req-1', PROCESS, HASH, 'allow'],
    ]);
  });

  it.each([
    [
      'a second click',
      (p: Play, ref: number) =>
        [p.press(STARTER, 'allow', { ref }), p.press(STARTER, 'deny', { ref })].at(-1),
      /already allowed/,
    ],
    [
      'a click by the other person afterwards',
      (p: Play, ref: number) => [p.press(STARTER, 'deny', { ref }), p.press(OWNER, 'allow', { ref })].at(-1),
      /already denied/,
    ],
    ['an unknown number', (p: Play) => p.press(STARTER, 'allow', { ref: 77, message: card(1) }), /over/],
    [
      'a changed input',
      (p: Play, ref: number) => p.press(STARTER, 'allow', { ref, tag: 'ff'.repeat(8) }),
      /not what Claude asks/,
    ],
    [
      'an empty tag',
      (p: Play, ref: number) => p.press(STARTER, 'allow', { ref, tag: '' }),
      /not what Claude asks/,
    ],
    [
      'another message',
      (p: Play, ref: number) => p.press(STARTER, 'allow', { ref, message: '1' as MessageId }),
      /not on the card/,
    ],
    [
      'an older gen',
      (p: Play, ref: number) => p.press(STARTER, 'allow', { ref, gen: 99 }),
      /earlier conversation/,
    ],
    [
      'another thread',
      (p: Play, ref: number) =>
        p.press(STARTER, 'allow', { ref, place: { ...IN_THREAD, channel: '301' as ChannelId } }),
      /another thread/,
    ],
    [
      'another guild',
      (p: Play, ref: number) =>
        p.press(STARTER, 'allow', { ref, place: { ...IN_THREAD, guild: '101' as GuildId } }),
      /another thread/,
    ],
    [
      'the parent channel with a message that is not the card',
      (p: Play, ref: number) => p.press(STARTER, 'allow', { ref, place: { ...IN_THREAD, channel: CHANNEL } }),
      /another thread/,
    ],
  ])('refuses %s, and nothing happens', (_what, press, words) => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    const answer = press(play, ref);
    if (answer === undefined) throw new Error('no answer');
    expect(play.refusal(answer)).toMatch(words);
    expect(play.sent('decide').length).toBeLessThanOrEqual(1);
    const { state } = play.requests()[0] ?? {};
    expect(state?.is === 'open' ? 0 : 1).toBe(play.sent('decide').length);
  });

  it('refuses a card of the conversation before, whose number and hash are the same as ever', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    const old = play.gen;
    play.open();
    expect(play.refusal(play.press(STARTER, 'allow', { ref, gen: old }))).toMatch(/earlier conversation/);
    expect(play.refusal(play.press(STARTER, 'allow', { ref }))).toMatch(/over/);
    expect(play.sent('decide')).toEqual([]);
  });

  it('refuses what expired, what the process took with it and what was cancelled', () => {
    const { play, turn } = running();
    const expired = play.request('req-1', turn);
    play.later(24 * 3600_000);
    expect(play.refusal(play.press(STARTER, 'allow', { ref: expired }))).toMatch(/expired/);
    const { play: other, turn: t } = running();
    const dead = other.request('req-1', t);
    other.event({ kind: 'processEnded', gen: other.gen, process: PROCESS, why: 'crashed', words: 'exit 1' });
    expect(other.refusal(other.press(STARTER, 'allow', { ref: dead }))).toMatch(/over/);
    const { play: third, turn: u } = running();
    const gone = third.request('req-1', u);
    third.event({
      kind: 'requestSettled',
      gen: third.gen,
      request: 'req-1' as RequestId,
      outcome: { as: 'void', why: 'cancelled' },
    });
    expect(third.refusal(third.press(STARTER, 'allow', { ref: gone }))).toMatch(/over/);
    expect([...play.sent('decide'), ...other.sent('decide'), ...third.sent('decide')]).toEqual([]);
  });

  it('does not let events of an older gen touch the conversation that runs', () => {
    const { play, turn } = running();
    const old = play.gen;
    play.open();
    play.ask('something else');
    const before = play.state;
    play.event({ kind: 'text', gen: old, turn, segment: 0, text: 'late' });
    play.event({
      kind: 'turnEnded',
      gen: old,
      turn,
      prompt: null,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 9,
      usage: {},
    });
    expect(play.state.conversation).toEqual(before.conversation);
    expect(play.state.turns).toEqual(before.turns);
  });

  it('does not offer Allow for an input that nobody could read whole', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn, { inputParts: 0, inputBytes: 9_000_000 });
    expect(play.refusal(play.press(STARTER, 'allow', { ref }))).toMatch(/only be denied/);
    expect(play.sent('decide')).toEqual([]);
    play.press(STARTER, 'deny', { ref });
    expect(play.sent('decide')).toHaveLength(1);
  });

  it('treats a request whose parts did not all come as one that cannot be read', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn, { inputParts: 2 });
    expect(play.refusal(play.press(STARTER, 'allow', { ref }))).toMatch(/only be denied/);
  });
});

describe('right person: one function decides for every kind of interaction, and it fails closed', () => {
  const everything = (p: Play, ref: number, who: typeof STRANGER) => [
    p.ask('hello', who),
    p.act(who, { do: 'stop' }),
    p.act(who, { do: 'end' }),
    p.act(who, { do: 'new', text: null, project: null }),
    p.press(who, 'allow', { ref }),
    p.press(who, 'deny', { ref }),
    p.press(who, 'stop', { tag: [...p.state.turns.keys()][0] ?? '' }),
    p.press(who, 'end'),
    p.press(who, 'cancelqueue'),
    p.press(who, 'continue', { tag: [...p.state.turns.keys()][0] ?? '' }),
    p.press(who, 'unqueue', { tag: [...p.state.queue.keys()][0] ?? '' }),
    p.press(who, 'renew', { tag: '1' }),
  ];

  it.each([
    ['a stranger', STRANGER],
    ['somebody who manages the server', { ...STRANGER, permissions: String((1n << 5n) | (1n << 3n)) }],
    ['somebody whose permissions are junk', { ...STRANGER, permissions: 'junk' }],
    ['somebody with whom the runner is shared, in a session of another', member('3', 'shared')],
  ])('refuses everything to %s, with the reason, and changes nothing', (_who, who) => {
    const { play, turn } = running();
    play.open({
      runner: {
        id: RUNNER,
        name: 'laptop',
        publicKey: 'k',
        access: { ...ACCESS, members: [STARTER.id, '3' as never] },
        presence: { online: true },
      },
    });
    play.ask('one');
    play.ask('two');
    const ref = play.request('req-1', turn);
    const before = JSON.stringify([...play.state.entries]);
    const commands = play.commands.length;
    for (const answer of everything(play, ref, who))
      expect(play.refusal(answer)).toMatch(/sam and olga|belongs to olga/);
    expect(JSON.stringify([...play.state.entries])).toBe(before);
    expect(play.commands).toHaveLength(commands);
  });

  it('lets the starter and the owner act, and nobody once the runner was removed or the share taken back', () => {
    const { play, turn } = running();
    const one = play.request('req-1', turn);
    const two = play.request('req-2', turn);
    const three = play.request('req-3', turn);
    expect(play.press(STARTER, 'allow', { ref: one }).kind).toBe('decided');
    expect(play.press(OWNER, 'allow', { ref: two }).kind).toBe('decided');
    const facts = (access: typeof ACCESS) =>
      play.step({ kind: 'facts', runner: RUNNER, presence: { online: true }, access });
    facts({ ...ACCESS, members: [], rev: 2 });
    expect(play.refusal(play.press(STARTER, 'allow', { ref: three }))).toMatch(/belongs to olga/);
    facts({ ...ACCESS, rev: 1 });
    expect(
      play.refusal(play.press(STARTER, 'allow', { ref: three })),
      'an older copy of the shares came late',
    ).toMatch(/belongs to olga/);
    facts({ ...ACCESS, removed: true, rev: 3 });
    expect(play.refusal(play.press(OWNER, 'allow', { ref: three }))).toMatch(/removed/);
    expect(play.state.conversation?.ended).not.toBeNull();
    expect(play.sent('decide')).toHaveLength(2);
  });

  it('ignores facts about a runner that is not this session’s', () => {
    const { play } = running();
    play.step({
      kind: 'facts',
      runner: 'r2' as RunnerId,
      presence: { online: false, sinceMs: 5 },
      access: { ...ACCESS, removed: true, rev: 9 },
    });
    expect(play.state.conversation?.ended).toBeNull();
    expect(play.state.conversation?.presence).toEqual({ online: true });
  });
});

describe('never lost, never twice: every prompt runs at most once and ends in a state that the thread shows', () => {
  it('gives out one prompt at a time, in order', () => {
    const play = new Play().open();
    for (const text of ['one', 'two', 'three']) play.ask(text);
    expect(play.sent('prompt').map((c) => c.text)).toEqual(['one']);
    play.end(play.begin());
    expect(play.sent('prompt').map((c) => c.text)).toEqual(['one', 'two']);
    play.end(play.begin());
    play.end(play.begin());
    expect(play.sent('prompt').map((c) => c.text)).toEqual(['one', 'two', 'three']);
    expect(new Set(play.sent('prompt').map((c) => c.prompt)).size).toBe(3);
    expect(play.state.queue.size + play.state.turns.size).toBe(0);
  });

  it('says begin once, before the first prompt', () => {
    const play = new Play().open();
    play.ask('one');
    play.end(play.begin());
    play.ask('two');
    expect(play.commands.map((c) => c.kind)).toEqual(['begin', 'prompt', 'prompt']);
  });

  it('keeps prompts while the link is down, shows since when, and runs them when it is back', () => {
    const play = new Play();
    play.linkUp = false;
    play.open({
      runner: {
        id: RUNNER,
        name: 'laptop',
        publicKey: 'k',
        access: ACCESS,
        presence: { online: false, sinceMs: 42 },
      },
    });
    play.ask('one');
    play.ask('two');
    expect(play.entries('queued').map((e) => [e.place, e.offlineSinceMs, e.state])).toEqual([
      [1, 42, 'waiting'],
      [2, 42, 'waiting'],
    ]);
    expect(play.commands).toEqual([]);
    play.linkUp = true;
    play.step({ kind: 'linkUp' });
    expect(play.sent('prompt').map((c) => c.text)).toEqual(['one']);
    expect(play.entries('queued').at(-1)).toMatchObject({ place: 1, offlineSinceMs: null, state: 'waiting' });
  });

  it('shows nothing but the prompt when the runner takes it at once', () => {
    const play = new Play().open();
    play.linkUp = false;
    play.ask('one');
    expect(play.entries('queued')).toEqual([]);
    play.later(3_000);
    expect(play.entries('queued')).toHaveLength(1);
  });

  it('drops a prompt visibly after 24 h without a runner', () => {
    const play = new Play();
    play.linkUp = false;
    play.open({
      text: 'one',
      runner: {
        id: RUNNER,
        name: 'laptop',
        publicKey: 'k',
        access: ACCESS,
        presence: { online: false, sinceMs: 42 },
      },
    });
    play.later(24 * 3600_000 - 1);
    expect(play.state.queue.size).toBe(1);
    play.later(1);
    expect(play.state.queue.size).toBe(0);
    expect(play.entries('queued').map((e) => e.state)).toEqual(['expired']);
    play.linkUp = true;
    play.step({ kind: 'linkUp' });
    expect(play.commands).toEqual([]);
  });

  it('cancels and lists what waits on stop, interrupts what runs, and the session goes on', () => {
    const { play, turn } = running();
    play.ask('second');
    play.ask('third');
    const ref = play.request('req-1', turn);
    const answer = play.refusal(play.act(STARTER, { do: 'stop' }));
    expect(answer).toMatch(/Stopping/);
    expect(answer).toMatch(/second[\s\S]*third/);
    expect(play.last('interrupt').turn).toBe(turn);
    expect(play.requests().find((r) => r.ref === ref)?.state.is).toBe('void');
    expect(play.entries('queued').map((e) => e.state)).toEqual(['cancelled', 'cancelled']);
    play.end(turn, 'interrupted');
    play.ask('and now');
    expect(play.sent('prompt').map((c) => c.text)).toEqual(['fix the test', 'and now']);
  });

  it('denies what asks beside the turn that is stopped: no interrupt reaches a background agent, least of all when the turn has just ended', () => {
    const { play, turn } = running();
    const mine = play.request('req-1', turn);
    const beside = play.request('req-2', null);
    const agent = play.request('req-3', turn, { agent: 'Explore' });
    play.act(STARTER, { do: 'stop' });
    const states = Object.fromEntries(play.requests().map((r) => [r.ref, r.state.is]));
    expect(states).toEqual({ [mine]: 'void', [beside]: 'void', [agent]: 'void' });
    expect(play.sent('decide').map((c) => [c.request, c.verdict.behavior])).toEqual([
      ['req-2', 'deny'],
      ['req-3', 'deny'],
    ]);
    // It was over there before the interrupt came, so nothing more is heard of the cards.
    play.end(turn);
    expect(play.state.requests.size).toBe(0);
  });

  it('leaves a decision that is on its way as it is when the turn is stopped', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    play.press(STARTER, 'allow', { ref });
    play.act(STARTER, { do: 'stop' });
    expect(play.requests()[0]?.state.is).toBe('decided');
    play.event({
      kind: 'requestSettled',
      gen: play.gen,
      request: 'req-1' as RequestId,
      outcome: { as: 'delivered' },
    });
    expect(play.requests()[0]?.state).toMatchObject({ is: 'decided', deliveredMs: play.nowMs });
  });

  it('shows a prompt that was cancelled before it had a message', () => {
    const play = new Play().open();
    play.linkUp = false;
    play.ask('one');
    play.act(STARTER, { do: 'stop' });
    expect(play.entries('queued').map((e) => [e.text, e.state])).toEqual([['one', 'cancelled']]);
  });

  it('shows a request once that a process repeats', () => {
    const { play, turn } = running();
    play.request('req-1', turn);
    play.request('req-1', turn);
    expect(play.requests()).toHaveLength(1);
  });

  it('ignores a second end of a turn: nothing is counted twice', () => {
    const { play, turn } = running();
    play.end(turn);
    play.end(turn);
    expect(play.state.conversation?.spent.turns).toBe(1);
    expect(play.entries('end')).toHaveLength(1);
  });

  it('ends the old conversation on the runner and in the thread when a new one begins', () => {
    const { play, turn } = running();
    play.ask('waiting');
    play.request('req-1', turn);
    play.open();
    expect(play.sent('end').map((c) => c.gen)).toEqual([1]);
    expect(play.entries('end').map((e) => e.outcome.as)).toEqual(['interrupted']);
    expect(play.entries('queued').map((e) => e.state)).toEqual(['cancelled']);
    expect(play.requests().map((r) => r.state.is)).toEqual(['void']);
    expect(play.gen).toBe(2);
  });
});

describe('every state has an exit', () => {
  it('pauses a turn whose request nobody answered, and Continue goes on', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    play.later(24 * 3600_000);
    expect(play.requests()[0]?.state.is).toBe('expired');
    expect(play.last('interrupt').turn).toBe(turn);
    expect(play.sent('decide'), 'a denial would make Claude work around it').toEqual([]);
    play.end(turn, 'interrupted');
    expect(play.entries('end')[0]?.outcome.as).toBe('paused');
    expect(play.press(STARTER, 'continue', { ref, tag: turn }).kind).toBe('asked');
    expect(play.sent('prompt')).toHaveLength(2);
    expect(play.refusal(play.press(STARTER, 'continue', { ref, tag: turn }))).toMatch(/over/);
  });

  it('also denies the request of an agent that nobody answered: it may outlive the turn that is paused', () => {
    const { play, turn } = running();
    play.request('req-1', turn, { agent: 'Explore' });
    play.later(24 * 3600_000);
    expect(play.last('interrupt').turn).toBe(turn);
    expect(play.sent('decide').map((c) => [c.request, c.verdict.behavior])).toEqual([['req-1', 'deny']]);
  });

  it('offers to go on after the process went away under a turn', () => {
    const { play, turn } = running();
    const outcome = {
      as: 'failed',
      code: 'restarted',
      words: 'The runner was restarted.',
      started: true,
    } as const;
    play.event({
      kind: 'turnEnded',
      gen: play.gen,
      turn,
      prompt: null,
      outcome,
      durationMs: 1,
      costUsd: 0,
      usage: {},
    });
    expect(play.press(STARTER, 'continue', { tag: turn }).kind).toBe('asked');
    expect(play.refusal(play.press(STARTER, 'continue', { tag: turn }))).toMatch(/over/);
    expect(play.sent('prompt')).toHaveLength(2);
  });

  it('stops whatever runs from the session card, which does not know the turn', () => {
    const { play, turn } = running();
    play.press(STARTER, 'stop', {
      tag: '',
      message: THREAD as string as MessageId,
      place: { ...IN_THREAD, channel: CHANNEL },
    });
    expect(play.last('interrupt').turn).toBe(turn);
  });

  it('says when the runner goes away under a turn, and when it is back, in one line', () => {
    const { play } = running();
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: false, sinceMs: play.nowMs },
      access: ACCESS,
    });
    expect(play.entries('note').map((note) => note.text)).toEqual([expect.stringContaining('went offline')]);
    play.step({ kind: 'facts', runner: RUNNER, presence: { online: true }, access: ACCESS });
    expect(play.entries('note').map((note) => note.text)).toEqual([expect.stringContaining('is back')]);
  });

  it('tells of a long turn, but not somebody who has just answered a request of it', () => {
    const long = (press: boolean) => {
      const { play, turn } = running();
      const ref = play.request('req-1', turn);
      play.later(120_000);
      if (press) play.press(STARTER, 'allow', { ref });
      const outcome = { as: 'done' } as const;
      play.event({
        kind: 'turnEnded',
        gen: play.gen,
        turn,
        prompt: null,
        outcome,
        durationMs: 120_000,
        costUsd: 0,
        usage: {},
      });
      return play.entries('end')[0]?.notify?.name ?? null;
    };
    expect([long(false), long(true)]).toEqual(['sam', null]);
  });

  it('denies a background request that nobody answered when no turn runs', () => {
    const { play, turn } = running();
    play.end(turn);
    play.request('req-1', null);
    play.later(24 * 3600_000);
    expect(play.last('decide').verdict.behavior).toBe('deny');
  });

  it('says that a decision waits for the runner after 10 s', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    play.press(STARTER, 'allow', { ref });
    expect(play.requests()[0]?.state).toMatchObject({ is: 'decided', late: false, deliveredMs: null });
    play.later(10_000);
    expect(play.requests()[0]?.state).toMatchObject({ is: 'decided', late: true });
    play.event({
      kind: 'requestSettled',
      gen: play.gen,
      request: 'req-1' as RequestId,
      outcome: { as: 'delivered' },
    });
    expect(play.requests()[0]?.state).toMatchObject({ is: 'decided', deliveredMs: play.nowMs });
  });

  it('keeps a request open over the end of its turn, because background agents ask later', () => {
    const { play, turn } = running();
    const ref = play.request('req-1', turn);
    play.end(turn);
    expect(play.press(STARTER, 'allow', { ref }).kind).toBe('decided');
  });

  it('gives a turn up whose runner stays away for a day, and stops it there should it come back', () => {
    const { play, turn } = running();
    play.linkUp = false;
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: false, sinceMs: play.nowMs },
      access: ACCESS,
    });
    play.later(24 * 3600_000);
    expect(play.state.turns.size).toBe(0);
    expect(play.entries('end')[0]?.outcome).toMatchObject({ as: 'failed' });
    expect(play.last('interrupt').turn).toBe(turn);
  });

  it('asks before a new session ends a running turn, and the offer runs out', () => {
    const { play } = running();
    const answer = play.act(STARTER, { do: 'new', text: 'other', project: null });
    expect(answer.kind).toBe('private');
    const tag = [...play.state.renewals.keys()][0] ?? '';
    expect(play.press(STARTER, 'renew', { tag })).toMatchObject({
      kind: 'start',
      text: 'other',
      project: 'api',
      after: 1,
    });
    expect(play.state.turns.size, 'the old turn runs until the new session is really there').toBe(1);
    expect(play.refusal(play.press(STARTER, 'renew', { tag }))).toMatch(/over/);
    play.act(STARTER, { do: 'new', text: 'other', project: null });
    const late = [...play.state.renewals.keys()][0] ?? '';
    play.later(15 * 60_000);
    expect(play.refusal(play.press(STARTER, 'renew', { tag: late }))).toMatch(/over/);
  });

  it('tells the Guild when something begins to wait that is due sooner, so that it looks should the alarm be lost', () => {
    const { play, turn } = running();
    const told = (what: () => unknown) => {
      const before = play.state.thread?.rev ?? 0;
      play.nowMs += 1;
      what();
      return (play.state.thread?.rev ?? 0) - before;
    };
    const asksAnew = () => play.act(STARTER, { do: 'new', text: 'other', project: null });
    expect(told(asksAnew), 'nothing that a list shows').toBe(1);
    expect(told(asksAnew), 'due after the first').toBe(0);
    expect(told(() => play.ask('second'))).toBeGreaterThan(0);
    expect(told(() => play.request('req-1', turn))).toBeGreaterThan(0);
  });

  it('answers a question that no card can show with "ask in plain text", and the thread shows it', () => {
    const { play, turn } = running();
    play.request('req-1', turn, { asks: 'question', name: 'AskUserQuestion' });
    expect(play.sent('decide').map((c) => c.verdict.behavior)).toEqual(['deny']);
    expect(play.requests().map((r) => r.state.is)).toEqual(['declined']);
    expect(play.requests().every((r) => !r.notify)).toBe(true);
  });
});

describe('a thread with no session, and one whose session ended', () => {
  it('hands a prompt to the Guild, with the project of before', () => {
    const fresh = new Play();
    expect(fresh.ask('hello', STRANGER)).toMatchObject({
      kind: 'start',
      text: 'hello',
      project: null,
      after: null,
    });
    const play = new Play().open();
    play.act(STARTER, { do: 'end' });
    expect(play.ask('hello', STRANGER)).toMatchObject({
      kind: 'start',
      text: 'hello',
      project: 'api',
      after: 1,
    });
    expect(play.refusal(play.act(STARTER, { do: 'end' }))).toMatch(/ended already/);
  });

  it('accepts a press on its own session card in the parent channel', () => {
    const { play } = running();
    const turn = [...play.state.turns.keys()][0] ?? '';
    const answer = play.press(STARTER, 'stop', {
      tag: turn,
      message: THREAD as string as MessageId,
      place: { ...IN_THREAD, channel: CHANNEL },
    });
    expect(play.refusal(answer)).toMatch(/Stopping/);
    expect(play.last('interrupt').gen).toBe(1 as Gen);
  });

  it('tells the old runner the end, and nothing else, when the next conversation runs on another', () => {
    const { play } = running();
    const before = play.commands.length;
    const access = { ...ACCESS };
    const outcome = play.step({
      kind: 'open',
      open: {
        id: play.id(),
        guild: IN_THREAD.guild,
        thread: THREAD,
        parent: CHANNEL,
        card: 'parent',
        madeThread: true,
        origin: 'https://heddle.example',
        runner: { id: 'r2' as RunnerId, name: 'desk', publicKey: 'k2', access, presence: { online: true } },
        project: 'api' as never,
        starter: STARTER,
        text: null,
        after: 1 as Gen,
      },
    });
    expect(outcome.left).toEqual({ runner: RUNNER, commands: [{ kind: 'end', gen: 1 }] });
    expect(play.commands).toHaveLength(before);
  });

  it('gives a prompt to another runner only over that one’s own link', () => {
    const { play } = running();
    const before = play.sent('prompt').length;
    const presence = { online: false, sinceMs: play.nowMs } as const;
    const runner = { id: 'r2' as RunnerId, name: 'desk', publicKey: 'k2', access: { ...ACCESS }, presence };
    // The link that is up is the old runner's.
    play.open({ runner, text: 'go on there', after: 1 as Gen });
    expect(play.sent('prompt')).toHaveLength(before);
    expect(play.entries('queued').at(-1)).toMatchObject({ text: 'go on there', state: 'waiting' });
    play.step({ kind: 'linkUp' });
    expect(play.last('prompt').text).toBe('go on there');
  });
});
