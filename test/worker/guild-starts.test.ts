import { abortAllDurableObjects } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from '../../worker/index.ts';
import { discord } from './fake-discord.ts';
import { ADA, BOB, useGuild, world } from './guild-world.ts';
import { CHANNEL, command, type Given, newId } from './interaction.ts';

useGuild();

const CREATE = 'POST /channels/:id/messages';
const THREAD = 'POST /channels/:id/messages/:id/threads';
const MEMBER = 'PUT /channels/:id/thread-members/:id';
const ORIGINAL = 'PATCH /webhooks/:id/:token/messages/@original';

async function ready(): Promise<void> {
  await world.connect(await world.runner(), ['api', 'web']);
  discord.calls.length = 0;
}
const asking = (text: string, given: Given = {}) =>
  command('ask', [{ name: 'prompt', type: 3, value: text }], { guild: world.guild, ...given });
const ask = (text: string, given: Given = {}) => world.send(asking(text, given));
const steps = async () => (await world.rows('SELECT step FROM starts')).map((row) => row.step);
const over = () =>
  world.until(async () => (await steps()).every((step) => step === 'done' || step === 'failed'));
/** The one message in the channel. */
function card() {
  expect([...discord.messages.values()]).toHaveLength(1);
  const [message] = discord.messages.values();
  if (message === undefined) throw new Error('no card');
  return message;
}

describe('a session in a channel', () => {
  test('card, thread, Session, asker; the answer links the thread', async () => {
    await ready();
    const reply = await ask('fix the flaky login test');
    await over();
    const { id, body, nonce } = card();
    expect(reply).toMatchObject({ type: 4, text: `Starting → <#${id}>` });
    expect(nonce.length).toBeLessThanOrEqual(25);
    expect(Number(body.flags) & 32768).toBe(32768);
    expect(JSON.stringify(body)).toContain('fix the flaky login test');
    expect(discord.threads.get(id)).toEqual({
      name: 'fix the flaky login test',
      auto_archive_duration: 1440,
    });
    expect(world.opened).toEqual([
      expect.objectContaining({
        thread: id,
        parent: CHANNEL,
        card: 'parent',
        madeThread: true,
        text: 'fix the flaky login test',
        project: 'api',
        origin: 'https://heddle.example',
        starter: { id: ADA, name: 'ada', roles: [], permissions: '0' },
        runner: expect.objectContaining({ name: 'laptop', presence: { online: true, rev: 1 } }),
      }),
    ]);
    expect(discord.members).toEqual([`${id}/${ADA}`]);
    // The prompt is the Session's now.
    expect(JSON.stringify(await world.rows('SELECT body FROM starts'))).not.toContain('flaky');
  });

  test('/new without a prompt, with a project', async () => {
    await ready();
    await world.command('new', [{ name: 'project', type: 3, value: 'web' }]);
    await over();
    expect(world.opened).toEqual([expect.objectContaining({ text: null, project: 'web' })]);
    expect(discord.threads.get(card().id)?.name).toBe('New session in web');
  });

  test('the project that was used last is the default of the next', async () => {
    await ready();
    await world.command('new', [{ name: 'project', type: 3, value: 'web' }]);
    await ask('and now?');
    await over();
    expect(world.opened.map((open) => open.project)).toEqual(['web', 'web']);
  });

  test('a second delivery of the interaction begins nothing more, and hears the same', async () => {
    await ready();
    const payload = asking('once');
    const [first, second] = await Promise.all([world.send(payload), world.send(payload)]);
    const third = await world.send(payload);
    await over();
    expect([second.text, third.text]).toEqual([first.text, first.text]);
    expect(discord.count(CREATE)).toBe(1);
    expect(discord.count(THREAD)).toBe(1);
    expect(new Set(world.opened.map((open) => open.id)).size).toBe(1);
  });

  test.each<[string, string, () => Promise<void>]>([
    ['no runner', '/runner pair', async () => {}],
    [
      "someone else's runner",
      'yours or shared',
      async () => void (await world.connect(await world.runner({ user: BOB, name: 'bob' }))),
    ],
    ['a runner that never connected', 'has not connected', async () => void (await world.runner())],
  ])('%s: refused with what to do, and nothing is posted', async (_name, words, given) => {
    await given();
    const reply = await ask('hi');
    expect(reply.flags & 64).toBe(64);
    expect(reply.text).toContain(words);
    expect(discord.count(CREATE)).toBe(0);
    expect(world.opened).toEqual([]);
  });

  test('an unknown project lists those there are, escaped', async () => {
    await world.connect(await world.runner(), ['api', '@everyone']);
    const reply = await world.command('new', [{ name: 'project', type: 3, value: 'nope **x**' }]);
    expect(reply.text).toContain('api');
    expect(reply.text).not.toMatch(/@everyone|\*\*x\*\*/);
  });

  test('a runner that is offline is chosen when it alone has the project', async () => {
    const socket = await world.connect(await world.runner());
    socket.ws.close(1000, 'bye');
    await world.until(
      async () => (await world.rows("SELECT 1 FROM timers WHERE key LIKE 'presence:%'")).length > 0,
    );
    await world.alarm();
    const { text } = await ask('later');
    expect(text).toMatch(/<#\d+>\n\*\*laptop\*\* went offline <t:-?\d+:R>[\s\S]*kept/);
    await over();
    expect(world.opened[0]?.runner.presence).toEqual({ online: false, sinceMs: expect.any(Number), rev: 2 });
  });
});

describe('Discord fails', () => {
  beforeEach(ready);

  test.each([CREATE, THREAD, MEMBER])('%s 500: tried again by the alarm, posted once', async (route) => {
    discord.fail(route, 500);
    await ask('go on');
    for (let n = 0; n < 3 && !(await steps()).includes('done'); n++) await world.alarm();
    await over();
    expect(await steps()).toEqual(['done']);
    expect(discord.threads.size).toBe(1);
    expect(card().id).toBe(world.opened[0]?.thread);
    expect(discord.members).toEqual([`${card().id}/${ADA}`]);
  });

  test('no permission for the card: the asker hears it, and nothing is posted later', async () => {
    discord.fail(CREATE, 403, { code: 50013, message: 'Missing Permissions' });
    const reply = await ask('x');
    expect(reply.text).toContain('could not be posted');
    expect(await steps()).toEqual(['failed']);
    await world.alarm();
    expect(discord.messages.size).toBe(0);
    expect(world.opened).toEqual([]);
  });

  test('the permission was given meanwhile: the next one begins', async () => {
    discord.fail(CREATE, 403, { code: 50013, message: 'Missing Permissions' });
    await ask('x');
    expect((await ask('y')).text).toContain('Starting →');
    await over();
    expect(discord.text(card().id)).toContain('y');
  });

  test('no permission for the thread: the card and the asker say why', async () => {
    discord.fail(THREAD, 403, { code: 50013, message: 'Missing Permissions' });
    const reply = await ask('x');
    expect(reply.text).toContain('Missing Permissions');
    await vi.waitFor(() => expect(JSON.stringify(card().body)).toContain('Missing Permissions'));
    expect(world.opened).toEqual([]);
  });

  test('the guild has too many threads: said in words', async () => {
    discord.fail(THREAD, 400, { code: 160006, message: 'Maximum number of active threads reached' });
    expect((await ask('x')).text).toContain('Maximum number of active threads');
  });

  test('the thread is there already: that is as good as made', async () => {
    discord.fail(THREAD, 400, { code: 160004, message: 'exists' });
    await ask('x');
    await over();
    expect(world.opened).toHaveLength(1);
  });

  test('the asker cannot be added: the session stands all the same', async () => {
    discord.fail(MEMBER, 403, { code: 50013, message: 'Missing Permissions' });
    await ask('x');
    await over();
    expect(await steps()).toEqual(['done']);
  });

  test('the Session says no: the card and the asker say why', async () => {
    world.open = () => ({ ok: false, why: 'a *session* is here' });
    await ask('x', { token: 'told' });
    await over();
    await vi.waitFor(() => expect(JSON.stringify(card().body)).toContain('is here'));
    expect(discord.originals.get('told')?.content).toContain('is here');
    expect(discord.originals.get('told')?.content).not.toContain('*session*');
  });

  test('the asker could not be told at once: tried again', async () => {
    world.open = () => ({ ok: false, why: 'no' });
    discord.fail(ORIGINAL, 500);
    await ask('x', { token: 'told' });
    await world.until(async () => (await steps()).includes('tell'));
    await world.until(async () => discord.count(ORIGINAL) === 1);
    await world.alarm();
    await over();
    expect(discord.originals.has('told')).toBe(true);
  });

  test('the Session cannot be reached: opened when it can, once for Discord', async () => {
    let broken = true;
    world.open = () => {
      if (broken) throw new Error('gone');
      return { ok: true, gen: 1 as never };
    };
    await ask('x');
    await world.until(async () => (await world.rows('SELECT 1 FROM starts WHERE attempt > 0')).length > 0);
    broken = false;
    await world.alarm();
    await over();
    expect(await steps()).toEqual(['done']);
    expect(discord.count(CREATE)).toBe(1);
  });

  test('it does not get better: given up with words, and the card that never came stays away', async () => {
    discord.fail(CREATE, 500, {}, 50);
    await ask('x', { token: 'told' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 });
    for (let n = 0; n < 5 && !(await steps()).includes('failed'); n++) await world.alarm();
    expect(await steps()).toEqual(['failed']);
    expect(discord.originals.get('told')?.content).toContain('Try again later');
    expect(discord.messages.size).toBe(0);
  });

  test('row 18: the object dies on the way: the alarm goes on from the row', async () => {
    discord.fail(THREAD, 500);
    await ask('x');
    await abortAllDurableObjects();
    await world.alarm();
    await over();
    expect(discord.count(CREATE)).toBe(1);
    expect(world.opened).toHaveLength(1);
  });
});

describe('a session in a thread', () => {
  const inThread = (thread: string, given: Given = {}) => ({
    channel: thread,
    channelType: 11,
    parent: CHANNEL,
    ...given,
  });
  beforeEach(ready);

  test('begins there, without a card in the channel', async () => {
    const thread = newId();
    const reply = await ask('here', inThread(thread));
    expect(world.acted).toHaveLength(1);
    expect(reply.text).toContain('this thread');
    expect(world.opened).toEqual([
      expect.objectContaining({ thread, parent: CHANNEL, card: 'thread', madeThread: false, text: 'here' }),
    ]);
    expect(discord.calls).toEqual([]);
  });

  test('row 16: after 15 minutes the token is dead: that it did not begin is said in the thread, once', async () => {
    world.open = () => {
      throw new Error('unreachable');
    };
    const thread = newId();
    const route = 'PATCH /webhooks/:id/:token/messages/@original';
    discord.fail(route, 401, { code: 50027, message: 'Invalid Webhook Token' }, 50);
    await ask('x', inThread(thread, { token: 'dead' }));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 });
    for (let n = 0; n < 5 && !(await steps()).includes('failed'); n++) await world.alarm();
    expect(await steps()).toEqual(['failed']);
    const told = [...discord.messages.values()];
    expect(told).toMatchObject([
      { channel: thread, body: { content: expect.stringMatching(/^\*\*ada\*\* .*Try again later/) } },
    ]);
    await world.alarm();
    expect(discord.messages.size).toBe(1);
  });

  test('row 16: where the channel has the card, the card says it, and nothing more is posted', async () => {
    discord.fail('POST /channels/:id/messages/:id/threads', 500, {}, 50);
    discord.fail('PATCH /webhooks/:id/:token/messages/@original', 401, { code: 50027 }, 50);
    await ask('x', { token: 'dead' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 });
    for (let n = 0; n < 5 && !(await steps()).includes('failed'); n++) await world.alarm();
    expect(await steps()).toEqual(['failed']);
    expect(discord.messages.size).toBe(1);
    expect(discord.text(card().id)).toContain('Try again later');
  });

  test('the next conversation of a thread that Heddle made keeps its card and its project', async () => {
    await world.command('new', [{ name: 'project', type: 3, value: 'web' }]);
    await over();
    const thread = card().id;
    await world.report(thread, 1, { project: 'web' as never });
    await world.command('new', [{ name: 'project', type: 3, value: 'api' }]);
    await over();
    await ask('again', inThread(thread));
    await over();
    expect(world.opened.at(-1)).toMatchObject({ thread, card: 'parent', madeThread: true, project: 'web' });
  });

  test('a private thread that Heddle is not in: "add me"', async () => {
    const thread = newId();
    discord.hidden.add(thread);
    const reply = await ask('x', inThread(thread, { channelType: 12 }));
    expect(reply.text).toContain('Add me to this thread');
    expect(world.opened).toEqual([]);
  });

  test('a private thread that Heddle is in', async () => {
    const thread = newId();
    await ask('x', inThread(thread, { channelType: 12 }));
    expect(world.opened).toEqual([expect.objectContaining({ thread, card: 'thread' })]);
  });

  test('the Session answers for itself; /stop, /status and /end go to it', async () => {
    const thread = newId();
    for (const name of ['stop', 'status', 'end']) {
      expect((await world.command(name, [], inThread(thread))).text).toBe('the session answers');
    }
    expect(world.acted.map(({ thread: at, act }) => [at, act.act.do])).toEqual([
      [thread, 'stop'],
      [thread, 'status'],
      [thread, 'end'],
    ]);
  });

  test('"yes, begin anew": the next conversation begins, and the answer replaces the question', async () => {
    const thread = newId();
    vi.spyOn(Session.prototype, 'act').mockResolvedValue({
      kind: 'start',
      text: 'anew',
      project: 'web' as never,
      after: 1 as never,
    });
    const reply = await world.press('h1:renew:1:0:5', inThread(thread));
    expect(reply).toMatchObject({ type: 7, text: 'Starting in this thread.', ids: [] });
    expect(world.opened).toEqual([
      expect.objectContaining({ thread, text: 'anew', project: 'web', after: 1 }),
    ]);
    const inChannel = await world.press('h1:renew:1:0:5');
    expect(inChannel.type).toBe(4);
    expect(world.opened).toHaveLength(1);
  });

  test('a button in a thread goes to that thread, a button on a card to the card’s', async () => {
    await world.send({
      ...command('x', [], { guild: world.guild, ...inThread('600000000000000001') }),
      type: 3,
      data: { custom_id: 'h1:allow:1:1:ab', component_type: 2 },
      message: { id: '600000000000000002' },
    });
    await world.send({
      ...command('x', [], { guild: world.guild }),
      type: 3,
      data: { custom_id: 'h1:stop:1:0:t', component_type: 2 },
      message: { id: '600000000000000003' },
    });
    expect(world.acted.map(({ thread, act }) => [thread, act.place.channel])).toEqual([
      ['600000000000000001', '600000000000000001'],
      ['600000000000000003', CHANNEL],
    ]);
  });
});
