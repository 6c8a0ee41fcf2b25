/** Every button and every command of a session asks `may` first: for whoever may not, nothing is done and nothing is shown. */
import { describe, expect, it, test } from 'vitest';
import { may } from '../../../worker/domain/access.ts';
import { BUTTONS, encodeCustomId, parseCustomId, type Verb } from '../../../worker/domain/buttons.ts';
import type { SessionActs, SessionDo } from '../../../worker/domain/contract.ts';
import { refusal } from '../../../worker/session/state/refusals.ts';
import { ACCESS, CHANNEL, HASH, IN_THREAD, member, OWNER, Play, RUNNER, STARTER, STRANGER } from './play.ts';

/** An example of each. A command that is missing here does not compile. */
const COMMANDS: { readonly [K in Exclude<keyof SessionActs, 'press'>]: SessionActs[K] } = {
  ask: { text: 'me too' },
  new: { text: 'mine', project: null },
  stop: {},
  undo: { confirm: true },
  status: {},
  budget: { usd: 100 },
  settings: { mode: 'plan', messages: 'off' },
  slash: { command: 'clear', args: '' },
  queue: {},
  end: { worktree: 'remove' },
  resume: {},
  fork: { text: null },
};
const commands = Object.entries(COMMANDS).map(([name, carries]) => ({ do: name, ...carries }) as SessionDo);
const verbs = Object.keys(BUTTONS) as Verb[];
const sessionVerbs = verbs.filter((verb) => BUTTONS[verb].owner === 'session');
const guildVerbs = verbs.filter((verb) => BUTTONS[verb].owner === 'guild');

/** They only read. A name that is added here is open to everybody in the server. */
const OPEN_COMMANDS = ['status', 'queue'];
const OPEN_BUTTONS = ['pickqueued', 'diff'];

/** A session with all that somebody could lay hands on: a turn that runs, an open request, a prompt that waits. */
function busy(): Play {
  const play = new Play().open({ text: 'hello' });
  play.request('q1', play.begin());
  play.ask('next', OWNER);
  return play;
}
const paused = (): Play => {
  const play = busy();
  play.later(100 * 24 * 60 * 60_000);
  return play;
};
const ended = (): Play => {
  const play = busy();
  play.act(STARTER, { do: 'end' });
  return play;
};
const SCENES = { busy, paused, ended };

/** All that a button could name here, so that a handler that is reached finds what it looks for. */
function tags(play: Play): readonly string[] {
  const turn = play.entries('prompt').at(-1)?.turn ?? '';
  return ['', HASH.slice(0, 16), `${HASH.slice(0, 16)}_s`, turn, ...play.state.queue.keys(), 'mode'];
}

function presses(play: Play, verb: Verb): readonly SessionDo[] {
  const ref = play.requests()[0]?.ref ?? 0;
  return tags(play).flatMap((tag) =>
    [undefined, { reason: ['no'], change: ['x'], words0: ['y'], text0: ['z'] }].map((fields): SessionDo => {
      const id = { verb, gen: play.gen, ref, tag };
      return {
        do: 'press',
        id,
        message: `50${ref}` as never,
        values: ['plan'],
        ...(fields === undefined ? {} : { fields }),
      };
    }),
  );
}

/** Nothing is written, nobody is told anything, and the answer is the refusal and no more. */
function refused(play: Play, who: typeof STRANGER, act: SessionDo, place = IN_THREAD): string {
  const outcome = play.step({ kind: 'act', act: { id: play.id(), member: who, place, act } });
  expect(outcome.changes).toEqual([]);
  expect(outcome.commands).toEqual([]);
  expect(outcome.left).toBeNull();
  if (outcome.answer?.kind !== 'private') throw new Error(`not refused: ${JSON.stringify(outcome.answer)}`);
  expect(outcome.answer.rows).toBeUndefined();
  return outcome.answer.text;
}

const why = (play: Play, who: typeof STRANGER): string => {
  const c = play.state.conversation;
  if (c === null) throw new Error('no session');
  const permission = may(who, 'ask', { runner: c.access, starter: c.starter.id });
  if (permission.ok) throw new Error('may');
  return refusal(permission.why, c);
};

/** May use the runner, and is neither the session's starter nor the runner's owner. */
const GUEST = member('8', 'gus');

describe.each(Object.entries(SCENES))('in a session that is %s', (name, scene) => {
  const shared = (): Play => {
    const play = scene();
    const access = { ...ACCESS, members: [...ACCESS.members, GUEST.id], rev: 2 };
    play.step({ kind: 'facts', runner: RUNNER, presence: { online: true }, access });
    return play;
  };

  it.each(sessionVerbs.filter((verb) => !OPEN_BUTTONS.includes(verb)))(
    'the button %s is refused to whoever may not',
    (verb) => {
      const play = shared();
      for (const who of [STRANGER, GUEST])
        for (const act of presses(play, verb)) expect(refused(play, who, act)).toBe(why(play, who));
    },
  );

  // Where a session ended, anybody who may use a runner begins the next one: the Guild decides that.
  const elsewhere = name === 'ended' ? [...OPEN_COMMANDS, 'new'] : OPEN_COMMANDS;
  it.each(commands.filter((act) => !elsewhere.includes(act.do)))(
    'the command $do is refused to whoever may not',
    (act) => {
      const play = shared();
      for (const who of [STRANGER, GUEST]) expect(refused(play, who, act)).toContain(why(play, who));
    },
  );

  it('nobody may do anything on a runner that was removed, its owner neither', () => {
    const play = scene();
    play.step({
      kind: 'facts',
      runner: RUNNER,
      presence: { online: true },
      access: { ...ACCESS, removed: true, rev: 2 },
    });
    for (const who of [STARTER, OWNER])
      for (const verb of sessionVerbs.filter((one) => !OPEN_BUTTONS.includes(one)))
        for (const act of presses(play, verb)) expect(refused(play, who, act)).toBe(why(play, who));
  });

  it.each([...OPEN_BUTTONS, ...OPEN_COMMANDS])('%s only reads', (open) => {
    const play = shared();
    const acts = verbs.includes(open as Verb)
      ? presses(play, open as Verb)
      : commands.filter((act) => act.do === open);
    for (const act of acts) {
      const outcome = play.step({
        kind: 'act',
        act: { id: play.id(), member: STRANGER, place: IN_THREAD, act },
      });
      expect([outcome.changes, outcome.commands]).toEqual([[], []]);
    }
  });

  it.each(guildVerbs)('the server’s button %s is refused to everybody', (verb) => {
    const play = scene();
    for (const who of [STARTER, OWNER, STRANGER])
      for (const act of presses(play, verb)) expect(refused(play, who, act)).toContain('another thread');
  });

  it.each(sessionVerbs)('the button %s of an earlier conversation is refused', (verb) => {
    const play = scene();
    const press = { do: 'press', message: null } as const;
    const id = { verb, gen: play.gen + 1, ref: 1, tag: '' };
    expect(refused(play, STARTER, { ...press, id })).toContain('earlier conversation');
  });

  it.each(sessionVerbs)(
    'the button %s counts in the thread, and on the card only if it stands there',
    (verb) => {
      const play = scene();
      const channel = { ...IN_THREAD, channel: CHANNEL, channelType: 0, parent: null };
      const onCard = ['stop', 'cancelqueue', 'resume', 'reply'].includes(verb);
      for (const act of presses(play, verb)) {
        expect(refused(play, STARTER, act, { ...IN_THREAD, guild: '101' as never })).toContain(
          'another thread',
        );
        expect(refused(play, STARTER, act, channel)).toContain('another thread');
        if (act.do !== 'press') continue;
        const card = { ...act, message: IN_THREAD.channel as string as never };
        if (onCard) expect(refused(play, STRANGER, card, channel)).toBe(why(play, STRANGER));
        else expect(refused(play, STARTER, card, channel)).toContain('another thread');
      }
    },
  );
});

test('who may is refused by no right', () => {
  for (const who of [STARTER, OWNER])
    for (const scene of Object.values(SCENES)) {
      for (const verb of sessionVerbs) {
        const play = scene();
        for (const act of presses(play, verb)) {
          const answer = play.act(who, act);
          if (answer.kind === 'private') expect(answer.text).not.toMatch(/^This session is for|belongs to/);
        }
      }
    }
});

describe('a custom id', () => {
  it.each(verbs)('of %s comes back as it was', (verb) => {
    const id = { verb, gen: 3, ref: 12, tag: 'a_-9' };
    expect(parseCustomId(encodeCustomId(id))).toEqual(id);
  });

  it.each(['constructor', 'valueof', 'tostring', 'hasownproperty', 'launch', '', 'Allow', '__proto__'])(
    'of a verb that is none is nothing: %j',
    (verb) => expect(parseCustomId(`h1:${verb}:1:1:x`)).toBeNull(),
  );
});
