import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { rotateSubject } from '../../../protocol/guild.ts';
import type { GuildId, RunnerId, UserId } from '../../../protocol/ids.ts';
import { lockHome, openHome } from '../../../runner/home/home.ts';
import { type Pairing, readPairings, savePairing } from '../../../runner/home/pairings.ts';
import { newKeyPair } from '../../../runner/link/sign.ts';
import { finishRotations, rotate } from '../../../runner/pairing/rotation.ts';
import { temporaryFolder } from './stage.ts';

const GUILD = '123' as GuildId;
/** Null: the connection is cut without an answer. */
type Answer = { readonly status: number; readonly body?: unknown; readonly date?: string } | null;

interface Asked {
  readonly publicKey: string;
  readonly claims: { readonly sub: string; readonly iss: string; readonly exp: number };
  /** The public key that verifies it. */
  readonly token: string;
}

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A Worker that answers these, one after the other, and the last one from then on. `echo`: it took the key. */
async function against(...answers: readonly (Answer | 'echo')[]) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      const { publicKey } = JSON.parse(text) as { publicKey: string };
      const answer = answers[Math.min(asked.length, answers.length - 1)] ?? null;
      asked.push({ publicKey, claims, token });
      if (answer === null) return request.socket.destroy();
      const { status, body, date } =
        answer === 'echo' ? { status: 200, body: { publicKey }, date: undefined } : answer;
      response.writeHead(status, date === undefined ? {} : { date });
      response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = openHome({ HEDDLE_HOME: path.join(temporaryFolder(), 'home') });
  const pairing: Pairing = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    guild: GUILD,
    guildName: 'Loom',
    runner: 'r1' as RunnerId,
    owner: '1' as UserId,
    ownerName: 'olga',
    ...newKeyPair(),
  };
  savePairing(home, pairing);
  const said: string[] = [];
  const options = { home, print: (line: string) => said.push(line) };
  const now = () => readPairings(home)[0];
  return { home, pairing, asked, said, options, now };
}

describe('rotate', () => {
  test('the old key signs for the new one, and for nothing else', async () => {
    const { pairing, asked, options, now } = await against('echo');
    expect(await rotate(options)).toBe(0);
    const [request] = asked;
    expect(now()).toMatchObject({ runner: 'r1', ownerName: 'olga', publicKey: request?.publicKey });
    expect(now()?.publicKey).not.toBe(pairing.publicKey);
    expect(now()?.next).toBeUndefined();
    expect(request?.claims).toMatchObject({
      iss: 'r1',
      sub: rotateSubject({ guild: GUILD, publicKey: request?.publicKey ?? '' }),
    });
    expect(JSON.stringify(asked)).not.toContain(now()?.privateKey ?? '-');
  });

  test('an answer that is lost leaves both keys here; asking again sends the same new one', async () => {
    const { pairing, asked, said, options, now } = await against(null, 'echo');
    expect(await rotate(options)).toBe(1);
    expect(said.join()).toMatch(/cannot be reached[\s\S]*old key goes on/);
    expect(now()).toMatchObject({ publicKey: pairing.publicKey, next: { publicKey: asked[0]?.publicKey } });
    expect(await rotate(options)).toBe(0);
    expect(asked[1]?.publicKey).toBe(asked[0]?.publicKey);
    expect(now()?.publicKey).toBe(asked[0]?.publicKey);
  });

  test('the next start ends what was begun, and says so; without that it asks nothing', async () => {
    const { asked, said, options, now } = await against(null, 'echo');
    await finishRotations(options);
    expect(asked).toEqual([]);
    await rotate(options);
    await finishRotations(options);
    expect(now()?.publicKey).toBe(asked[1]?.publicKey);
    expect(said.at(-1)).toContain('has a new key');
  });

  test('when the old key is over already, the new one signs for itself', async () => {
    const { asked, options, now } = await against({ status: 401 }, 'echo');
    expect(await rotate(options)).toBe(0);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.token).not.toBe(asked[0]?.token);
    expect(now()?.publicKey).toBe(asked[0]?.publicKey);
  });

  test('a clock that is off is set right by the refusal', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const { asked, options } = await against({ status: 401, date }, 'echo');
    expect(await rotate(options)).toBe(0);
    const [first, second] = asked.map(({ claims }) => claims.exp);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(3000);
  });

  test.each([
    [401, {}, /does not accept/],
    [403, {}, /removed there/],
    [404, {}, /does not know/],
    [429, {}, /answered 429/],
    [503, 'busy', /answered 503/],
    [200, '<html>a captive portal</html>', /answered 502/],
    [200, { publicKey: 'A'.repeat(43) }, /answered 502/],
  ])('answered with %d %j it goes on with the old key', async (status, body, words) => {
    const { pairing, said, options, now } = await against({ status, body });
    expect(await rotate(options)).toBe(1);
    expect(said.join('\n')).toMatch(words);
    expect(now()?.publicKey).toBe(pairing.publicKey);
  });

  test('not while the runner runs: it holds the old key', async () => {
    const { home, asked, options } = await against('echo');
    const lock = lockHome(home);
    await expect(rotate(options)).rejects.toMatchObject({ kind: 'locked' });
    lock.release();
    expect(asked).toEqual([]);
  });

  test('only of the server that is named', async () => {
    const { asked, options } = await against('echo');
    await expect(rotate({ ...options, guild: '999' })).rejects.toMatchObject({ kind: 'unpaired' });
    expect(asked).toEqual([]);
    expect(await rotate({ ...options, guild: GUILD })).toBe(0);
  });

  test('does not follow a redirect with the token', async () => {
    const elsewhere = await against('echo');
    const { options } = await against({ status: 307 });
    await rotate({
      ...options,
      fetch: (url, init) => {
        expect(init?.redirect).toBe('error');
        return fetch(url, init);
      },
    });
    expect(elsewhere.asked).toEqual([]);
  });

  test('keys are Ed25519, raw', () => {
    const { publicKey } = newKeyPair();
    expect(publicKey).toHaveLength(
      generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x?.length ?? 0,
    );
  });
});
