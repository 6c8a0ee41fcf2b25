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
    expect(play.state.conversation?.undone).toBe(false);
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
