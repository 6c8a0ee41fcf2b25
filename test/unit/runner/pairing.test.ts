import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../../../protocol/fingerprint.ts';
import type { GuildId } from '../../../protocol/ids.ts';
import { Failure } from '../../../runner/base/failure.ts';
import { openHome } from '../../../runner/home/home.ts';
import { pairingId, readPairings } from '../../../runner/home/pairings.ts';
import { pair, parsePairingLink } from '../../../runner/pairing/pairing.ts';
import { temporaryFolder } from './stage.ts';

const CODE = 'abcdefghijklmnopqrst-_';
const link = (origin: string) => `${origin}/#pair=123.${CODE}`;

describe('a pairing link', () => {
  test.each([
    ['https://heddle.example.workers.dev', 'https://heddle.example.workers.dev'],
    ['https://heddle.example:8443', 'https://heddle.example:8443'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
  ])('of %s is good', (origin, expected) => {
    expect(parsePairingLink(link(origin))).toEqual({ origin: expected, guild: '123', code: CODE });
    expect(parsePairingLink(` <${link(origin)}>\n`).origin).toBe(expected);
  });

  test.each([
    'http://heddle.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://0.0.0.0:8787',
    'http://192.168.1.5:8787',
    'ftp://127.0.0.1',
    'ws://127.0.0.1',
  ])('to %s is refused: the code would be read on the way', (origin) => {
    expect(() => parsePairingLink(link(origin))).toThrow('refused');
  });

  test.each([
    '',
    'hello',
    'javascript:alert(1)',
    'https://heddle.example/',
    'https://heddle.example/#pair=123',
    `https://heddle.example/#pair=123.${CODE.slice(1)}`,
    `https://heddle.example/#pair=123.${CODE}x`,
    `https://heddle.example/#pair=abc.${CODE}`,
    `https://heddle.example/path#pair=123.${CODE}`,
    `https://heddle.example/?q#pair=123.${CODE}`,
    `https://user:secret@heddle.example/#pair=123.${CODE}`,
  ])('that is %j is none, and its code is not repeated', (text) => {
    let thrown: unknown;
    try {
      parsePairingLink(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect(String(thrown)).not.toContain(CODE.slice(1));
  });
});

describe('pairing', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const GOOD = { runner: 'r1', owner: '1', ownerName: 'olga', guildName: 'Loom' };

  async function against(status: number, body: unknown, headers: Record<string, string> = {}) {
    const asked: Record<string, string>[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        asked.push(JSON.parse(text));
        response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const home = openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });
    const attempt = () => pair({ home, link: parsePairingLink(link(origin)), name: 'laptop' });
    return { home, origin, asked, attempt };
  }

  test('keeps the key here and sends its public half with the code, once', async () => {
    const { home, origin, asked, attempt } = await against(200, GOOD);
    const { pairing, fingerprint: shown } = await attempt();
    expect(asked).toEqual([{ guild: '123', code: CODE, publicKey: pairing.publicKey, name: 'laptop' }]);
    expect(JSON.stringify(asked)).not.toContain(pairing.privateKey);
    expect(shown).toBe(await fingerprint(pairing.publicKey));
    expect(readPairings(home)).toEqual([pairing]);
    const [file = ''] = readdirSync(home.pairings);
    expect(file).toBe(`${pairingId({ guild: '123' as GuildId, origin })}.json`);
    expect(statSync(path.join(home.pairings, file)).mode & 0o777).toBe(0o600);
  });

  test('two pairings never share a key', async () => {
    const first = await (await against(200, GOOD)).attempt();
    const second = await (await against(200, GOOD)).attempt();
    expect(first.pairing.privateKey).not.toBe(second.pairing.privateKey);
  });

  test.each([
    [403, {}, 'code'],
    [404, {}, 'code'],
    [410, {}, 'code'],
    [429, {}, 'answer'],
    [503, '<html>busy</html>', 'answer'],
    [200, '<html>a captive portal</html>', 'answer'],
    [200, { runner: '', owner: 'x' }, 'answer'],
  ])('answered with %d %j keeps nothing', async (status, body, kind) => {
    const { home, attempt } = await against(status, body);
    await expect(attempt()).rejects.toMatchObject({ kind });
    expect(readPairings(home)).toEqual([]);
  });

  test('does not follow a redirect with the code', async () => {
    const elsewhere = await against(200, GOOD);
    const { attempt } = await against(307, '', { location: `${elsewhere.origin}/runner/pair` });
    await expect(attempt()).rejects.toBeInstanceOf(Failure);
    expect(elsewhere.asked).toEqual([]);
  });

  test('offline is told as that', async () => {
    const { origin, home } = await against(200, GOOD);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(pair({ home, link: parsePairingLink(link(origin)), name: 'x' })).rejects.toMatchObject({
      kind: 'offline',
    });
  });
});

describe('the fingerprint', () => {
  test('is frozen: both halves must show the same', async () => {
    expect(await fingerprint('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')).toMatchInlineSnapshot(
      `"CSM7-NBFR-CAYQ-EV4F"`,
    );
  });
  test.each(['', 'AAAA', 'not base64url!', 'A'.repeat(44)])('of %j is refused', async (key) => {
    await expect(fingerprint(key)).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a pairing on disk', () => {
  const good = {
    origin: 'https://heddle.example.workers.dev',
    guild: '4711',
    guildName: 'Loom',
    runner: 'r',
    owner: '1',
    ownerName: 'olga',
    publicKey: 'A'.repeat(43),
    privateKey: 'A'.repeat(43),
  };
  const read = (pairing: object) => {
    const home = openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });
    writeFileSync(path.join(home.pairings, 'one.json'), JSON.stringify(pairing));
    return readPairings(home);
  };

  test('is read as it is', () => expect(read(good)).toEqual([good]));
  test.each([
    { privateKey: 'cut off' },
    { publicKey: '' },
    { origin: 'http://heddle.example.workers.dev' },
    { origin: 'nowhere' },
  ])('that no link could use is told in words: %j', (wrong) => {
    expect(() => read({ ...good, ...wrong })).toThrow(/one\.json cannot be used/);
  });
});
