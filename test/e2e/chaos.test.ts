/** Short runs of `npm run chaos`, each with a seed of its own. */
import { expect, it } from 'vitest';
import { chaos } from '../chaos/chaos.ts';

const SECONDS = 12;
/** To start, to come to rest and to stop, on a machine that does other things as well. Milliseconds. */
const TIMEOUT_MS = 180_000;

it.each([1, 2, 3])(
  'chaos with seed %i: prompts, events, messages and decisions balance',
  { timeout: TIMEOUT_MS },
  async (seed) => {
    const { account, differences, shown, weather } = await chaos({ seconds: SECONDS, seed });
    console.log(JSON.stringify({ seed, ...account, weather }));
    expect(differences, `npm run chaos -- --seconds ${SECONDS} --seed ${seed}\n${shown}`).toEqual([]);
    expect(account.prompts.finished).toBeGreaterThan(3);
    expect(account.messages.shown).toBeGreaterThan(6);
    expect(Object.keys(weather).length).toBeGreaterThan(2);
  },
);

it('chaos with a Worker that loses one event in twenty: the books do not balance', {
  timeout: TIMEOUT_MS,
}, async () => {
  const lossy = {
    file: 'worker/link/object-link.ts',
    from: 'this.#owner.apply(runner, fresh);',
    to: 'this.#owner.apply(runner, fresh.filter(() => Math.random() > 0.05));',
  };
  const { differences } = await chaos({ seconds: SECONDS, seed: 4, mutations: [lossy], restMs: 6_000 });
  expect(differences).not.toEqual([]);
});
