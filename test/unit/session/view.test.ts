import { expect, it } from 'vitest';
import { View } from '../../../worker/session/view.ts';
import { Play } from './play.ts';

const shown = (view: View, play: Play) =>
  view
    .slots(play.state, play.nowMs)
    .map((slot) => slot.content)
    .join('\n');

it('a growing text whose beginning this incarnation never had takes nothing from what is posted', () => {
  const play = new Play().open({ text: 'go' });
  const turn = play.begin();
  play.event({
    kind: 'toolBegan',
    gen: play.gen,
    turn,
    tool: 't',
    parent: null,
    name: 'Read',
    class: 'read',
    summary: 'a',
  });
  const before = new View();
  before.moved();
  before.take({ gen: play.gen, turn, segment: 0, from: 0, text: 'Hello wor' });
  expect(shown(before, play)).toContain('Hello wor');
  // Hibernated in the middle of it.
  const after = new View();
  after.take({ gen: play.gen, turn, segment: 0, from: 9, text: 'ld' });
  expect(
    after.slots(play.state, play.nowMs).filter((slot) => slot.phase === 'live'),
    'left as it is',
  ).toEqual([]);
  after.take({ gen: play.gen, turn, segment: 0, from: 0, text: 'Hello world' });
  expect(shown(after, play)).toContain('Hello world');
});
