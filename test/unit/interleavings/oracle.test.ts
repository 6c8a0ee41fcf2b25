/** The oracle of the random interleavings is silent on a true story, and speaks up when one thing in it is false. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../e2e/interleavings/oracle.ts';
import type { Ask, Card, Click, Command, Conversation, Story } from '../../e2e/interleavings/story.ts';
import type { StubEntry } from '../../stub-claude-script.ts';

const DONE = { is: 'done', words: '' } as const;
const refused = (why: Extract<Click['told'], { is: 'refused' }>['why'], words = '') =>
  ({ is: 'refused', why, words }) as const;

const conversation: Conversation = {
  thread: 'T',
  gen: 1,
  starter: 'sam',
  continues: false,
  from: 0,
  to: Number.POSITIVE_INFINITY,
};
const other: Conversation = { ...conversation, thread: 'U', starter: 'ria' };
const ask: Ask = {
  ...{ token: 'tk1', later: false, who: 'sam', thread: 'T', round: 0, begin: 1, end: 2, told: DONE },
};
const card: Card = {
  ...{ message: 'm1', thread: 'T', gen: 1, ref: 1, tag: 'aa', command: 'echo p1 0', round: 0, seen: 3 },
  ...{ shown: { text: '-# ✓ sam allowed Bash echo p1 0 · delivered', open: false }, known: true },
};
const click: Click = {
  ...{ who: 'sam', thread: 'T', round: 0, begin: 4, end: 5, told: DONE, verb: 'allow', echo: null },
  ...{ id: { gen: 1, ref: 1, tag: 'aa' }, message: 'm1', fromChannel: false },
};
const at = { session: 's1', pid: 7, atMs: 0 } as const;
const prompt: StubEntry = { ...at, event: 'prompt', prompt: 'p1', text: 'ask:1 tk1' };
const asked: StubEntry = {
  ...at,
  event: 'asked',
  request: 'r1',
  prompt: 'p1',
  input: { command: 'echo p1 0' },
};
const decision: StubEntry = { ...at, event: 'decision', request: 'r1', behavior: 'allow', known: true };
const stop: Command = { ...ask, what: 'stop', begin: 6, end: 7 };

const truth: Story = {
  owner: 'olga',
  cards: [card],
  conversations: [conversation, other],
  asks: [ask],
  clicks: [click],
  commands: [],
  storms: [],
  log: [prompt, asked, decision],
  settled: 1,
};
const rules = (change: Partial<Story>) => judge({ ...truth, ...change }).map(({ rule }) => rule);
const second = (change: Partial<Click>) => ({ clicks: [click, { ...click, begin: 6, end: 7, ...change }] });

it('says nothing of a true story', () => {
  expect(judge(truth)).toEqual([]);
});

describe('a decision', () => {
  it('that nobody made', () => {
    expect(rules({ clicks: [] })).toContain('wrong session');
  });
  it('that somebody made on the card of another thread', () => {
    const elsewhere = { ...card, thread: 'U', message: 'm2', command: 'echo p2 0' };
    expect(
      rules({ cards: [card, elsewhere], clicks: [{ ...click, who: 'ria', thread: 'U', message: 'm2' }] }),
    ).toContain('wrong session');
  });
  it('that reached another process than the one that asked', () => {
    expect(rules({ log: [prompt, asked, { ...decision, pid: 8 }] })).toContain('wrong session');
  });
  it('that says the opposite', () => {
    expect(rules({ log: [prompt, asked, { ...decision, behavior: 'deny' }] })).toContain('wrong verdict');
  });
  it('that comes twice', () => {
    expect(rules({ log: [prompt, asked, decision, decision] })).toContain('twice');
  });
  it('that comes when it was over', () => {
    expect(rules({ log: [prompt, asked, { ...decision, known: false }] })).toContain('unasked');
  });
  it('that two people are told they made', () => {
    expect(rules(second({ who: 'olga' }))).toContain('twice');
  });
  it('that never arrives, unless a stop or a death came between', () => {
    expect(rules({ log: [prompt, asked] })).toContain('lost');
    expect(rules({ log: [prompt, asked], commands: [stop] })).toEqual([]);
    const kill = { what: 'kill', thread: null, round: 0, begin: 6, end: 7 } as const;
    expect(rules({ log: [prompt, asked], storms: [kill] })).toEqual([]);
    expect(rules({ log: [prompt, asked], commands: [{ ...stop, thread: 'U', who: 'ria' }] })).toContain(
      'lost',
    );
    expect(rules({ log: [prompt, asked], commands: [{ ...stop, begin: 1, end: 2 }] })).toContain('lost');
  });
  it('is looked for only when its round has come to rest', () => {
    expect(rules({ log: [prompt, asked], settled: 0 })).toEqual([]);
  });
});

describe('a click', () => {
  it.each(['mallory', 'ria'])('of %s that was taken', (who) => {
    expect(rules({ clicks: [{ ...click, who }] })).toContain('wrong person');
  });
  it.each(['mallory', 'ria'])('of %s that was refused for another reason than the person', (who) => {
    expect(rules(second({ who, told: refused('person') }))).toEqual([]);
    expect(rules(second({ who, told: refused('over') }))).toContain('wrong reason');
  });
  it('of somebody who may, refused as if they might not', () => {
    expect(rules(second({ told: refused('person') }))).toContain('wrong reason');
  });
  it('on a card of an earlier conversation', () => {
    const conversations = [
      { ...conversation, to: 10 },
      { ...conversation, gen: 2, from: 9 },
    ];
    const late = (told: Click['told']) => ({ ...second({ begin: 11, end: 12, told }), conversations });
    expect(rules(late(refused('earlier')))).toEqual([]);
    expect(rules(late(refused('over')))).toContain('wrong reason');
    expect(rules(late(DONE))).toContain('wrong reason');
    expect(rules(second({ told: refused('earlier') }))).toContain('wrong reason');
  });
  it('on a card that was decided before', () => {
    const words = 'sam already allowed this. Nothing was changed.';
    expect(rules(second({ told: refused('already', words) }))).toEqual([]);
    expect(rules(second({ told: refused('already', words.replace('sam', 'olga')) }))).toContain(
      'wrong words',
    );
    expect(rules(second({ told: refused('already', words.replace('allowed', 'denied')) }))).toContain(
      'wrong words',
    );
  });
  it('on an open card that was refused', () => {
    expect(rules({ clicks: [{ ...click, told: refused('over') }], log: [prompt, asked] })).toContain(
      'wrong reason',
    );
  });
  it('with another hash, on another card, or junk, that was taken', () => {
    const forged = (change: Partial<Click>) => rules({ clicks: [{ ...click, ...change }] });
    expect(forged({ id: { gen: 1, ref: 1, tag: 'bb' } })).toContain('wrong reason');
    expect(forged({ message: 'm9' })).toContain('wrong reason');
    expect(forged({ id: null })).toContain('wrong reason');
    expect(forged({ fromChannel: true })).toContain('wrong reason');
    expect(forged({ id: { gen: 1, ref: 5, tag: 'aa' } })).toContain('wrong reason');
  });
  it('that was delivered twice and told two things', () => {
    expect(rules({ clicks: [{ ...click, echo: DONE }] })).toEqual([]);
    expect(rules({ clicks: [{ ...click, echo: refused('already') }] })).toContain('twice');
  });
  it('without an answer, unless workerd died', () => {
    const lost = second({ told: { is: 'lost', words: 'ECONNREFUSED' } });
    expect(rules(lost)).toEqual(['lost']);
    const crash = { what: 'crash', thread: null, round: 0, begin: 6, end: 7 } as const;
    expect(rules({ ...lost, storms: [crash] })).toEqual([]);
  });
});

describe('a prompt', () => {
  it('of somebody who may not', () => {
    expect(rules({ asks: [{ ...ask, who: 'mallory' }] })).toContain('wrong person');
    expect(rules({ asks: [{ ...ask, who: 'mallory', told: refused('person') }] })).toContain('wrong person');
  });
  it('that was refused to somebody who may', () => {
    const again = { ...ask, token: 'tk2', told: refused('person') };
    expect(rules({ asks: [ask, again] })).toContain('wrong reason');
  });
  it('that nobody asked', () => {
    expect(rules({ log: [...truth.log, { ...prompt, prompt: 'p2', text: 'tk9' }] })).toContain('unasked');
  });
  it('that ran twice', () => {
    expect(rules({ log: [...truth.log, prompt] })).toContain('twice');
  });
  it('that never ran, unless it was stopped', () => {
    const asks = [ask, { ...ask, token: 'tk2' }];
    expect(rules({ asks })).toContain('lost');
    expect(rules({ asks, commands: [stop] })).toEqual([]);
  });
  it('that ran in the conversation of another thread', () => {
    const asks = [ask, { ...ask, token: 'tk2', thread: 'U', who: 'ria' }];
    expect(rules({ asks, log: [...truth.log, { ...prompt, prompt: 'p2', text: 'tk2' }] })).toContain(
      'wrong session',
    );
  });
});

describe('a turn', () => {
  it('that was interrupted though nobody stopped it there', () => {
    const log: StubEntry[] = [...truth.log, { ...at, event: 'interrupt' }];
    expect(rules({ log, commands: [stop] })).toEqual([]);
    expect(rules({ log })).toContain('wrong session');
    expect(rules({ log, commands: [{ ...stop, thread: 'U', who: 'ria' }] })).toContain('wrong session');
    expect(rules({ log, commands: [{ ...stop, who: 'mallory', told: refused('person') }] })).toContain(
      'wrong session',
    );
  });
  it('that a stranger stopped', () => {
    expect(rules({ commands: [{ ...stop, who: 'mallory' }] })).toContain('wrong person');
  });
});

describe('a card', () => {
  const shown = (text: string, open = false) => rules({ cards: [{ ...card, shown: { text, open } }] });
  it('that says who did not decide', () => {
    expect(shown('-# ✓ olga allowed Bash echo p1 0')).toContain('wrong words');
    expect(shown('-# ✗ sam denied Bash echo p1 0')).toContain('wrong words');
  });
  it('that stays open', () => {
    expect(shown('🔐 Bash', true)).toContain('lost');
  });
  it('that was posted twice', () => {
    expect(rules({ cards: [card, { ...card, ref: 2, message: 'm2' }] })).toContain('twice');
  });
  it('that is in another thread than its process', () => {
    expect(rules({ cards: [{ ...card, thread: 'U' }] })).toContain('wrong session');
  });
});

describe('a conversation that was ended and goes on', () => {
  const conversations = [
    { ...conversation, to: 10 },
    { ...conversation, gen: 2, from: 9, continues: true },
  ];
  const later: Card = { ...card, gen: 2, ref: 2, message: 'm2', command: 'echo p2 0', seen: 11 };
  const story: Partial<Story> = {
    conversations,
    cards: [card, later],
    asks: [ask, { ...ask, token: 'tk2', begin: 9, end: 10 }],
    clicks: [click, { ...click, begin: 12, end: 13, id: { gen: 2, ref: 2, tag: 'aa' }, message: 'm2' }],
    commands: [{ ...ask, what: 'end', begin: 6, end: 8 }],
    log: [
      ...truth.log,
      { ...prompt, prompt: 'p2', text: 'tk2' },
      { ...asked, request: 'r2', prompt: 'p2', input: { command: 'echo p2 0' } },
      { ...decision, request: 'r2' },
    ],
  };
  it('is one for Claude, and two gens of its thread', () => {
    expect(rules({ ...story, cards: [card, { ...later, shown: card.shown }] })).toEqual([]);
  });
  it('is not the one of a gen that began anew', () => {
    const anew = conversations.map((one) => ({ ...one, continues: false }));
    expect(rules({ ...story, conversations: anew })).toContain('wrong session');
  });
  it('refuses the buttons from before its end', () => {
    const late = (told: Click['told']) =>
      rules({ ...story, clicks: [...(story.clicks ?? []), { ...click, begin: 14, end: 15, told }] });
    expect(late(refused('earlier'))).toEqual([]);
    expect(late(refused('already', 'sam already allowed this.'))).toContain('wrong reason');
    expect(late(DONE)).toContain('wrong reason');
  });
  it('is ended and resumed by those who may', () => {
    for (const what of ['end', 'resume'] as const)
      expect(rules({ ...story, commands: [{ ...ask, what, who: 'mallory', begin: 6, end: 8 }] })).toContain(
        'wrong person',
      );
  });
});
