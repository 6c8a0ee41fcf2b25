import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { startDiscord } from '../../../playground/discord/start.ts';
import { parseArguments } from '../../../playground/start/arguments.ts';
import { choosePort } from '../../../playground/start/ports.ts';
import { slashCommands } from '../../../playground/web/commands.ts';
import { isOwnHost, isOwnOrigin } from '../../../playground/web/guard.ts';
import { COMMANDS } from '../../../worker/interactions/commands.ts';

describe('the arguments of npm start', () => {
  test.each([
    [[], { port: null, live: null, claude: null }],
    [['--port', '5000'], { port: 5000, live: null, claude: null }],
    [['--port=0'], { port: 0, live: null, claude: null }],
    [['--live'], { port: null, live: '.', claude: null }],
    [['--live', '../x', '--port', '1'], { port: 1, live: '../x', claude: null }],
    [['--live', '--claude', '/bin/claude'], { port: null, live: '.', claude: '/bin/claude' }],
  ])('%j', (argv, wanted) => {
    expect(parseArguments(argv)).toEqual({ is: 'start', arguments: wanted });
  });

  test.each([
    [['--port']],
    [['--port', '65536']],
    [['--port', '-1']],
    [['--port', '4e3']],
    [['--claude']],
    [['folder']],
    [['--prot', '1']],
  ])('%j is refused with words', (argv) => {
    expect(parseArguments(argv).is).toBe('wrong');
  });

  test('help wins', () => {
    expect(parseArguments(['--port', '1', '--help']).is).toBe('help');
  });
});

describe('the port of the page', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test('one that was asked for and is taken is refused, with one that is free', async () => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const taken = (server.address() as AddressInfo).port;
    const chosen = await choosePort(taken);
    expect(chosen).toMatchObject({
      ok: false,
      words: expect.stringMatching(/^Port \d+ is taken\. (\d+ is free|.*none)/),
    });
  });

  test('any free one', async () => {
    expect(await choosePort(0)).toEqual({ ok: true, port: 0, note: null });
  });
});

test.each([
  ['127.0.0.1:80', true],
  ['localhost:80', true],
  ['127.0.0.1:81', false],
  ['127.0.0.1', false],
  ['evil.example:80', false],
  ['127.0.0.1.evil.example:80', false],
  [undefined, false],
])('host %s', (host, own) => {
  expect(isOwnHost(host, 80)).toBe(own);
  expect(isOwnOrigin(`http://${host}`, host, 80)).toBe(own);
  expect(isOwnOrigin('null', host, 80)).toBe(false);
  expect(isOwnOrigin(undefined, host, 80)).toBe(false);
});

test('every registered command is offered, subcommands on their own', async () => {
  const discord = await startDiscord();
  discord.setCommands(COMMANDS);
  const offered = slashCommands(discord.commands());
  await discord.close();
  expect(offered.map(({ name }) => name)).toEqual(
    COMMANDS.flatMap(({ name, options }) => {
      const inner = options.filter(({ type }) => type === 1);
      return inner.length === 0 ? [name] : inner.map((option) => `${name} ${option.name}`);
    }),
  );
  expect(offered.find(({ name }) => name === 'ask')?.options[0]).toMatchObject({
    name: 'prompt',
    required: true,
  });
});
