import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const readme = readFileSync(join(here, '../../../playground/discord/README.md'), 'utf8');
const tests = readdirSync(here)
  .filter((name) => name.endsWith('.test.ts') && name !== 'readme.test.ts')
  .map((name) => ({ name, source: readFileSync(join(here, name), 'utf8') }));
const rows = [...readme.matchAll(/^\| (.+) \| `([\w-]+\.test\.ts)`: (.+) \|$/gm)].map(
  ([, what = '', file = '', test = '']) => ({ what, file, test }),
);

it('every row of the README’s table names a test that exists', () => {
  const missing = rows.filter(({ file, test }) => {
    const source = tests.find(({ name }) => name === file)?.source ?? '';
    return !source.includes(`'${test}'`);
  });
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThan(100);
});

it('every refusal of a table of tests has its row in the README', () => {
  const titles = tests.flatMap(({ name, source }) =>
    [...source.matchAll(/title: '([^']+)',\s*(?:body|commands|answer|data):/g)].map(
      ([, title]) => `${name} ${title}`,
    ),
  );
  const named = new Set(rows.map(({ file, test }) => `${file} ${test}`));
  const allowed = tests.flatMap(({ name, source }) => {
    const fine = source.slice(source.indexOf("describe('Discord takes"));
    return source.includes("describe('Discord takes")
      ? [...fine.matchAll(/title: '([^']+)'/g)].map(([, title]) => `${name} ${title}`)
      : [];
  });
  expect(titles.filter((title) => !named.has(title) && !allowed.includes(title))).toEqual([]);
});
