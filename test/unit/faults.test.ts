/** The fault table: each row has a test with its number in its name, and a line in docs/testing.md that names its tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const ROWS = Array.from({ length: 27 }, (_, at) => `row ${at + 1}`);
const CLI = [
  'SIGKILL',
  'exit 1',
  'hang',
  'garbage',
  'retries',
  'by itself',
  'after the result',
  'folded',
  'merged',
  '/clear',
];

const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== 'unit/faults.test.ts')
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'test', file), 'utf8') }));
const table = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8')
  .split(/^## /m)
  .find((section) => section.startsWith('Fault table'));

/** A test's name, or what is put in the place of `%s` in it, begins so. */
const named = (begin: string) => files.filter(({ text }) => new RegExp(`['"\`]${begin}: `).test(text));

const lines = (table ?? '').split('\n').filter((line) => line.startsWith('|'));
const lineOf = (row: string) => lines.find((line) => line.startsWith(`| ${row.replace('row ', '')} |`));

describe('the fault table', () => {
  it.each(ROWS)('%s has a test, and the table names where', (row) => {
    const where = named(row);
    expect(where.length).toBeGreaterThan(0);
    const line = lineOf(row);
    for (const { file } of where) expect(line).toContain(`\`${file.replace('.test.ts', '')}\``);
  });

  it('names no file that does not test the row', () => {
    for (const row of ROWS)
      for (const [, file] of (lineOf(row) ?? '').matchAll(/`([^`]+)`/g)) {
        expect(existsSync(join(ROOT, 'test', `${file}.test.ts`)), file).toBe(true);
        expect(
          named(row).map((one) => one.file),
          row,
        ).toContain(`${file}.test.ts`);
      }
  });

  it.each(CLI)('the CLI’s own fault "%s" has a test and a line', (fault) => {
    const names = files.flatMap(({ text }) =>
      [...text.matchAll(/['"`]cli: ([^\n]+)/g)].map(([, name]) => name),
    );
    expect(names.some((name) => name?.includes(fault))).toBe(true);
    expect(lines.some((line) => line.includes(fault))).toBe(true);
  });
});
