/** What the rules owe when somebody or something does not come back: nothing hangs, nothing stays on the screen that is not true. */
import { expect, it } from 'vitest';
import type { RequestId, TurnId, UserId } from '../../../protocol/ids.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { summarize } from '../../../worker/session/state/state.ts';
import { labelOf } from '../render/show.ts';
import { ACCESS, CHANNEL, card, IN_THREAD, OWNER, Play, RUNNER, STARTER, THREAD } from './play.ts';

const DAY_MS = 24 * 3600_000;

const running = (): { play: Play; turn: TurnId } => {
  const play = new Play().open();
  play.ask('fix the test');
  return { play, turn: play.begin() };
};

/** The buttons that the thread shows, by slot. */
function buttons(play: Play): Map<string, readonly string[]> {
  const slots = renderThread({ gen: play.gen, entries: [...play.state.entries.values()], stoppable: null });
  return new Map(slots.map((slot) => [slot.key, slot.rows.flat().map(labelOf)]));
}

it('a decision that no runner ever confirms ends after a day, visibly', () => {
  const { play, turn } = running();
  const ref = play.request('req-1', null);
  play.press(STARTER, 'allow', { ref });
  play.end(turn);
  play.linkUp = false;
  play.later(DAY_MS);
  expect(play.requests()[0]?.state.is).toBe('void');
  expect(play.state.requests.size).toBe(0);
});

it('a background request that nobody answered does not interrupt the turn that happens to run', () => {
  const { play, turn } = running();
  play.request('req-1', null);
  play.later(DAY_MS);
  expect(play.requests()[0]?.state.is).toBe('expired');
  expect(play.sent('interrupt')).toEqual([]);
  expect(play.last('decide').verdict.behavior).toBe('deny');
  expect(play.state.turns.get(turn)?.stopping).toBeNull();
});

it('the buttons of a pause go when the next turn begins', () => {
  const { play, turn } = running();
  const ref = play.request('req-1', turn);
  play.later(DAY_MS);
  play.end(turn, 'interrupted');
  expect(buttons(play).get(`r.${ref}`)).toContain('Continue');
  play.ask('something else');
  expect(buttons(play).get(`r.${ref}`), 'it is still drawn, without them').toEqual([]);
  play.end(play.begin());
  play.ask('and on');
  expect(buttons(play).has(`r.${ref}`), 'and then not any more').toBe(false);
});

it('Continue of a turn that broke off goes when the next turn begins', () => {
  const { play, turn } = running();
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'failed', code: 'restarted', words: 'gone', started: true },
    durationMs: 1,
    costUsd: 0,
    usage: {},
  });
  expect(buttons(play).get(`t.${turn}.e`)).toEqual(['Continue', 'Discard']);
  play.ask('something else');
  expect(buttons(play).get(`t.${turn}.e`)).toEqual([]);
});

it('what the CLI sent of a request is forgotten with the request, and not before', () => {
  const { play, turn } = running();
  const ref = play.request('req-1', turn);
  play.press(STARTER, 'allow', { ref });
  const outcome = play.step({
    kind: 'event',
    event: {
      kind: 'requestSettled',
      gen: play.gen,
      request: 'req-1' as RequestId,
      outcome: { as: 'delivered' },
    },
  });
  expect(outcome.changes).toContainEqual({ table: 'inputs', request: 'req-1' });
});

it('a prompt that waits is not run for somebody who may not use the runner any more', () => {
  const play = new Play().open();
  play.linkUp = false;
  play.ask('mine');
  play.ask('yours', OWNER);
  const presence = { online: false, sinceMs: play.nowMs } as const;
  play.step({ kind: 'facts', runner: RUNNER, presence, access: { ...ACCESS, members: [], rev: 2 } });
  expect(new Map(play.entries('queued').map((e) => [e.text, e.state]))).toEqual(
    new Map([
      ['mine', 'cancelled'],
      ['yours', 'waiting'],
    ]),
  );
  play.linkUp = true;
  play.step({ kind: 'linkUp' });
  expect(play.sent('prompt').map((c) => c.text)).toEqual(['[@olga] yours']);
});

it('a prompt that waits stays when a role still lets its author use the runner', () => {
  const sam = { ...STARTER, roles: ['77' as never] };
  const access = { ...ACCESS, members: [], roles: ['77' as never] };
  const runner = {
    id: RUNNER,
    name: 'laptop',
    publicKey: 'key',
    access,
    presence: { online: true } as const,
  };
  const play = new Play();
  play.linkUp = false;
  play.open({ runner, starter: sam, text: 'first' });
  play.ask('second', sam);
  const presence = { online: false, sinceMs: play.nowMs } as const;
  play.step({
    kind: 'facts',
    runner: RUNNER,
    presence,
    access: { ...access, members: ['5' as UserId], rev: 2 },
  });
  expect(play.state.queue.size).toBe(2);
});

it('nothing but Stop and Cancel queued is pressed on the card in the parent channel', () => {
  const { play, turn } = running();
  const ref = play.request('req-1', turn);
  const onCard = { message: THREAD as never, place: { ...IN_THREAD, channel: CHANNEL } };
  expect(play.refusal(play.press(STARTER, 'end', onCard))).toMatch(/another thread/);
  expect(play.refusal(play.press(STARTER, 'allow', { ref, ...onCard }))).toMatch(/another thread/);
  expect(play.state.conversation?.ended).toBeNull();
  expect(play.refusal(play.press(STARTER, 'cancelqueue', onCard))).toMatch(/Nothing waits/);
  expect(card(ref)).not.toBe(THREAD);
});

it.each(['a request that outlives its turn', 'a prompt that waits since the middle of a turn'])(
  'messages stay as they are when earlier ones are not drawn any more: %s',
  (what) => {
    const { play, turn } = running();
    const say = (segment: number, text: string) =>
      play.event({ kind: 'text', gen: play.gen, turn, segment, text });
    say(0, 'before');
    if (what.startsWith('a request')) play.request('req-1', turn);
    else play.ask('wait');
    say(1, 'after');
    if (what.startsWith('a request')) play.end(turn);
    else {
      play.linkUp = false;
      const presence = { online: false, sinceMs: play.nowMs } as const;
      play.step({ kind: 'facts', runner: RUNNER, presence, access: ACCESS });
      play.later(DAY_MS - 1);
      play.ask('wait longer');
      play.later(1);
      play.linkUp = true;
    }
    const before = texts(play);
    play.ask('next');
    play.step({ kind: 'linkUp' });
    const now = texts(play);
    for (const [key, text] of before) if (now.has(key)) expect(now.get(key), key).toBe(text);
    expect([...before.values()].join()).toMatch(/before[\s\S]*after/);
  },
);

/** The messages of turns, by slot. */
function texts(play: Play): Map<string, string> {
  const slots = renderThread({ gen: play.gen, entries: [...play.state.entries.values()], stoppable: null });
  return new Map(slots.filter((slot) => /^t\..*\.m/.test(slot.key)).map((slot) => [slot.key, slot.content]));
}

it('a session that began at the same moment is not ended: who may ask in it does, others hear who was first', () => {
  const play = new Play().open({ text: 'first' });
  play.begin();
  play.open({ text: 'second', after: null });
  expect(play.gen).toBe(1);
  expect(play.sent('end')).toEqual([]);
  expect(play.state.queue.size).toBe(1);
  const other = { ...OWNER, id: '5' as UserId, name: 'eve' };
  const late = play.step({
    kind: 'open',
    open: {
      id: play.id(),
      guild: IN_THREAD.guild,
      thread: THREAD,
      parent: CHANNEL,
      card: 'parent',
      madeThread: true,
      origin: 'https://heddle.example',
      runner: { id: RUNNER, name: 'laptop', publicKey: 'k', access: ACCESS, presence: { online: true } },
      project: 'api' as never,
      starter: other,
      text: 'mine',
      after: null,
    },
  });
  expect(late.opened).toMatchObject({ ok: false, why: expect.stringMatching(/sam/) });
  expect(play.state.queue.size).toBe(1);
});

it('the session card links the card that waits, and says no longer that Heddle may not write once it may', () => {
  const { play, turn } = running();
  const ref = play.request('req-1', turn);
  expect(summarize(play.state)?.state).toMatchObject({ is: 'waiting', message: card(ref) });
  play.step({ kind: 'parked', why: 'The thread is locked.', gone: false });
  expect(summarize(play.state)?.state).toEqual({ is: 'failed', words: 'The thread is locked.' });
  const { rev = 0 } = play.state.thread ?? {};
  play.step({ kind: 'shown', card: null });
  expect(summarize(play.state)?.state.is).toBe('waiting');
  expect(play.state.thread?.rev).toBe(rev + 1);
});
