import { verify } from 'hono/jwt';
import { describe, expect, test } from 'vitest';
import type { GuildId, RunnerId } from '../../../protocol/ids.ts';
import { TOKEN_LIFETIME_S } from '../../../protocol/limits.ts';
import { newKeyPair, ServerClock, signToken } from '../../../runner/link/sign.ts';
import { allowedOrigin, socketUrl } from '../../../runner/link/target.ts';

const identity = { ...newKeyPair(), runner: 'r-1' as RunnerId };
const key = (publicKey: string) => ({ kty: 'OKP', crv: 'Ed25519', x: publicKey });

describe('a token', () => {
  const nowMs = Date.now();
  const token = signToken(identity, { origin: 'https://heddle.example', subject: '42', nowMs });
  test('is what hono verifies, with each claim and no iat', async () => {
    expect(
      await verify(token, key(identity.publicKey), {
        alg: 'EdDSA',
        iss: 'r-1',
        aud: 'https://heddle.example',
      }),
    ).toEqual({
      iss: 'r-1',
      aud: 'https://heddle.example',
      sub: '42',
      exp: Math.floor(nowMs / 1000) + TOKEN_LIFETIME_S / 2,
    });
  });
  test('is no good for another key', async () => {
    await expect(verify(token, key(newKeyPair().publicKey), 'EdDSA')).rejects.toThrow();
  });
  test('keys are raw base64url, as pairing sends them', () => {
    expect(identity.publicKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(identity.privateKey).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(newKeyPair().publicKey).not.toBe(identity.publicKey);
  });
});

describe('the clock', () => {
  const at = Date.parse('2026-11-22T10:00:00Z');
  test.each([-86_400_000, -40_000, 40_000, 86_400_000])('off by %i ms is set right once', (offMs) => {
    const clock = new ServerClock(() => at + offMs);
    expect(clock.correct(new Date(at).toUTCString())).toBe(true);
    expect(clock.nowMs()).toBe(at);
    expect(clock.correct(new Date(at).toUTCString())).toBe(false);
  });
  test.each([null, '', 'yesterday', new Date(at + 900).toUTCString()])('%s changes nothing', (header) => {
    const clock = new ServerClock(() => at);
    expect(clock.correct(header)).toBe(false);
    expect(clock.nowMs()).toBe(at);
  });
});

describe('where a runner may connect to', () => {
  test.each([
    ['https://heddle.example', 'https://heddle.example'],
    ['https://heddle.example/path?x#y', 'https://heddle.example'],
    ['HTTPS://Heddle.Example:443/', 'https://heddle.example'],
    ['http://localhost:8787', 'http://localhost:8787'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://[::1]:8787', 'http://[::1]:8787'],
  ])('%s', (text, origin) => expect(allowedOrigin(text)).toBe(origin));
  test.each([
    'http://heddle.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'ftp://localhost',
    'ws://localhost',
    'file:///etc/passwd',
    'heddle.example',
    '',
  ])('not %s', (text) => expect(allowedOrigin(text)).toBeNull());
  test('the path names the object', () => {
    const id = '42' as GuildId;
    expect(socketUrl({ kind: 'guild', origin: 'https://heddle.example', id })).toBe(
      'wss://heddle.example/runner/guild/42',
    );
    expect(socketUrl({ kind: 'guild', origin: 'http://[::1]:80', id: 'a/../b' as GuildId })).toBe(
      'ws://[::1]/runner/guild/a%2F..%2Fb',
    );
    expect(() => socketUrl({ kind: 'guild', origin: 'http://heddle.example', id })).toThrow(RangeError);
  });
});
