import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../worker/interactions/commands.ts';
import { registerCommands, sameCommands } from '../../worker/interactions/registration.ts';

interface AnyOption {
  name: string;
  description: string;
  required?: boolean;
  options?: readonly AnyOption[];
}
const all = (options: readonly AnyOption[]): AnyOption[] =>
  options.flatMap((option) => [option, ...all(option.options ?? [])]);
const TARGET = { api: 'https://discord.test/api/v10', application: '42', token: 'sesame', guild: null };

describe('the commands, by Discord’s rules', () => {
  const things: AnyOption[] = COMMANDS.flatMap((command) => [command, ...all(command.options)]);

  test('names and descriptions', () => {
    for (const { name, description } of things) {
      expect(name).toMatch(/^[-_a-z0-9]{1,32}$/);
      expect(description.length).toBeGreaterThan(0);
      expect(description.length).toBeLessThanOrEqual(100);
    }
  });

  test('required options come first, and there are at most 25', () => {
    for (const { options = [] } of things) {
      const required = options.map((option) => option.required === true);
      expect(required).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
      expect(options.length).toBeLessThanOrEqual(25);
    }
  });

  test('a command has at most 8,000 characters in all', () => {
    for (const command of COMMANDS) {
      const texts = [command, ...all(command.options)].flatMap(({ name, description }) => [
        name,
        description,
      ]);
      expect(texts.join('').length).toBeLessThanOrEqual(8000);
    }
  });

  test('installed to a server, used in a server', () => {
    for (const command of COMMANDS) {
      expect(command).toMatchObject({ integration_types: [0], contexts: [0] });
    }
  });

  test('the words that people look for lead to /stop', () => {
    const stop = COMMANDS.find((command) => command.name === 'stop');
    for (const word of ['interrupt', 'cancel', 'abort']) expect(stop?.description).toContain(word);
  });
});

describe('registering', () => {
  /** Discord as it answers: with ids and defaults of its own, and the options that are off left out. */
  function fake(there: unknown, put: { status: number; body: unknown } = { status: 200, body: [] }) {
    const calls: { method: string; url: string; body: unknown }[] = [];
    const send: typeof fetch = async (url, init) => {
      const method = init?.method ?? 'GET';
      calls.push({
        method,
        url: String(url),
        body: init?.body === undefined ? null : JSON.parse(String(init.body)),
      });
      return method === 'GET' ? Response.json(there) : Response.json(put.body, { status: put.status });
    };
    return { calls, send };
  }
  const asDiscordHasIt = (commands: readonly object[]) =>
    commands.map((command, n) => ({
      ...command,
      id: String(n),
      version: '1',
      nsfw: false,
      default_member_permissions: null,
    }));

  test('writes nothing when Discord has them already', async () => {
    const { calls, send } = fake(asDiscordHasIt(COMMANDS).toReversed());
    expect((await registerCommands(TARGET, COMMANDS, send)).changed).toBe(false);
    expect(calls.map((call) => call.method)).toEqual(['GET']);
  });

  test.each<[string, (commands: ReturnType<typeof asDiscordHasIt>) => unknown]>([
    ['none', () => []],
    ['one is missing', (commands) => commands.slice(1)],
    ['one is more', (commands) => [...commands, { name: 'old', description: 'x' }]],
    ['a description differs', (commands) => commands.map((c) => ({ ...c, description: 'x' }))],
    ['an option is gone', (commands) => commands.map((c) => ({ ...c, options: [] }))],
    [
      'an option is required there and no longer here',
      () =>
        JSON.parse(
          JSON.stringify(asDiscordHasIt(COMMANDS)).replaceAll(
            '"autocomplete":true',
            '"autocomplete":true,"required":true',
          ),
        ),
    ],
  ])('writes all when %s', async (_name, change) => {
    const { calls, send } = fake(change(asDiscordHasIt(COMMANDS)));
    expect((await registerCommands(TARGET, COMMANDS, send)).changed).toBe(true);
    expect(calls.at(-1)).toEqual({
      method: 'PUT',
      url: 'https://discord.test/api/v10/applications/42/commands',
      body: JSON.parse(JSON.stringify(COMMANDS)),
    });
  });

  test('in one guild: its own address, and without what only global commands have', async () => {
    const { calls, send } = fake([]);
    await registerCommands({ ...TARGET, guild: '7' }, COMMANDS, send);
    expect(calls.at(-1)?.url).toBe('https://discord.test/api/v10/applications/42/guilds/7/commands');
    expect(JSON.stringify(calls.at(-1)?.body)).not.toMatch(/contexts|integration_types/);
  });

  test.each([
    [401, 'DISCORD_BOT_TOKEN'],
    [403, 'DISCORD_APPLICATION_ID'],
    [404, 'DISCORD_APPLICATION_ID'],
    [429, 'too many'],
    [500, '500'],
  ])('%i is told in words, without the token', async (status, words) => {
    const { send } = fake([], { status, body: { message: 'no' } });
    const failed = registerCommands(TARGET, COMMANDS, send);
    await expect(failed).rejects.toThrow(words);
    await expect(failed).rejects.not.toThrow('sesame');
  });

  test('no network, no JSON, no number: words', async () => {
    const down: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));
    await expect(registerCommands(TARGET, COMMANDS, down)).rejects.toThrow('could not be reached');
    const html: typeof fetch = async () => new Response('<html>');
    await expect(registerCommands(TARGET, COMMANDS, html)).rejects.toThrow('not JSON');
    await expect(registerCommands({ ...TARGET, application: '../x' }, COMMANDS, down)).rejects.toThrow(
      'number',
    );
    await expect(registerCommands({ ...TARGET, guild: 'x' }, COMMANDS, down)).rejects.toThrow('number');
  });

  test('what is no list is not the same', () => {
    expect(sameCommands([], null)).toBe(false);
    expect(sameCommands([], {})).toBe(false);
    expect(sameCommands([], [])).toBe(true);
  });
});
