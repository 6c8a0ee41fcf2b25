/** What the CLI reported, for the catalogue: kept over restarts, bounded, and told only when it changed. */
import { expect, test } from 'vitest';
import type { ProjectName, UserId } from '../../../protocol/ids.ts';
import { COMMANDS_MAX_BYTES } from '../../../protocol/limits.ts';
import { offersOf } from '../../../runner/claude/line/offers.ts';
import { OfferBook } from '../../../runner/guild/offer-book.ts';
import { DEFAULTS } from '../../../runner/home/settings.ts';
import { Journal } from '../../../runner/journal/journal.ts';
import { OWNER } from './stage.ts';

const api = 'api' as ProjectName;
const web = 'web' as ProjectName;
const commands = (count: number, name = 'c') =>
  Array.from({ length: count }, (_, n) => ({
    name: `${name}-${n}`,
    description: '漢'.repeat(100),
    argumentHint: '漢'.repeat(100),
  }));
const said = (more: Record<string, unknown> = {}) =>
  offersOf({ models: [{ value: 'haiku', displayName: 'Haiku', supportedEffortLevels: ['low'] }], ...more });

test('nothing before the first process; then models, levels and modes by who began the session', () => {
  const book = new OfferBook(new Journal(':memory:'), () => {});
  expect(book.offers(DEFAULTS, OWNER)).toBeUndefined();
  expect(book.commands([api])).toEqual([undefined]);
  book.put(api, said());
  expect(book.offers(DEFAULTS, OWNER)).toEqual({
    models: [{ value: 'haiku', name: 'Haiku', description: '' }],
    efforts: ['low'],
    modes: { owner: ['default', 'plan', 'acceptEdits'], others: ['default', 'plan'] },
  });
  const open = { ...DEFAULTS, permissionMode: 'auto', modes: { owner: [] } } as const;
  expect(book.offers({ ...open, modes: { owner: [] } }, '5' as UserId)?.modes).toEqual({
    owner: ['auto'],
    others: ['default', 'plan'],
  });
});

test('each project has its own commands, and says so only when they changed', () => {
  let changes = 0;
  const journal = new Journal(':memory:');
  const book = new OfferBook(journal, () => {
    changes += 1;
  });
  book.put(api, said({ commands: commands(1, 'api') }));
  book.put(web, said({ commands: commands(1, 'web') }));
  expect(changes).toBe(2);
  book.put(web, said({ commands: commands(1, 'web') }));
  expect(changes).toBe(2);
  book.put(web, said());
  expect(changes).toBe(3);
  const after = new OfferBook(journal, () => {});
  expect(after.commands([web, api]).map((own) => own?.map(({ name }) => name))).toEqual([
    undefined,
    ['api-0'],
  ]);
});

test('what all of them take together is bounded in bytes', () => {
  const book = new OfferBook(new Journal(':memory:'), () => {});
  book.put(api, said({ commands: commands(100, 'api') }));
  book.put(web, said({ commands: commands(100, 'web') }));
  const both = book.commands([api, web]);
  expect(Buffer.byteLength(JSON.stringify(both))).toBeLessThanOrEqual(COMMANDS_MAX_BYTES + 100);
  expect(both[0]?.length).toBeGreaterThan(50);
});
