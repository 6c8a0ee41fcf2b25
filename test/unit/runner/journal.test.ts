import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamId } from '../../../protocol/ids.ts';
import { Failure } from '../../../runner/base/failure.ts';
import { Journal, MIGRATIONS } from '../../../runner/journal/journal.ts';
import { JournalLinkStore } from '../../../runner/journal/journal-link.ts';
import { JournalSessions } from '../../../runner/journal/journal-sessions.ts';
import { type LinkStore, MemoryStore } from '../../../runner/link/store.ts';
import {
  begin,
  claudeSession,
  GUILD,
  PAIRING,
  prompt,
  promptId,
  Stage,
  temporaryFolder,
  thread,
} from './stage.ts';

const file = () => path.join(temporaryFolder(), 'journal.db');

describe('a transaction', () => {
  test('is whole or not at all, and its effects run only after it', () => {
    const journal = new Journal(':memory:');
    const store = new JournalLinkStore(journal, PAIRING, 'guild');
    const seen: string[] = [];
    expect(() =>
      journal.tx(() => {
        store.append('"lost"');
        journal.afterCommit(() => seen.push('lost'));
        journal.tx(() => store.append('"inner"'));
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.load().last).toBe(0);
    journal.tx(() => {
      journal.tx(() => {
        store.append('"kept"');
        journal.afterCommit(() => seen.push(`after ${store.load().last}`));
      });
      seen.push('inside');
    });
    expect(seen).toEqual(['inside', 'after 1']);
    journal.close();
  });
});

describe('migrations', () => {
  test('run once each; a changed one and a newer journal are refused, and the file is left alone', () => {
    const at = file();
    new Journal(at).close();
    expect(statSync(at).mode & 0o777).toBe(0o600);
    new Journal(at, [...MIGRATIONS, 'CREATE TABLE more (x INTEGER)']).close();
    expect(() => new Journal(at)).toThrow(/newer Heddle/);
    expect(() => new Journal(at, [...MIGRATIONS.slice(0, -1), 'SELECT 1', 'SELECT 1'])).toThrow(Failure);
    new Journal(at, [...MIGRATIONS, 'CREATE TABLE more (x INTEGER)']).close();
  });

  test('one that fails leaves nothing of itself', () => {
    const at = file();
    new Journal(at).close();
    expect(
      () => new Journal(at, [...MIGRATIONS, 'CREATE TABLE half (x INTEGER); SELECT no_such_function();']),
    ).toThrow(Failure);
    new Journal(at, [...MIGRATIONS, 'CREATE TABLE half (x INTEGER)']).close();
  });
});

describe('a link’s store', { timeout: 60_000 }, () => {
  const pickled = fc.oneof(
    fc.record({ op: fc.constant('append' as const), text: fc.string({ unit: 'binary', maxLength: 40 }) }),
    fc.record({ op: fc.constant('acked' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ op: fc.constant('received' as const), fails: fc.boolean() }),
    fc.record({ op: fc.constant('newStream' as const) }),
    fc.record({ op: fc.constant('reopen' as const) }),
  );

  test('does what the one in memory does, over restarts', () => {
    const check = fc.check(
      fc.property(fc.array(pickled, { maxLength: 40 }), (operations) => {
        const at = file();
        let journal = new Journal(at);
        let real = new JournalLinkStore(journal, PAIRING, '7');
        const model = new MemoryStore(() => 'any' as StreamId);
        let received = 0;
        const view = (store: LinkStore) => {
          const { last, acked, received: taken } = store.load();
          return { last, acked, taken, all: store.unacked(1, { messages: 1000, bytes: 1e9 }) };
        };
        for (const operation of operations) {
          switch (operation.op) {
            case 'append': {
              const text = JSON.stringify(operation.text);
              expect(real.append(text)).toBe(model.append(text));
              break;
            }
            case 'acked': {
              const { last, acked } = model.load();
              const n = acked + Math.round((last - acked) * operation.part);
              real.ackedTo(n);
              model.ackedTo(n);
              break;
            }
            case 'received': {
              received += 1;
              for (const store of [real, model]) {
                try {
                  store.received('theirs' as StreamId, received, () => {
                    store.append('"applied"');
                    if (operation.fails) throw new Error('no');
                  });
                } catch {}
              }
              break;
            }
            case 'newStream': {
              const before = real.load().stream;
              expect(real.newStream().stream).not.toBe(before);
              model.newStream();
              break;
            }
            case 'reopen':
              journal.close();
              journal = new Journal(at);
              real = new JournalLinkStore(journal, PAIRING, '7');
          }
          expect(view(real)).toEqual(view(model));
        }
        journal.close();
      }),
      { numRuns: 60 },
    );
    expect(check.failed, fc.defaultReportMessage(check) ?? `seed ${check.seed}`).toBe(false);
  });

  test('two links do not see each other’s messages', () => {
    const journal = new Journal(':memory:');
    const stores = ['guild', '7', '8'].map((scope) => new JournalLinkStore(journal, PAIRING, scope));
    stores[1]?.append('"a"');
    stores[2]?.append('"b"');
    stores[1]?.ackedTo(1);
    expect(
      stores.map((store) => store.unacked(1, { messages: 9, bytes: 9999 }).map((one) => one.text)),
    ).toEqual([[], [], ['"b"']]);
    journal.close();
  });

  test('unacked: at most so many, no more once they are too large, always one', () => {
    const journal = new Journal(':memory:');
    const store = new JournalLinkStore(journal, PAIRING, '7');
    for (let n = 0; n < 5; n++) store.append(JSON.stringify('é'.repeat(100)));
    expect(store.unacked(2, { messages: 2, bytes: 1e9 }).map((one) => one.n)).toEqual([2, 3]);
    expect(store.unacked(1, { messages: 9, bytes: 1 })).toHaveLength(1);
    expect(store.unacked(1, { messages: 9, bytes: 250 })).toHaveLength(2);
    journal.close();
  });
});

test('what was committed is there after a SIGKILL in the middle of writing', async () => {
  const at = file();
  const runner = path.join(import.meta.dirname, '../../../runner');
  const writer = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { Journal } = await import(${JSON.stringify(path.join(runner, 'journal/journal.ts'))});
       const { JournalLinkStore } = await import(${JSON.stringify(path.join(runner, 'journal/journal-link.ts'))});
       const store = new JournalLinkStore(new Journal(${JSON.stringify(at)}), 'p', '7');
       const { writeSync } = await import('node:fs');
       for (;;) writeSync(1, store.append('"x"') + '\\n');`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let told = '';
  const gone = once(writer, 'close');
  for await (const chunk of writer.stdout) {
    told += chunk;
    if (told.split('\n').length > 50) break;
  }
  writer.kill('SIGKILL');
  await gone;
  const journal = new Journal(at);
  const store = new JournalLinkStore(journal, 'p' as never, '7');
  const { last } = store.load();
  expect(last).toBeGreaterThanOrEqual(50);
  expect(store.unacked(1, { messages: 1e6, bytes: 1e9 }).map((one) => one.n)).toEqual(
    Array.from({ length: last }, (_, index) => index + 1),
  );
  journal.close();
});

describe('a journal that cannot be used is told in words', () => {
  const words = (at: string) => {
    try {
      new Journal(at).close();
    } catch (error) {
      if (error instanceof Failure) return error.message;
      throw error;
    }
    return '';
  };
  test('and is not to be moved away when the disk or the folder is the reason', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'journal.db'));
    expect(words(path.join(folder, 'journal.db'))).toContain('Is the disk full');
    expect(words(path.join(folder, 'gone', 'journal.db'))).toContain('Is the disk full');
  });
  test('and may be when it is no journal', () => {
    const at = file();
    writeFileSync(
      at,
      'this is no database, and long enough for one that looks at its first page'.repeat(100),
    );
    expect(words(at)).toContain('move it away');
  });
});

describe('sessions', () => {
  test('unfinished threads are found: a prompt, a process, or something to tell', () => {
    const journal = new Journal(':memory:');
    const sessions = new JournalSessions(journal);
    const id = promptId();
    sessions.of(PAIRING, thread(1)).apply({ write: 'promptAccepted', gen: 1 as never, id, text: 'x' });
    sessions.of(PAIRING, thread(2)).processRuns(1 as never, 'p' as never, 1, null);
    new JournalLinkStore(journal, PAIRING, '3').append('"x"');
    new JournalLinkStore(journal, PAIRING, '4');
    new JournalLinkStore(journal, PAIRING, 'guild').append('"x"');
    expect(
      sessions
        .unfinished()
        .map((one) => one.thread)
        .sort(),
    ).toEqual(['1', '2', '3']);
    sessions.of(PAIRING, thread(1)).apply({ write: 'promptEnded', id });
    sessions.of(PAIRING, thread(2)).apply({ write: 'processGone', process: 'p' as never });
    expect(sessions.unfinished().map((one) => one.thread)).toEqual(['3']);
    journal.close();
  });

  test('of a pairing that is over are forgotten: nothing waits, nothing is told, its conversations are free', () => {
    const journal = new Journal(':memory:');
    const life = new Stage().live({ journal });
    const session = claudeSession();
    const waiting = promptId();
    life.journal.tx(() => life.host.accept(begin(1, session)));
    life.journal.tx(() => life.host.accept(prompt(1, waiting)));
    life.store.append('{}');
    const sessions = new JournalSessions(journal);
    expect(sessions.unfinished()).toHaveLength(1);
    sessions.forget(PAIRING);
    expect(sessions.unfinished()).toEqual([]);
    expect(life.store.load()).toMatchObject({ last: 1, acked: 1 });
    expect(life.store.append('{}')).toBe(2);
    const elsewhere = sessions.of(PAIRING, thread(9)).facts();
    expect(elsewhere.takenElsewhere(session)).toBe(false);
    expect(elsewhere.seen(waiting)).toBe(true);
  });

  test('an ended prompt keeps its id and loses its text; it is forgotten after a month', () => {
    const journal = new Journal(':memory:');
    const sessions = new JournalSessions(journal);
    const rows = sessions.of(PAIRING, thread(1));
    const id = promptId();
    rows.apply({ write: 'promptAccepted', gen: 1 as never, id, text: 'secret' });
    rows.apply({ write: 'promptEnded', id });
    expect(rows.facts().seen(id)).toBe(true);
    expect(JSON.stringify(journal.sql('SELECT * FROM prompts').all())).not.toContain('secret');
    sessions.prune(Date.now());
    expect(rows.facts().seen(id)).toBe(true);
    sessions.prune(Date.now() + 31 * 24 * 60 * 60 * 1000);
    expect(rows.facts().seen(id)).toBe(false);
    journal.close();
  });

  test('the database itself refuses a second owner of a Claude conversation', () => {
    const journal = new Journal(':memory:');
    const conversation = {
      gen: 1 as never,
      project: 'api' as never,
      claudeSession: 'c' as never,
      starter: '1' as never,
      ran: 'never' as const,
      forkOf: null,
      forkAt: null,
      ended: false,
      refused: null,
    };
    const sessions = new JournalSessions(journal);
    sessions.of(PAIRING, thread(1)).apply({ write: 'conversation', conversation });
    expect(() =>
      sessions.of(`${GUILD}-other` as never, thread(2)).apply({ write: 'conversation', conversation }),
    ).toThrow(/UNIQUE/);
    journal.close();
  });
});
