import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { snowflakeAt } from '../../../worker/discord/snowflake.ts';
import { AGE_MAX_MS, BODY_MAX_BYTES, verifyInteraction } from '../../../worker/discord/verify.ts';

const NOW_MS = 1_800_000_000_000;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const HEX = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');

interface Sent {
  readonly body?: string;
  readonly signedBody?: string;
  readonly timestamp?: string;
  readonly signature?: string | null;
  readonly stream?: boolean;
}

function request(sent: Sent = {}): Request {
  const body = sent.body ?? JSON.stringify({ id: snowflakeAt(NOW_MS), type: 1 });
  const timestamp = sent.timestamp ?? String(NOW_MS / 1000);
  const good = sign(null, Buffer.from(timestamp + (sent.signedBody ?? body)), privateKey).toString('hex');
  const signature = sent.signature === undefined ? good : sent.signature;
  return new Request('https://heddle.test/interactions', {
    method: 'POST',
    body,
    headers: {
      'x-signature-timestamp': timestamp,
      ...(signature === null ? {} : { 'x-signature-ed25519': signature }),
    },
  });
}

const check = (sent?: Sent, key = HEX) => verifyInteraction(request(sent), key, NOW_MS);

describe('what Discord sent', () => {
  it('is accepted', async () => {
    expect(await check()).toMatchObject({ ok: true, interaction: { type: 1 } });
    expect(
      await check({ body: JSON.stringify({ id: snowflakeAt(NOW_MS), type: 2, name: '日本' }) }),
    ).toMatchObject({ ok: true });
  });

  it('is accepted with small differences between clocks', async () => {
    const timestamp = String((NOW_MS + 5000) / 1000);
    expect(await check({ timestamp })).toMatchObject({ ok: true });
  });
});

describe('what Discord did not send', () => {
  const other = generateKeyPairSync('ed25519');
  const body = JSON.stringify({ id: snowflakeAt(NOW_MS), type: 1 });
  const stranger = sign(null, Buffer.from(NOW_MS / 1000 + body), other.privateKey).toString('hex');
  it.each<[string, Sent]>([
    ['no signature', { signature: null }],
    ['no timestamp', { timestamp: '' }],
    ['a signature that is no hex', { signature: 'z'.repeat(128) }],
    ['a short signature', { signature: 'ab' }],
    ['a signature of zeros', { signature: '0'.repeat(128) }],
    ["a stranger's signature", { body, signature: stranger }],
    ['another body than the signed one', { signedBody: '{"id":"1","type":1}' }],
    ['a timestamp that is no number', { timestamp: '1e9' }],
  ])('is refused: %s', async (_, sent) => {
    expect(await check(sent)).toMatchObject({ ok: false, status: 401 });
  });

  it('is refused under another key, also after the right one was used', async () => {
    expect(await check()).toMatchObject({ ok: true });
    const wrong = other.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
    expect(await check({}, wrong)).toMatchObject({ ok: false, status: 401 });
    expect(await check({}, 'not a key')).toMatchObject({ ok: false, status: 401 });
    expect(await check()).toMatchObject({ ok: true });
  });
});

describe('what Discord sent once', () => {
  it('is refused when it is replayed later, or from the future', async () => {
    const old = String((NOW_MS - AGE_MAX_MS) / 1000 - 1);
    expect(await check({ timestamp: old })).toMatchObject({ ok: false, status: 401 });
    const future = String((NOW_MS + AGE_MAX_MS) / 1000 + 1);
    expect(await check({ timestamp: future })).toMatchObject({ ok: false, status: 401 });
  });

  it('is refused with an id of another time', async () => {
    const body = JSON.stringify({ id: snowflakeAt(NOW_MS - 3_600_000), type: 2 });
    expect(await check({ body })).toMatchObject({ ok: false, status: 401 });
  });
});

describe('bodies', () => {
  it.each(['', 'null', '[]', '{', '{"type":1}', '{"id":1,"type":1}', '{"id":"x","type":1}'])(
    'signed but not an interaction: %s',
    async (body) => {
      expect(await check({ body })).toMatchObject({ ok: false, status: 401 });
    },
  );

  it('over the cap is not read to its end', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const headers = {
      'x-signature-ed25519': 'a'.repeat(128),
      'x-signature-timestamp': String(NOW_MS / 1000),
    };
    const init = { method: 'POST', headers, body: endless, duplex: 'half' };
    const result = await verifyInteraction(
      new Request('https://heddle.test/', init as RequestInit),
      HEX,
      NOW_MS,
    );
    expect(result).toMatchObject({ ok: false, status: 413 });
    expect(pulled * 64 * 1024).toBeLessThan(BODY_MAX_BYTES * 2);
  });

  it('that claim to be over the cap are not read', async () => {
    const sent = request();
    const headers = new Headers(sent.headers);
    headers.set('content-length', String(BODY_MAX_BYTES + 1));
    const result = await verifyInteraction(new Request(sent, { headers }), HEX, NOW_MS);
    expect(result).toMatchObject({ ok: false, status: 413 });
  });
});
