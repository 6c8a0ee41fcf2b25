import { expect, it } from 'vitest';
import { View } from '../../../worker/session/view/view.ts';
import { Play } from './play.ts';

const shown = (view: View, play: Play) =>
  view
    .slots(play.state, play.nowMs, () => true)
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
    after.slots(play.state, play.nowMs, () => true).filter((slot) => slot.phase === 'live'),
    'left as it is',
  ).toEqual([]);
  after.take({ gen: play.gen, turn, segment: 0, from: 0, text: 'Hello world' });
  expect(shown(after, play)).toContain('Hello world');
});

it('a message that grows and is not posted yet comes before what stands below it, also in an incarnation that knows no growing text', () => {
  const play = new Play().open({ text: 'go' });
  const turn = play.begin();
  const call = { kind: 'toolBegan', gen: play.gen, turn, tool: 't', parent: null } as const;
  play.event({ ...call, name: 'Read', class: 'read', summary: 'a' });
  play.ask('and then this');
  play.nowMs += 60_000;
  play.step({ kind: 'clock' });
  const keys = (isPosted: boolean) =>
    new View()
      .slots(play.state, play.nowMs, () => isPosted)
      .map(({ key }) => key.replace(/\.[0-9a-f-]{36}|\.[^.]+(?=\.)/, ''));
  expect(keys(false)).toEqual(['t.p', 't.m0', 'q']);
  expect(keys(true), 'posted, it is left as it is').toEqual(['t.p', 'q']);
});

it('a thread that Heddle did not make has its session card inside, above all else, without buttons', () => {
  const play = new Play().open({ card: 'thread', text: 'go' });
  const view = new View();
  const first = () => view.slots(play.state, play.nowMs, () => true)[0];
  expect(first()).toMatchObject({ kind: 'plain', key: 's', rows: [] });
  expect(first()?.content).toMatch(/🔵[\s\S]*go[\s\S]*Running/);
  const turn = play.begin();
  play.end(turn);
  expect(first()?.content).toMatch(/🟢[\s\S]*Done/);
  play.open({ card: 'thread', text: 'again' });
  expect(view.slots(play.state, play.nowMs, () => true).filter(({ key }) => key === 's')).toHaveLength(1);
  expect(new View().slots(new Play().open().state, 0, () => true).map(({ key }) => key)).not.toContain('s');
});

it('a thread is drawn again only when what it shows has changed', () => {
  const play = new Play().open({ text: 'go' });
  const view = new View();
  const turn = play.begin();
  const drawn = view.slots(play.state, play.nowMs, () => true);
  const same = () => {
    const again = view.slots(play.state, play.nowMs, () => true);
    return again.length === drawn.length && again.every((slot, at) => slot === drawn[at]);
  };
  play.nowMs += 1_000;
  play.step({ kind: 'clock' });
  play.step({ kind: 'linkUp' });
  expect(same()).toBe(true);
  view.moved();
  view.take({ gen: play.gen, turn, segment: 0, from: 0, text: 'Hello' });
  expect(shown(view, play)).toContain('Hello');
  view.take({ gen: play.gen, turn, segment: 0, from: 5, text: ' world' });
  expect(shown(view, play)).toContain('Hello world');
  play.event({ kind: 'text', gen: play.gen, turn, segment: 0, text: 'Hello world, done' });
  view.finished({ kind: 'text', gen: play.gen, turn, segment: 0, text: 'Hello world, done' });
  expect(shown(view, play)).toContain('Hello world, done');
  const other = new View();
  other.moved();
  expect(shown(other, play)).toBe(shown(view, play));
});
