import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GuildId, InteractionId } from '../../protocol/ids.ts';
import { codeHash, pairingCode, pairingLink } from '../../worker/guild/runners/pairing-code.ts';
import { DURATIONS, durations } from '../../worker/platform/durations.ts';
import { retryDelayMs } from '../../worker/platform/retry.ts';
import { threadName } from '../../worker/render/panels/thread-name.ts';

describe('a thread’s name', () => {
  test.each([
    ['fix the flaky login test', 'fix the flaky login test'],
    ['\n\n  # Fix **this**\nand that', 'Fix this'],
    ['- [ ] `npm test` fails', '[ ] npm test fails'],
    ['<@123> look at <#456> <a:x:7>please', 'look at please'],
    ['```\ncode\n```', 'code'],
    [null, 'New session in api'],
    ['   ', 'New session in api'],
    ['***', 'New session in api'],
  ])('%j: %j', (text, name) => {
    expect(threadName(text, 'api')).toBe(name);
  });

  test('whatever is asked, Discord takes it: 1 to 100 characters, nothing hidden', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ maxLength: 100 }),
        (text, project) => {
          const name = threadName(text, project);
          expect(name.length).toBeGreaterThan(0);
          expect(name.length).toBeLessThanOrEqual(100);
          expect(name).not.toMatch(/[\u202a-\u202e\u2066-\u2069\n\r]/);
          expect(name.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

describe('a pairing code', () => {
  const code = (secret: string, guild: string, id: string) =>
    pairingCode(secret, guild as GuildId, id as InteractionId);

  test('has 128 bits, follows from the interaction, and differs by secret, guild and interaction', async () => {
    const one = await code('secret', '1', '2');
    expect(one).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await code('secret', '1', '2')).toBe(one);
    const others = [
      await code('other', '1', '2'),
      await code('secret', '3', '2'),
      await code('secret', '1', '3'),
    ];
    expect(new Set([one, ...others]).size).toBe(4);
  });

  test('without a secret there is none', async () => {
    await expect(code('', '1', '2')).rejects.toThrow();
  });

  test('only its hash is kept; the link has it in the fragment', async () => {
    expect(await codeHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    const link = new URL(pairingLink('https://h.example', '7' as GuildId, 'c'));
    expect([link.origin, link.pathname, link.search, link.hash]).toEqual([
      'https://h.example',
      '/',
      '',
      '#pair=7.c',
    ]);
  });
});

test('retries wait longer and longer, to a limit', () => {
  const waits = [1, 2, 3, 10, 1000].map((failures) => retryDelayMs(failures, DURATIONS));
  expect(waits).toEqual([1000, 2000, 4000, 300_000, 300_000]);
});

describe('durations', () => {
  const loopback = 'http://127.0.0.1:4000/api/v10';
  const given = (text: string, url = loopback) => durations({ DISCORD_API_URL: url, HEDDLE_DURATIONS: text });

  test('are shortened only where Discord is on this machine', () => {
    expect(given('{"safetyMs":5}').safetyMs).toBe(5);
    expect(given('{"safetyMs":5}', 'http://localhost:1/api/v10').safetyMs).toBe(5);
    for (const url of ['https://discord.com/api/v10', 'http://127.0.0.1.evil.example/', 'nonsense', '']) {
      expect(given('{"safetyMs":5}', url)).toBe(DURATIONS);
    }
  });

  test.each([
    '',
    'x',
    '[]',
    '1',
    'null',
    '{"nope":1}',
    '{"safetyMs":"1"}',
    '{"safetyMs":-1}',
    '{"safetyMs":null}',
  ])('an override that is not one is ignored: %s', (text) => {
    expect(given(text)).toEqual(DURATIONS);
  });
});
