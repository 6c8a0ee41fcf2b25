/** What a session runs with, by its rules: who may change it, what is refused, what the runner is told and when. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { SessionDo } from '../../../worker/domain/contract.ts';
import { answerWords } from '../../../worker/session/view/words.ts';
import { OWNER, Play, STARTER, STRANGER } from './play.ts';

const model = (value: string): SessionDo => ({ do: 'settings', model: value, panel: false });
const mode = (value: string): SessionDo => ({ do: 'settings', mode: value, panel: false });

/** A session that had a turn; Claude has said what it offers. */
function used(): Play {
  const play = new Play().open({ text: 'hello' });
  play.event({
    kind: 'offers',
    gen: play.gen,
    models: [
      { value: 'default', name: 'Default (recommended)', description: 'The default' },
      { value: 'haiku', name: 'Haiku', description: 'Fast' },
    ],
    modes: ['default', 'plan'],
    efforts: ['low', 'high'],
  });
  play.end(play.begin());
  return play;
}

function configured(play: Play, over: Partial<EventOf<'configured'>> = {}): void {
  play.event({
    kind: 'configured',
    gen: play.gen,
    rev: play.state.conversation?.runsWith.desired.rev ?? 0,
    model: null,
    mode: null,
    effort: null,
    now: { model: 'claude-haiku-5-5', mode: 'default' },
    refused: null,
    ...over,
  });
}

const status = (play: Play) => {
  const outcome = play.step({
    kind: 'act',
    act: {
      id: play.id(),
      member: STARTER,
      place: { guild: '100', channel: '300', channelType: 11, parent: '200', appPermissions: '0' } as never,
      act: { do: 'status' },
    },
  });
  const words = answerWords(outcome, () => []);
  return words.kind === 'private' ? words.text : '';
};

describe('a change', () => {
  it('goes to the runner whole, each with a higher revision, and keeps the runner wanted until it has it', () => {
    const play = used();
    expect(play.refusal(play.act(STARTER, model('haiku')))).toMatch(/Haiku.*next turn/);
    expect(play.refusal(play.act(OWNER, mode('plan')))).toContain('plan');
    expect(play.sent('configure')).toEqual([
      { kind: 'configure', gen: play.gen, rev: 1, model: 'haiku', mode: null, effort: null },
      { kind: 'configure', gen: play.gen, rev: 2, model: 'haiku', mode: 'plan', effort: null, modeNow: true },
    ]);
    expect(play.state.conversation?.runsWith.desired.runnerNotified).toBe(false);
  });

  it('before the first turn waits for the beginning, and comes before the first prompt', () => {
    const play = new Play().open();
    expect(play.refusal(play.act(STARTER, mode('plan')))).toContain('first turn');
    expect(play.sent('configure')).toEqual([]);
    play.ask('go');
    expect(play.commands.map(({ kind }) => kind)).toEqual(['begin', 'configure', 'prompt']);
    expect(play.last('configure')).toMatchObject({ rev: 1, mode: 'plan' });
  });

  it('in mid-turn and offline says when it holds', () => {
    const play = used();
    play.ask('more');
    play.begin();
    expect(play.refusal(play.act(STARTER, model('haiku')))).toContain('this turn');
    play.linkUp = false;
    play.step({
      kind: 'facts',
      runner: 'r1' as never,
      presence: { online: false, sinceMs: 1, rev: 2 },
      access: play.state.conversation?.access as never,
    });
    expect(play.refusal(play.act(STARTER, model('default')))).toMatch(/offline: kept/);
    expect(play.last('configure')).toMatchObject({ rev: 2, model: null });
  });

  it('is there in the conversation that goes on after the end, which is told again', () => {
    const play = used();
    play.act(STARTER, model('haiku'));
    play.act(STARTER, { do: 'end' });
    expect(play.refusal(play.act(STARTER, model('haiku')))).toContain('ended');
    play.ask('on');
    expect(play.last('configure')).toMatchObject({ gen: 2, model: 'haiku' });
  });

  it('is not of the next conversation', () => {
    const play = used();
    play.act(STARTER, model('haiku'));
    play.open({ text: 'anew' });
    expect(play.sent('configure').filter(({ gen }) => gen === play.gen)).toEqual([]);
  });

  it.each([
    model('haiku'),
    mode('plan'),
    { do: 'settings' } as const,
    { do: 'slash', command: 'clear', args: '' } as const,
  ])('is for those who may ask: %j', (act) => {
    const play = used();
    const before = play.commands.length;
    expect(play.refusal(play.act(STRANGER, act))).not.toMatch(/Mode:|Model:|Settings/);
    expect(play.commands).toHaveLength(before);
  });

  it.each([
    [mode('bypassPermissions'), /refused.*laptop.*default, plan/],
    [mode('root'), /no such mode/],
    [mode(''), /no such mode/],
    [model('sonet'), /offers no model.*haiku/],
    [model('--dangerous'), /cannot be the name/],
    [model('a b'), /cannot be the name/],
    [model('x'.repeat(200)), /cannot be the name/],
    [{ do: 'settings', effort: 'heroic' } as const, /no such effort.*low, high/],
    [{ do: 'settings', effort: '--x' } as const, /no such effort/],
    [{ do: 'settings', verbosity: 'all' } as const, /none of the choices/],
    [{ do: 'settings', notify: '__proto__' } as const, /none of the choices/],
  ])('is refused with the reason: %j', (act, words) => {
    const play = used();
    const answer = play.act(STARTER, act);
    expect(answer.kind === 'private' && answer.text).toMatch(words);
    expect(play.sent('configure')).toEqual([]);
    expect(play.state.thread?.notify ?? {}).toEqual({});
  });

  it('takes a name that Claude shows, and a full one of the API', () => {
    const play = used();
    play.act(STARTER, model('HAIKU'));
    expect(play.last('configure').model).toBe('haiku');
    play.act(STARTER, model('claude-opus-5-5'));
    expect(play.last('configure').model).toBe('claude-opus-5-5');
    play.act(STARTER, model('Default (recommended)'));
    expect(play.last('configure').model).toBeNull();
  });
});

describe('what the runner answers', () => {
  it('is shown: what is asked for until it holds, then what Claude runs with', () => {
    const play = used();
    play.act(STARTER, model('haiku'));
    expect(status(play)).toContain('Asked for, not taken yet: model Haiku');
    configured(play, { model: 'haiku' });
    expect(status(play)).not.toContain('Asked for');
    expect(status(play)).toContain('Haiku 5.5');
  });

  it('of an older change does not touch the newer one', () => {
    const play = used();
    play.act(STARTER, mode('plan'));
    play.act(STARTER, mode('default'));
    configured(play, { rev: 1, mode: 'plan', refused: 'No.' });
    expect(play.state.conversation?.runsWith.desired).toMatchObject({
      rev: 2,
      mode: 'default',
      confirmed: false,
    });
    expect(play.entries('note').map(({ text }) => text)).toEqual([]);
  });

  it('refuses in the thread, once, and what is desired is what was kept', () => {
    const play = used();
    play.act(STARTER, mode('plan'));
    configured(play, { refused: 'Not *here*.' });
    configured(play, { refused: 'Not *here*.' });
    expect(play.entries('note').map(({ text }) => text)).toEqual(['⚙️ Not \\*here\\*.']);
    expect(play.state.conversation?.runsWith.desired).toMatchObject({ mode: null, confirmed: true });
  });

  it('tells a mode that Claude took by itself', () => {
    const play = used();
    configured(play, { now: { model: null, mode: 'plan' } });
    expect(status(play)).toContain('plan');
    expect(play.state.conversation?.runsWith.desired.mode).toBeNull();
  });

  it('of another gen, or said again, changes nothing', () => {
    const play = used();
    configured(play);
    const before = play.state;
    const again = play.step({
      kind: 'event',
      event: {
        kind: 'configured',
        gen: play.gen,
        rev: 0,
        model: null,
        mode: null,
        effort: null,
        now: { model: 'claude-haiku-5-5', mode: 'default' },
        refused: null,
      },
    });
    expect(again.changes).toEqual([]);
    configured(play, { gen: 9 as never, now: { model: null, mode: 'plan' } });
    expect(play.state.conversation).toEqual(before.conversation);
  });
});

describe('the panel', () => {
  const press = (
    play: Play,
    tag: string,
    values: readonly string[] | undefined,
    who = STARTER,
    gen = play.gen,
  ) =>
    play.act(who, {
      do: 'press',
      id: { verb: 'set', gen, ref: 0, tag },
      message: null,
      ...(values === undefined ? {} : { values }),
    });

  it('changes with each menu, and so does the session', () => {
    const play = used();
    const answer = press(play, 'effort', ['high']);
    expect(answer.kind).toBe('update');
    expect(play.last('configure').effort).toBe('high');
    expect(press(play, 'verbosity', ['verbose']).kind).toBe('update');
    expect(play.state.thread?.verbosity).toBe('verbose');
    press(play, 'notify', ['none']);
    press(play, 'notify', ['requests'], OWNER);
    expect(play.state.thread?.notify).toEqual({ [STARTER.id]: 'none', [OWNER.id]: 'requests' });
    press(play, 'notify', ['all']);
    expect(play.state.thread?.notify).toEqual({ [OWNER.id]: 'requests' });
  });

  it.each([
    ['mode', ['bypassPermissions'], /refused/],
    ['model', ['--x'], /cannot be/],
    ['budget', ['9'], /no setting/],
    ['constructor', ['9'], /no setting/],
    ['effort', [], /Nothing was chosen/],
    ['effort', ['low', 'high'], /Nothing was chosen/],
    ['effort', undefined, /Nothing was chosen/],
  ])('does nothing for a forged %s %j', (tag, values, words) => {
    const play = used();
    const answer = press(play, tag, values);
    expect('text' in answer && answer.text).toMatch(words);
    expect(play.sent('configure')).toEqual([]);
  });

  it('of an earlier conversation, of an ended one, or pressed by a stranger does nothing', () => {
    const play = used();
    expect(play.refusal(press(play, 'effort', ['low'], STRANGER))).toBeTruthy();
    expect(play.refusal(press(play, 'effort', ['low'], STARTER, 7 as never))).toContain('earlier');
    play.act(STARTER, { do: 'end' });
    expect(play.refusal(press(play, 'effort', ['low']))).toContain('ended');
    expect(play.sent('configure')).toEqual([]);
  });
});

describe('/claude', () => {
  it('waits in the queue and goes out as a command, without a name in front', () => {
    const play = used();
    play.ask('first');
    const turn = play.begin();
    expect(play.act(OWNER, { do: 'slash', command: '/compact', args: 'keep names' }).kind).toBe('asked');
    play.end(turn);
    expect(play.last('prompt')).toMatchObject({ text: '/compact keep names', slash: true });
  });

  it('is refused by its name, and a prompt that looks like one is text', () => {
    const play = used();
    for (const command of ['config', 'login', '__x', 'model', 'exit'])
      expect(play.refusal(play.act(STARTER, { do: 'slash', command, args: '' })), command).toBeTruthy();
    for (const command of ['', '/', 'a b', 'x\ny', '/../x'])
      expect(play.refusal(play.act(STARTER, { do: 'slash', command, args: '' }))).toContain('no name');
    play.ask('/clear');
    expect(play.last('prompt')).not.toHaveProperty('slash');
  });
});
