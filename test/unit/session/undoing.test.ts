/** Undo: nothing happens without a yes to what was shown, and a turn in between takes the offer away. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import type { Entry } from '../../../worker/domain/transcript.ts';
import { summarize } from '../../../worker/session/state/state.ts';
import { Play, STARTER, STRANGER } from './play.ts';

function finishedTurn(): { play: Play; turn: TurnId } {
  const play = new Play().open({ text: 'edit a.ts' });
  const turn = play.begin();
  play.end(turn);
  return { play, turn };
}

const pressed = (play: Play, who: typeof STARTER, verb: 'undoyes' | 'undono', tag: string) =>
  play.press(who, verb, { tag });
const shown = (play: Play) => {
  const entries: Entry[] = [...play.state.entries.values()];
  return entries.flatMap((entry) => (entry.kind === 'undo' ? [entry.state.is] : []));
};
const rewinds = (play: Play) => play.commands.flatMap((c) => (c.kind === 'rewind' ? [c.apply] : []));
const told = (turn: TurnId, apply: boolean, count = 1): EventOf<'rewound'> => ({
  kind: 'rewound',
  gen: 1 as EventOf<'rewound'>['gen'],
  turn,
  apply,
  outcome: { as: 'ok', files: count === 0 ? [] : ['a.ts'], count, insertions: 1, deletions: 2 },
});

function offered(): { play: Play; turn: TurnId } {
  const { play, turn } = finishedTurn();
  play.act(STARTER, { do: 'undo', confirm: false });
  play.step({ kind: 'event', event: told(turn, false) });
  expect(shown(play)).toEqual(['asking']);
  return { play, turn };
}

/** The second turn fails in the middle: Claude no longer has the conversation. */
function transcriptGone(): { play: Play; turn: TurnId } {
  const { play } = finishedTurn();
  play.ask('two');
  const turn = play.begin();
  const outcome = { as: 'failed', code: 'transcript', words: 'gone', started: true } as const;
  play.event({
    ...{
      kind: 'turnEnded',
      gen: play.gen,
      turn,
      prompt: null,
      outcome,
      durationMs: 0,
      costUsd: 0,
      usage: {},
    },
  });
  return { play, turn };
}

describe('undo', () => {
  it('looks first, asks, does it on a yes, and tells Claude with the next prompt, once', () => {
    const { play, turn } = offered();
    expect(rewinds(play)).toEqual([false]);
    pressed(play, STARTER, 'undoyes', turn);
    expect(rewinds(play)).toEqual([false, true]);
    play.step({ kind: 'event', event: told(turn, true) });
    expect(shown(play)).toEqual(['done']);
    play.ask('go on');
    const [, next] = play.commands.flatMap((c) => (c.kind === 'prompt' ? [c.text] : []));
    expect(next).toMatch(/undone by the person[\s\S]*go on$/);
    play.end(play.begin());
    play.ask('and on');
    expect(play.last('prompt').text).toBe('and on');
  });

  it('a no changes nothing, and neither does a second yes', () => {
    const { play, turn } = offered();
    pressed(play, STARTER, 'undono', turn);
    expect(shown(play)).toEqual(['kept']);
    expect(pressed(play, STARTER, 'undoyes', turn)).toMatchObject({ kind: 'private' });
    expect(rewinds(play)).toEqual([false]);
  });

  it('a runner whose link rests is called for it, and not while a person thinks', () => {
    const { play, turn } = finishedTurn();
    const works = () => summarize(play.state)?.work;
    expect(works()).toBe(false);
    play.act(STARTER, { do: 'undo', confirm: false });
    expect(works()).toBe(true);
    play.step({ kind: 'event', event: told(turn, false) });
    expect(works()).toBe(false);
    pressed(play, STARTER, 'undoyes', turn);
    expect(works()).toBe(true);
    play.step({ kind: 'event', event: told(turn, true) });
    expect(works()).toBe(false);
  });

  it('right person: a stranger neither asks nor answers', () => {
    const { play, turn } = offered();
    pressed(play, STRANGER, 'undoyes', turn);
    play.act(STRANGER, { do: 'undo', confirm: true });
    expect(shown(play)).toEqual(['asking']);
    expect(rewinds(play)).toEqual([false]);
  });

  it('right turn: an offer of another turn is refused', () => {
    const { play } = offered();
    pressed(play, STARTER, 'undoyes', '00000000-0000-4000-8000-00000000dead');
    expect(rewinds(play)).toEqual([false]);
  });

  it('a turn that begins meanwhile takes the offer away', () => {
    const { play, turn } = offered();
    play.ask('next');
    pressed(play, STARTER, 'undoyes', turn);
    play.act(STARTER, { do: 'undo', confirm: true });
    expect(rewinds(play)).toEqual([false]);
  });

  it('while a turn runs there is nothing to undo', () => {
    const { play } = finishedTurn();
    play.ask('next');
    play.act(STARTER, { do: 'undo', confirm: false });
    expect(rewinds(play)).toEqual([]);
  });

  it('every state has an exit: a silent runner and a silent person', () => {
    const silent = finishedTurn();
    silent.play.act(STARTER, { do: 'undo', confirm: false });
    silent.play.later(61_000);
    expect(shown(silent.play)).toEqual(['cannot']);
    const { play, turn } = offered();
    pressed(play, STARTER, 'undoyes', turn);
    play.later(61_000);
    expect(shown(play)).toEqual(['late']);
    play.step({ kind: 'event', event: told(turn, true) });
    expect(shown(play), 'the runner is back and says so').toEqual(['done']);
    const quiet = offered();
    quiet.play.later(16 * 60_000);
    expect(shown(quiet.play)).toEqual(['kept']);
  });

  it('nothing to undo is said, and asked for once', () => {
    const { play, turn } = finishedTurn();
    play.act(STARTER, { do: 'undo', confirm: false });
    play.act(STARTER, { do: 'undo', confirm: false });
    expect(rewinds(play)).toEqual([false]);
    play.step({ kind: 'event', event: told(turn, false, 0) });
    expect(shown(play)).toEqual(['nothing']);
    play.step({ kind: 'event', event: told(turn, false) });
    expect(shown(play), 'an answer that nobody waits for').toEqual(['nothing']);
  });
});

describe('the words that tell Claude of it', () => {
  const WORDS = /undone by the person/;
  /** The prompt that was given ends, and its turn never began. */
  const notStarted = (play: Play, as: 'failed' | 'interrupted' = 'failed') => {
    const { prompt } = play.last('prompt');
    const turn = prompt as string as TurnId;
    const failed = { as: 'failed', code: 'login', words: 'not now', started: false } as const;
    const outcome = as === 'failed' ? failed : { as };
    play.event({
      ...{ kind: 'turnEnded', gen: play.gen, turn, prompt, outcome, durationMs: 0, costUsd: 0, usage: {} },
    });
    return turn;
  };

  function undone(): Play {
    const { play, turn } = offered();
    pressed(play, STARTER, 'undoyes', turn);
    play.event(told(turn, true));
    return play;
  }

  it('go with the prompt that really runs: one that never began takes them with it no more', () => {
    const play = undone();
    play.ask('two');
    const turn = notStarted(play);
    play.press(STARTER, 'continue', { tag: turn });
    expect(play.last('prompt').text).toMatch(/undone by the person[\s\S]*two$/);
    play.end(play.begin());
    play.ask('three');
    expect(play.last('prompt').text).toBe('three');
  });

  it('go with the next one when a prompt was stopped before its turn began', () => {
    const play = undone();
    play.ask('two');
    play.act(STARTER, { do: 'stop' });
    notStarted(play, 'interrupted');
    play.ask('three');
    expect(play.last('prompt').text).toMatch(WORDS);
  });

  it('wait while one of Claude’s slash commands runs, which cannot carry them', () => {
    const play = undone();
    play.act(STARTER, { do: 'slash', command: 'compact', args: '' });
    expect(play.last('prompt').text).toBe('/compact');
    play.end(play.begin());
    play.ask('two');
    expect(play.last('prompt').text).toMatch(WORDS);
  });

  it('of an undo that was done while a prompt was on its way go with the next one', () => {
    const { play, turn } = offered();
    pressed(play, STARTER, 'undoyes', turn);
    play.later(61_000);
    play.ask('two');
    play.event(told(turn, true));
    play.end(play.begin());
    play.ask('three');
    expect(play.last('prompt').text).toMatch(WORDS);
  });

  it('wait for a session that goes on', () => {
    const play = undone();
    play.ask('two');
    play.act(STARTER, { do: 'end' });
    play.act(STARTER, { do: 'resume' });
    play.ask('three');
    expect(play.last('prompt').text).toMatch(WORDS);
  });

  it('are not for a Claude that begins afresh', () => {
    const { play, turn } = transcriptGone();
    play.act(STARTER, { do: 'undo', confirm: false });
    play.event(told(turn, false));
    pressed(play, STARTER, 'undoyes', turn);
    play.event(told(turn, true));
    play.press(STARTER, 'afresh', { tag: turn });
    play.ask('three');
    expect(play.last('prompt')).toMatchObject({ gen: 2, text: 'three' });
  });

  it('nor for one that was cleared', () => {
    const play = undone();
    const process = { kind: 'processStarted', gen: play.gen, process: 'p1', claudeVersion: '2' } as const;
    const settings = { model: 'sonnet', mode: 'default', settings: 'all' } as const;
    const cleared = '00000000-0000-4000-8000-00000000c1ea';
    play.event({ ...process, ...settings, claudeSession: cleared } as never);
    play.ask('two');
    expect(play.last('prompt').text).toBe('two');
  });
});

it('an offer to undo ends with a conversation that begins afresh', () => {
  const { play, turn } = transcriptGone();
  play.act(STARTER, { do: 'undo', confirm: false });
  expect(shown(play)).toEqual(['looking']);
  play.press(STARTER, 'afresh', { tag: turn });
  expect(shown(play)).toEqual(['kept']);
});
