/** Requests that nobody answers, machines that are taken away, places that are not a text channel, many sessions at once. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ofBot, useSystem } from '../stage.ts';

describe('a request that nobody answers', () => {
  const use = useSystem({ durations: { requestWaitMs: 2_500 } });

  it('pauses the turn instead of denying; Continue goes on, and the old card does nothing', async () => {
    const { stage } = use;
    const { owner, folder } = stage.system;
    const thread = await stage.begin(owner, 'run: touch expired.txt');
    const card = await stage.card(thread, 'expired.txt');
    const allow = card.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    await stage.discord.waitFor(
      () => stage.discord.message(card.id)?.buttons.some((b) => b.label === 'Continue'),
      {
        timeoutMs: 20_000,
        what: 'the card to expire',
      },
    );
    const late = await stage.discord.user(owner).forge({ messageId: card.id, customId: allow });
    expect(late.text).toMatch(/expired/);
    await stage.says(thread, /paused/i);
    const expired = stage.discord.message(card.id);
    if (expired === undefined) throw new Error('the card is gone');
    await stage.press(owner, expired, 'Continue');
    await stage.discord.waitFor(
      () => ofBot(thread).filter((m) => m.text.startsWith('**olga**')).length === 2,
      {
        what: 'a turn that goes on',
      },
    );
    expect(existsSync(join(folder, 'projects', 'laptop-demo', 'expired.txt'))).toBe(false);
  });
});

describe('two keys, two places', () => {
  const use = useSystem();

  it('Claude’s tools see none of Heddle’s secrets, and Discord none of Claude’s', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: env > env.txt');
    await stage.press(owner, await stage.card(thread, 'env.txt'), 'Allow');
    await stage.says(thread, /The command/);
    const seen = readFileSync(join(stage.system.folder, 'projects', 'laptop-demo', 'env.txt'), 'utf8');
    expect(seen).toContain('PATH=');
    for (const secret of ['HEDDLE', 'DISCORD', stage.discord.botToken, stage.discord.publicKey]) {
      expect(seen, 'in Claude’s environment').not.toContain(secret);
    }
    const sent = JSON.stringify(stage.discord.log.map((entry) => entry.body));
    expect(sent, 'Claude’s key at Discord').not.toContain('sk-ant-');
    expect(stage.system.runners[0]?.output ?? '', 'in the runner’s log').not.toContain(
      stage.discord.botToken,
    );
  });

  it('a removed runner is signed out at once: its sessions end, and nobody begins or asks on it', async () => {
    const { stage } = use;
    const { owner, channel, runners } = stage.system;
    const thread = await stage.begin(owner, 'run: touch removed.txt');
    const card = await stage.card(thread, 'removed.txt');
    expect((await stage.command(owner, channel.id, 'runner list')).text).toMatch(/laptop/);
    const removed = await stage.command(owner, channel.id, 'runner remove', { runner: 'laptop' });
    expect(removed.text).toMatch(/removed|gone|signed out/i);
    await stage.says(thread, /runner was removed/);
    await stage.discord.waitFor(
      () => stage.discord.message(card.id)?.buttons.every((b) => b.label !== 'Allow'),
      {
        what: 'the card to close',
      },
    );
    await runners[0]?.said(/removed/i);
    const again = await stage.discord.user(owner).command(channel.id, 'new', { prompt: 'say: hi' });
    expect(again.text).toMatch(/runner pair/);
    expect(existsSync(join(stage.system.folder, 'projects', 'laptop-demo', 'removed.txt'))).toBe(false);
  });
});

describe('places and many sessions', () => {
  const use = useSystem();

  it('an announcement channel gets an announcement thread, a forum post keeps its card inside', async () => {
    const { stage } = use;
    const { owner, guild } = stage.system;
    const news = guild.createChannel({ name: 'news', type: 'announcement' });
    await stage.command(owner, news.id, 'new', { prompt: 'say: fit to print' });
    const thread = await stage.discord.waitFor(() => news.threads[0], {
      what: 'a thread in the announcement channel',
    });
    expect(thread.type).toBe(10);
    await stage.says(thread, /^fit to print/);

    const forum = guild.createChannel({ name: 'questions', type: 'forum' });
    const post = forum.startThread({ name: 'a post', owner });
    await stage.command(owner, post.id, 'ask', { prompt: 'say: in the post' });
    await stage.says(post, /^in the post/);
  });

  it('one session that hangs delays no other', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const hanging = await stage.begin(owner, 'run: touch hang.txt');
    await stage.card(hanging, 'hang.txt');
    const slow = await stage.begin(owner, 'stream 400x8@50');
    const quick = [await stage.begin(owner, 'say: quick one'), await stage.begin(owner, 'say: quick two')];
    await Promise.all([
      stage.says(quick[0] ?? hanging, /^quick one/),
      stage.says(quick[1] ?? hanging, /^quick two/),
    ]);
    expect(
      ofBot(slow).some((m) => m.text.includes('context')),
      'the slow one still runs',
    ).toBe(false);
    await stage.command(owner, slow.id, 'stop');
    await stage.command(owner, hanging.id, 'stop');
    await stage.says(hanging, /stopped|interrupted/i);
  });
});
