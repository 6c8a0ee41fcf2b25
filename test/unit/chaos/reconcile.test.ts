/** The books of chaos: each kind of difference is found, or a run that ends with none would prove nothing. */
import { expect, it } from 'vitest';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import type { Gen, ThreadId } from '../../../protocol/ids.ts';
import type { Entry } from '../../../worker/domain/transcript.ts';
import { EMPTY, type State } from '../../../worker/session/state/state.ts';
import { readOptions } from '../../chaos/options.ts';
import { type Books, reconcile } from '../../chaos/reconcile.ts';

const OLGA = { id: '2', name: 'olga' };

/** A prompt that was taken, ran, was answered and is shown. */
function good() {
  const entries = [
    { kind: 'prompt', turn: 't1', author: OLGA, text: 'say: answer-tok1x', state: 'ended' },
    { kind: 'end', turn: 't1', outcome: { as: 'done' } },
  ] as unknown as Entry[];
  const state: State = { ...EMPTY, thread: { thread: '9' as ThreadId, gen: 1 as Gen } as never };
  const message = (id: string, text: string) => ({ id, text, buttons: [] }) as unknown as ShownMessage;
  return {
    ledger: {
      asked: [{ token: 'tok1x', thread: '9' as never, kind: 'say' as const, told: 'taken' as const }],
      decided: [] as Books['ledger']['decided'] extends readonly (infer D)[] ? D[] : never,
      deleted: new Set<string>(),
    },
    state,
    entries,
    link: { stream: 'o', acked: 1, receivedStream: 'r', receivedLast: 3, waiting: 0 },
    runner: { stream: 'r', last: 3, acked: 3, receivedStream: 'o', receivedLast: 1, waiting: 0 },
    posted: new Map([
      ['p', { message: '1', state: 'posted' }],
      ['a', { message: '2', state: 'posted' }],
    ]),
    shown: [message('1', '**olga** say: answer-tok1x'), message('2', 'answer-tok1x')],
    message,
    fed: ['say: answer-tok1x'],
    marks: [] as string[],
  };
}

type World = ReturnType<typeof good>;

function differences(change: (world: World) => void): string[] {
  const world = good();
  change(world);
  const { ledger, state, entries, link, runner, posted, shown, fed, marks } = world;
  return reconcile({
    ledger,
    threads: [{ id: '9', session: { state, entries, link, posted }, runner, shown }],
    fed,
    marks,
  }).differences;
}

it('a run in which all went well balances', () => {
  expect(differences(() => {})).toEqual([]);
});

it.each<[string, (world: World) => void, RegExp]>([
  ['a prompt that came to nothing', (w) => w.entries.splice(0), /come to nothing/],
  ['a prompt that ran twice', (w) => w.fed.push('say: answer-tok1x'), /given to Claude 2 times/],
  ['a turn without an end', (w) => w.entries.splice(1), /0 ends/],
  ['a turn that is done and never ran', (w) => w.fed.splice(0), /given it 0 times/],
  ['an answer that is not shown', (w) => w.shown.splice(1), /shown 0 times/],
  ['an answer that is shown twice', (w) => w.shown.push(w.message('3', 'answer-tok1x')), /shown 2 times/],
  ['a message that belongs to nothing', (w) => w.shown.push(w.message('3', 'hello')), /of no slots/],
  [
    'a button that is left',
    (w) => w.shown.push({ ...w.message('2', 'answer-tok1x'), buttons: [{ label: 'Allow' }] } as never),
    /buttons \[Allow\] instead of \[\]/,
  ],
  ['an event that was not applied', (w) => Object.assign(w.runner, { last: 4 }), /4 produced, 3 applied/],
  ['an event that was not acked', (w) => Object.assign(w.runner, { waiting: 1 }), /not acked/],
  ['a command that was not acked', (w) => Object.assign(w.link, { waiting: 1 }), /commands: 1/],
  [
    'a decision for no card',
    (w) =>
      w.ledger.decided.push({
        thread: '9',
        card: '7',
        token: 'tok1x',
        verdict: 'allow',
        told: 'taken',
      } as never),
    /belongs to no request/,
  ],
  [
    'a command that nobody allowed',
    (w) => {
      w.ledger.asked.push({ ...w.ledger.asked[0], token: 'tok2x', kind: 'run', told: 'lost' } as never);
      w.marks.push('tok2x');
    },
    /nobody allowed/,
  ],
])('%s is found', (_what, change, found) => {
  expect(differences(change).join('\n')).toMatch(found);
});

it('what a moderator deleted is no difference', () => {
  expect(
    differences((w) => {
      w.shown.splice(1);
      w.ledger.deleted.add('2');
    }),
  ).toEqual([]);
});

it('arguments: a time, a seed, nothing else', () => {
  expect(readOptions(['--seconds', '5', '--seed', '7'])).toEqual({ seconds: 5, seed: 7 });
  expect(readOptions([]).seconds).toBe(60);
  for (const bad of [['--seconds', 'x'], ['--seconds', '0'], ['--seed', '-1'], ['--what']])
    expect(() => readOptions(bad)).toThrow();
});
