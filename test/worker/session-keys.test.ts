/** A Session's link while its runner's key is replaced. */
import { describe, expect, it } from 'vitest';
import { RUNNER, Runner, type Subject, subject, upgrade } from './session-stage.ts';

async function nextKey(): Promise<{ pair: CryptoKeyPair; publicKey: string }> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey;
  return { pair, publicKey: jwk.x ?? '' };
}

function tell({ stub, open }: Subject, rev: number, keys: readonly string[]): Promise<void> {
  const { presence, access } = open.runner;
  return stub.facts({ runner: RUNNER, presence, access: { ...access, rev, keys } });
}

describe('a runner whose key is replaced', () => {
  it('row 27: opens a session’s link with either key, then with the new one alone; the old one’s socket is closed 4003', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    const next = await nextKey();
    expect((await upgrade(s, { key: next.pair.privateKey })).status).toBe(401);
    await tell(s, 2, [next.publicKey, s.open.runner.publicKey]);
    expect((await upgrade(s, { key: next.pair.privateKey })).status).toBe(101);
    const old = await Runner.connect(s);
    const closed = new Promise<number>((resolve) =>
      old.ws.addEventListener('close', ({ code }) => resolve(code)),
    );
    await old.until(() => old.received ?? undefined);
    await tell(s, 3, [next.publicKey]);
    expect(await closed).toBe(4003);
    expect((await upgrade(s)).status).toBe(401);
    const renewed = await upgrade(s, { key: next.pair.privateKey });
    expect(renewed.status).toBe(101);
    await tell(s, 4, [next.publicKey]);
    renewed.webSocket?.accept();
  });

  it('row 27: what is told late about keys brings no old one back', async () => {
    const s = await subject();
    await s.stub.open(s.open);
    const next = await nextKey();
    await tell(s, 3, [next.publicKey]);
    await tell(s, 2, [next.publicKey, s.open.runner.publicKey]);
    expect((await upgrade(s)).status).toBe(401);
  });
});
