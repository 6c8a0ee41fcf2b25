/** The fault table, rows 14 to 17, 19 and 21: Discord is slow, fails, forgets and repeats; people click late, twice and at once. */
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import { ofBot } from '../stage.ts';
import { evict } from './platform.ts';
import { useFaults } from './use.ts';

const use = useFaults();
const inThread = (thread: Channel) => new RegExp(`^/channels/${thread.id}/messages`);
const lines = (thread: Channel) =>
  ofBot(thread)
    .filter((m) => !m.system)
    .map((m) => m.text.split('\n')[0]);

describe('row 14: Discord is slow or fails', () => {
  it.each([
    ['a 429', { retryAfter: 0.3 }],
    ['a global 429', { retryAfter: 0.3, global: true }],
    ['a 500', { status: 500 }],
    ['a 502 in HTML, twice', { status: 502, html: true, times: 2 }],
    ['a cut connection', { drop: true }],
    ['a cut connection after it was done', { drop: true, afterApply: true }],
    ['an answer that takes its time', { delayMs: 1_500 }],
  ])('row 14: %s: everything is shown once, in order', async (what, fault) => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    const create = stage.discord.faults.next({ method: 'POST', path: inThread(thread) }, fault);
    await stage.ask(thread, `row-14 ${what}`);
    await create.waitHits();
    const edit = stage.discord.faults.next({ method: 'PATCH', path: inThread(thread) }, fault);
    await stage.ask(thread, 'stream:20:60');
    await stage.finished(thread, 'wwww19');
    edit.release();
    await stage.stillWorks(thread);
    expect(lines(thread).filter((line) => /^(\*\*olga\*\*|Echo:) (hello|row-14)/.test(line ?? ''))).toEqual([
      '**olga** hello',
      'Echo: hello',
      `**olga** row-14 ${what}`,
      `Echo: row-14 ${what}`,
    ]);
  });

  it('row 14: a page of Cloudflare’s instead of Discord: it is not asked again at once, and nothing is lost', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    const block = stage.discord.faults.next(
      { method: 'POST', path: inThread(thread) },
      { status: 429, html: true, times: 1 },
    );
    await stage.ask(thread, 'row-14-blocked');
    await block.waitHits();
    const from = stage.discord.log.length;
    await stage.ask(thread, 'row-14-second');
    expect((await stage.command(stage.owner, thread.id, 'status')).text).toMatch(/demo/);
    const asked = () => stage.discord.log.slice(from).filter((e) => e.path.includes(`${thread.id}/messages`));
    expect(asked(), 'a ban lasts longer for who goes on').toEqual([]);
    // The wait of a minute is kept in memory: an object that starts anew may ask.
    await stage.crash();
    await stage.finished(thread, 'Echo: row-14-second');
    expect([stage.count(thread, 'Echo: row-14-blocked'), stage.count(thread, 'Echo: row-14-second')]).toEqual(
      [1, 1],
    );
  });

  it('row 14: a request that hangs: /stop and the answers to people do not wait for it', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hang row-14');
    await stage.says(thread, /hang row-14[\s\S]*stub-model/);
    const hang = stage.discord.faults.next({ path: inThread(thread) }, { hang: true });
    await stage.command(stage.owner, thread.id, 'stop');
    await hang.waitHits();
    expect((await stage.command(stage.owner, thread.id, 'status')).text).toMatch(/demo/);
    hang.release();
    await stage.says(thread, /stopped it/);
    await stage.stillWorks(thread);
  });
});

describe('row 15: what a server’s people and its owner change', () => {
  it('row 15: an open card that was deleted: /stop ends its turn, and nothing of it comes back', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'ask:1 row-15');
    const card = await stage.card(thread, 'echo');
    stage.discord.deleteMessage(card.id);
    // Deleted messages are noticed when they are to be changed; a word in the thread is no reason to look.
    await stage.command(stage.owner, thread.id, 'stop');
    await stage.says(thread, /stopped it/);
    expect(stage.discord.message(card.id)).toBeUndefined();
    await stage.stillWorks(thread);
  });

  it('row 15: a finished text that was deleted stays deleted', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'row-15-moderated');
    const { id } = await stage.finished(thread, 'Echo: row-15-moderated');
    stage.discord.deleteMessage(id);
    await stage.stillWorks(thread);
    await stage.crash();
    await stage.stillWorks(thread);
    expect(stage.count(thread, 'Echo: row-15-moderated')).toBe(0);
  });

  it('row 15: an archived thread is opened again for what has to be shown', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'stream:60:20 row-15-archived');
    await stage.says(thread, 'wwwww3');
    thread.archive();
    await stage.finished(thread, 'wwww59');
    await stage.buttonless(thread);
  });

  it('row 15: permissions are lost: the session card says why, and all is shown when they are back', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'wait:800 row-15-locked');
    await stage.says(thread, 'row-15-locked');
    stage.system.channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES', 'READ_MESSAGE_HISTORY']);
    await stage.discord.waitFor(
      () => /not allow|permission/i.test(stage.discord.message(thread.id)?.text ?? ''),
      {
        timeoutMs: 20_000,
        what: 'the session card to say why nothing is shown',
      },
    );
    stage.system.channel.setBotPermissions(undefined);
    // Discord does not tell when it allows it again; an object that wakes tries at once.
    await evict(stage.system.worker, 'Session', thread.id, 'close');
    await stage.ask(thread, 'row-15 again');
    await stage.finished(thread, 'Echo: row-15 again');
  });

  it('row 15: a deleted thread: the turn ends, and nothing is asked of Discord in a loop', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'ask:1 row-15-gone');
    await stage.card(thread, 'echo');
    thread.delete();
    await stage.discord.waitFor(() => stage.discord.message(thread.id) !== undefined);
    const before = stage.discord.log.length;
    const other = await stage.begin(stage.owner, 'row-15-other');
    await stage.stillWorks(other);
    const asked = stage.discord.log
      .slice(before)
      .filter((entry) => entry.path.includes(`/${thread.id}/messages`));
    expect(asked.length).toBeLessThan(5);
  });

  it('row 15: the token is revoked: everything stops, and goes on with the next deployment', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    await stage.system.worker.deploy({ DISCORD_BOT_TOKEN: 'revoked' });
    const from = stage.discord.log.length;
    await stage.ask(thread, 'row-15-token');
    const { owner } = stage;
    expect((await stage.command(owner, thread.id, 'status')).text).toMatch(/demo/);
    const refused = stage.discord.log.slice(from).filter((entry) => entry.status === 401).length;
    expect(refused, 'Discord bans who goes on asking').toBeLessThan(10);
    expect(stage.discord.takeViolations().filter((words) => !words.includes('401'))).toEqual([]);
    await stage.system.worker.deploy();
    await stage.finished(thread, 'Echo: row-15-token');
    expect(stage.count(thread, 'Echo: row-15-token')).toBe(1);
    expect(stage.discord.takeViolations().filter((words) => !words.includes('401'))).toEqual([]);
  });
});

describe('rows 16 and 17: interactions', () => {
  it('row 16: a command that Discord delivers twice is one prompt', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    stage.discord.faults.duplicateDelivery();
    await stage.ask(thread, 'row-16-twice');
    await stage.finished(thread, 'Echo: row-16-twice');
    await stage.stillWorks(thread);
    expect([stage.prompts('row-16-twice'), stage.count(thread, 'Echo: row-16-twice')]).toEqual([1, 1]);
  });

  it('row 16: the answer to a command is lost: the person sees a failure, and the prompt ran once', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    stage.discord.faults.loseAnswer();
    const outcome = await stage.discord
      .user(stage.owner)
      .command(thread.id, 'ask', { prompt: 'row-16-lost' });
    expect(outcome.failed).toBeDefined();
    await stage.finished(thread, 'Echo: row-16-lost');
    expect(stage.prompts('row-16-lost')).toBe(1);
  });

  it('row 17: Allow and Deny at the same moment: one decides, the other hears so, the CLI hears one', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'ask:1 row-17');
    const card = await stage.card(thread, 'echo');
    const outcomes = await Promise.all([
      stage.press(stage.owner, card, 'Allow'),
      stage.press(stage.owner, card, 'Deny'),
    ]);
    await stage.finished(thread, /Decided: (allow|deny)/);
    expect(outcomes.filter((outcome) => /already (allowed|denied)|is over/.test(outcome.text))).toHaveLength(
      1,
    );
    const asked = stage.stub
      .read()
      .flatMap((e) => (e.event === 'prompt' && e.text.includes('row-17') ? [e.session] : []));
    const heard = stage.stub.read().filter((e) => e.event === 'decision' && asked.includes(e.session));
    expect(heard).toHaveLength(1);
  });
});

describe('rows 19 and 21', () => {
  it('row 19: a message that Discord will never take does not hold up the others', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'hello');
    await stage.finished(thread, 'Echo: hello');
    const poison = stage.discord.faults.next(
      { method: 'POST', path: inThread(thread) },
      { status: 400, body: { code: 50035, message: 'Invalid Form Body', errors: {} }, times: 1 },
    );
    await stage.ask(thread, 'row-19');
    await poison.waitHits();
    await stage.finished(thread, 'Echo: row-19');
    await stage.stillWorks(thread);
  });

  it('row 21: /stop while a message is on its way: the stop wins, and the late answer brings nothing back', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'stream:400:20 row-21');
    await stage.says(thread, 'wwwww3');
    const held = stage.discord.faults.next({ method: 'PATCH', path: inThread(thread) }, { hang: true });
    await held.waitHits();
    await stage.command(stage.owner, thread.id, 'stop');
    held.release();
    await stage.says(thread, /stopped it/);
    await stage.stillWorks(thread);
    const texts = ofBot(thread).map((m) => m.text);
    expect(texts.filter((text) => /stopped it/.test(text))).toHaveLength(1);
    expect(texts.join('\n')).not.toContain('ww399');
    await stage.buttonless(thread);
  });
});
