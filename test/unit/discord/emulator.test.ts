import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { MessageId, UserId } from '../../../protocol/ids.ts';
import { BLOCKED_BACKOFF_MS } from '../../../worker/discord/errors.ts';
import { deferPrivate, pong } from '../../../worker/discord/interaction-response.ts';
import { verifyInteraction } from '../../../worker/discord/verify.ts';
import type { CardSlot } from '../../../worker/domain/slot.ts';
import { Emulated, EmulatedObject, HANG_TIMEOUT_MS } from './emulated.ts';
import { plain } from './model-object.ts';

/** A busy machine is slow; nothing here waits for time to pass. */
vi.setConfig({ testTimeout: 60_000 });

let world: Emulated;
const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
  await world.discord.close();
});

const MESSAGES = /\/messages/;
const BUTTON = [[{ label: 'Allow', style: 'success', id: 'h1:allow:1:1:abc' }]] as const;

describe('the client', () => {
  it('does each thing that Heddle does, with requests that Discord takes', async () => {
    world = await Emulated.start();
    const { rest, thread, guild } = world;
    const member = guild.addMember({ name: 'alice' });
    const files = [{ name: 'input.json', data: '{"a":"ä"}' }];
    const body = { content: 'hello', attachments: [{ id: '0', filename: 'input.json' }] };
    const made = await rest.createMessage(world.threadId, body, files);
    expect(made).toMatchObject({
      ok: true,
      value: { author: rest.me, files: 1 },
      bucket: { limit: 5, remaining: 4 },
    });
    if (!made.ok) return;
    expect(thread.messages.at(-1)?.attachments[0]?.text()).toBe('{"a":"ä"}');
    expect(await rest.editMessage(world.threadId, made.value.id, { content: 'edited' })).toMatchObject({
      ok: true,
    });
    const listed = await rest.messagesAfter(world.threadId, '0');
    expect(listed).toMatchObject({ ok: true });
    if (listed.ok) expect(listed.value.at(-1)).toMatchObject({ id: made.value.id, content: 'edited' });
    expect(await rest.getChannel(world.threadId)).toMatchObject({
      ok: true,
      value: { type: 11, archived: false, parent: world.channel.id },
    });
    expect(await rest.addThreadMember(world.threadId, member.id)).toMatchObject({ ok: true });
    expect(await rest.typing(world.threadId)).toMatchObject({ ok: true });
    expect(await rest.patchChannel(world.threadId, { archived: true })).toMatchObject({
      ok: true,
      value: { archived: true },
    });
    expect(await rest.patchChannel(world.threadId, { archived: false })).toMatchObject({ ok: true });
    expect(await rest.deleteMessage(world.threadId, made.value.id)).toMatchObject({ ok: true });
    const command = { name: 'ask', description: 'Ask Claude' };
    expect(await rest.putCommands(guild.id, [command])).toMatchObject({ ok: true });
    expect(await rest.getCommands(guild.id)).toMatchObject({ ok: true, value: [{ name: 'ask' }] });
    expect(await rest.getCommands(null)).toMatchObject({ ok: true, value: [] });
    world.discord.assertClean();
  });

  it('gives every failure as a value', async () => {
    world = await Emulated.start();
    const { rest, discord, threadId } = world;
    const missing = '1300000000000000001' as MessageId;
    const body = { content: 'x' };
    const fail = async (fault: object) => {
      discord.faults.next({ path: MESSAGES }, fault);
      const result = await rest.createMessage(threadId, body);
      return result.ok ? null : result.error;
    };
    discord.faults.next({ path: MESSAGES }, { hang: true });
    const hung = await world.client(undefined, HANG_TIMEOUT_MS).createMessage(threadId, body);
    expect(hung).toMatchObject({ error: { kind: 'unknown', cause: 'timeout' } });
    expect(await fail({ drop: true })).toEqual({ kind: 'unknown', cause: 'network' });
    expect(await fail({ drop: true, afterApply: true })).toEqual({ kind: 'unknown', cause: 'network' });
    expect(await fail({ status: 503 })).toMatchObject({ kind: 'transient', status: 503 });
    expect(await fail({ html: true, status: 429 })).toMatchObject({
      kind: 'transient',
      retryAfterMs: BLOCKED_BACKOFF_MS,
    });
    expect(await fail({ retryAfter: 1.5 })).toMatchObject({
      kind: 'rateLimited',
      retryAfterMs: 1500,
      global: false,
    });
    expect(await fail({ retryAfter: 0.5, global: true })).toMatchObject({
      kind: 'rateLimited',
      global: true,
    });
    expect(await fail({ status: 200, body: '<html>' })).toMatchObject({ kind: 'unknown' });
    discord.advance(60_000);
    expect(await rest.editMessage(threadId, missing, body)).toMatchObject({
      error: { kind: 'gone', what: 'message' },
    });
    expect(await rest.deleteMessage(threadId, missing)).toMatchObject({
      error: { kind: 'gone', what: 'message' },
    });
    expect(await rest.createMessage('1300000000000000001' as never, body)).toMatchObject({
      error: { kind: 'gone', what: 'channel' },
    });
    const card = world.channel.messages[0]?.id as MessageId;
    const again = await rest.startThreadFromMessage(world.channel.id, card, {
      name: 'b',
      auto_archive_duration: 60,
    });
    expect(again).toMatchObject({ error: { kind: 'threadExists' } });
    expect(await rest.createMessage(threadId, { content: 'x'.repeat(2001) })).toMatchObject({
      error: { kind: 'invalid', status: 400, code: 50035 },
    });
    const stranger = await world.client('not the token').createMessage(threadId, body);
    expect(stranger).toMatchObject({ error: { kind: 'tokenInvalid' } });
    expect(JSON.stringify(stranger)).not.toContain('not the token');
    discord.takeViolations();
  });

  it('has no answer where nobody listens', async () => {
    world = await Emulated.start();
    const rest = world.client();
    await world.discord.close();
    expect(await rest.typing(world.threadId)).toEqual({
      ok: false,
      error: { kind: 'unknown', cause: 'network' },
      bucket: null,
    });
    world = await Emulated.start();
  });

  it('fills in a deferred answer, also when Discord does not know it yet', async () => {
    world = await Emulated.start();
    const { discord, rest, guild, channel } = world;
    const url = await program(discord.publicKey, () => discord.now());
    discord.setInteractionsUrl(url);
    expect(await discord.verifyEndpoint()).toEqual([]);
    const outcome = await discord.user(guild.addMember({ name: 'alice' })).command(channel.id, 'status');
    expect(outcome).toMatchObject({ type: 5, ephemeral: true });
    discord.faults.next(
      { path: /webhooks/ },
      { status: 404, body: { message: 'Unknown Webhook', code: 10015 } },
    );
    const edited = await rest.editOriginal(outcome.token, {
      content: 'done',
      allowed_mentions: { parse: [] },
    });
    expect(edited).toMatchObject({ ok: true });
    expect((await outcome.final()).text).toBe('done');
    discord.advance(16 * 60_000);
    expect(await rest.editOriginal(outcome.token, { content: 'late' })).toMatchObject({
      error: { kind: 'interactionOver' },
    });
  });
});

describe('delivery', () => {
  async function start(options: Parameters<typeof Emulated.start>[0] = {}): Promise<EmulatedObject> {
    world = await Emulated.start(options);
    return new EmulatedObject(world);
  }

  it.each(['separate', 'shared'] as const)(
    'shows many messages and edits without a 429 (%s buckets)',
    async (buckets) => {
      const object = await start({ buckets });
      const slots = Array.from({ length: 12 }, (_, n) =>
        plain(`s${n}`, `text ${n}`, {
          rows: BUTTON.map((row) => row.map((b) => ({ ...b, id: `${b.id}${n}` }))),
        }),
      );
      await object.show(slots);
      await object.show(slots.map((slot) => ({ ...slot, content: `${slot.content}!`, rows: [] })));
      expect(world.texts).toEqual(slots.map((slot) => `${slot.content}!`));
      expect(world.discord.refusals).toEqual([]);
      world.discord.assertClean();
    },
  );

  it('posts cards, files and what notifies, as Discord takes them', async () => {
    const object = await start();
    const alice = world.guild.addMember({ name: 'alice' });
    world.thread.addMember(alice);
    const card: CardSlot = {
      kind: 'card',
      key: 'c',
      phase: 'card',
      whenDeleted: 'again',
      accent: 1,
      content: 'card',
      rows: BUTTON,
    };
    const files = [{ name: 'input.json', source: 'r1' }];
    const asking = plain('r', 'Allow?', {
      notify: alice.id as UserId,
      files,
      rows: [[{ ...BUTTON[0][0], id: 'x' }]],
    });
    await object.show([card, asking, plain('t', '@everyone quiet')]);
    await object.show([
      { ...card, content: 'card 2' },
      { ...asking, content: 'Allowed', rows: [] },
      plain('t', '<@1> quiet'),
    ]);
    const [posted, asked] = world.thread.messages.filter((message) => !message.system);
    expect(posted).toMatchObject({ v2: true, text: 'card 2' });
    expect(asked?.notified).toEqual(['alice']);
    expect(asked?.attachments[0]?.text()).toBe('content of r1');
    expect(world.discord.notifications).toHaveLength(1);
    world.discord.assertClean();
  });

  it.each([
    ['a 429', { retryAfter: 2 }],
    ['the global limit', { retryAfter: 1, global: true }],
    ['a hang', { hang: true }],
    ['a hang after it was applied', { hang: true, afterApply: true }],
    ["Cloudflare's page", { html: true, status: 403 }],
    ['a dropped connection', { drop: true }],
    ['a dropped answer', { drop: true, afterApply: true }],
    ['a 502 after it was applied', { status: 502, afterApply: true }],
    ['two 500s', { status: 500, times: 2 }],
  ])('row 14: posts once and edits in the end after %s', async (_, fault) => {
    const object = await start();
    if ('hang' in fault) object.start(world.client(undefined, HANG_TIMEOUT_MS));
    world.discord.faults.next({ method: 'POST', path: MESSAGES }, fault);
    await object.show([plain('a', 'one'), plain('b', 'two')]);
    world.discord.faults.next({ method: 'PATCH', path: MESSAGES }, fault);
    await object.show([plain('a', 'one!'), plain('b', 'two!')]);
    expect(world.texts).toEqual(['one!', 'two!']);
    expect(world.thread.allMessages.filter((message) => message.fromBot && !message.system)).toHaveLength(2);
  });

  it('row 5: posts once after a crash between the answer and its record', async () => {
    const object = await start();
    const held = world.discord.faults.next(
      { method: 'POST', path: MESSAGES },
      { hang: true, afterApply: true },
    );
    object.slots = [plain('a', 'one')];
    object.delivery.pump();
    await held.waitHits();
    object.start();
    await object.show([plain('a', 'one, two')]);
    expect(world.texts).toEqual(['one, two']);
  });

  it('adopts its message after an outage longer than Discord knows the nonce', async () => {
    const object = await start();
    const held = world.discord.faults.next(
      { method: 'POST', path: MESSAGES },
      { hang: true, afterApply: true },
    );
    object.slots = [plain('a', 'one')];
    object.delivery.pump();
    await held.waitHits();
    await world.discord.waitFor(() => world.texts.length === 1);
    world.discord.advance(20 * 60_000);
    object.start();
    await object.show([plain('a', 'one, two'), plain('b', 'three')]);
    expect(world.texts).toEqual(['one, two', 'three']);
  });

  it('row 15: posts a deleted card again at the end and leaves deleted text', async () => {
    const object = await start();
    const card = plain('r', 'Allow?', { phase: 'card', whenDeleted: 'again' });
    await object.show([plain('t', 'text'), card, plain('u', 'after')]);
    for (const key of ['t', 'r']) world.discord.deleteMessage(object.delivery.messageOf(key) ?? '');
    await object.show([plain('t', 'text 2'), { ...card, content: 'Allowed' }, plain('u', 'after')]);
    expect(world.texts).toEqual(['after', 'Allowed']);
  });

  it('row 15: unarchives to edit, and parks where it may not', async () => {
    const object = await start();
    await object.show([plain('a', 'one')]);
    world.thread.archive();
    await object.show([plain('a', 'two')]);
    expect(world.thread.archived).toBe(false);
    world.guild.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES_IN_THREADS', 'READ_MESSAGE_HISTORY']);
    world.thread.lock();
    object.wakes = false;
    object.slots = [plain('a', 'three')];
    object.delivery.pump();
    await object.delivery.idle();
    expect(object.parked).toMatchObject([{ kind: 'locked' }]);
    expect(object.delivery.nextWakeMs()).toBeGreaterThan(world.discord.now());
    world.thread.unlock();
    world.thread.unarchive();
    world.discord.advance(61_000);
    await object.show([plain('a', 'three')]);
    expect(object.parked).toMatchObject([{ kind: 'locked' }, null]);
  });

  it('parks without permission and where the thread is gone', async () => {
    const object = await start();
    object.wakes = false;
    world.guild.setBotPermissions(['VIEW_CHANNEL']);
    object.slots = [plain('a', 'one')];
    object.delivery.pump();
    await object.delivery.idle();
    world.thread.delete();
    world.discord.advance(61_000);
    object.delivery.pump();
    await object.delivery.idle();
    expect(object.parked).toMatchObject([{ kind: 'forbidden' }, { kind: 'channelGone' }]);
  });

  it('edits many messages of more than an hour ago, slowly', async () => {
    const object = await start();
    const slots = Array.from({ length: 9 }, (_, n) => plain(`s${n}`, `text ${n}`));
    await object.show(slots);
    world.discord.advance(2 * 3_600_000);
    await object.show(slots.map((slot) => ({ ...slot, content: `${slot.content}!` })));
    expect(world.texts.every((text) => text.endsWith('!'))).toBe(true);
    expect(world.discord.refusals.length).toBeLessThan(30);
  });
});

/** Verifies what it gets and defers every command. */
async function program(publicKey: string, now: () => number): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.entries(request.headers).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    const wanted = headers.filter(([name]) => name.startsWith('x-signature'));
    const init = { method: 'POST', headers: wanted, body: Buffer.concat(chunks) };
    const verified = await verifyInteraction(new Request('http://heddle.test/', init), publicKey, now());
    const answer = !verified.ok ? null : verified.interaction.type === 1 ? pong() : deferPrivate();
    response.writeHead(verified.ok ? 200 : verified.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}/interactions`;
}
