/** A Session that knows more than the runner, over a real link: what the runner cannot read is acked and left, the rest goes on. */
import { expect, test } from 'vitest';
import type { Event } from '../../../protocol/events.ts';
import type { BootId, RunnerId } from '../../../protocol/ids.ts';
import { SessionLink } from '../../../runner/guild/session-link.ts';
import { newKeyPair, ServerClock } from '../../../runner/link/sign.ts';
import { FakeObject } from '../link/server.ts';
import { begin, GUILD, OWNER, PAIRING, prompt, promptId, Stage, thread } from './stage.ts';

test('an unknown command, and fields that it does not know, break nothing', async () => {
  const identity = { ...newKeyPair(), runner: 'r-1' as RunnerId };
  const object = new FakeObject(() => identity.publicKey);
  const origin = await object.listen();
  const stage = new Stage();
  const { context } = stage.live();
  const pairing = { id: PAIRING, guild: GUILD, owner: OWNER, origin };
  const link = new SessionLink(context, pairing, thread(9), {
    origin,
    identity,
    boot: 'boot' as BootId,
    clock: new ServerClock(),
  });
  try {
    await link.host.recover();
    link.open(false);
    const id = promptId();
    object.send({ ...begin(1), newer: true });
    object.send({ kind: 'configureMore', gen: 1, taste: 'sweet' });
    object.send({ kind: 'configure', gen: 1, rev: 1, model: 'opus', mode: 'modeOfTomorrow', effort: null });
    object.send({ kind: 'configure', gen: 1, rev: 2, model: 'haiku', mode: null, effort: null, speed: 9 });
    object.send(prompt(1, id));
    await object.until(() => (object.applied as Event[]).some((event) => event.kind === 'turnBegan'));
    expect(stage.world.fed.map((one) => one.prompt)).toEqual([id]);
    expect(stage.world.claudes[0]?.options.model).toBe('haiku');
    await object.until(() => object.store.load().acked === 5);
    expect([...stage.fatal, ...stage.failed]).toEqual([]);
  } finally {
    link.close();
    await link.host.close();
    await object.close();
  }
});
