/** Clicks and commands that must do nothing, through the real Worker: refused with the reason, to the one who did it alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { Member } from '../../../playground/discord/people/guild-handle.ts';
import type { InteractionOutcome } from '../../../playground/discord/people/outcome.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { useSystem } from '../stage.ts';

const use = useSystem();
let stranger: Member;
let manager: Member;

beforeAll(() => {
  const { guild } = use.stage.system;
  stranger = guild.addMember({ name: 'mallory' });
  manager = guild.addMember({ name: 'max', permissions: ['MANAGE_GUILD', 'ADMINISTRATOR'] });
});

/** A turn that waits for Allow or Deny. */
async function waiting(file: string): Promise<{ thread: Channel; card: ShownMessage }> {
  const { stage } = use;
  const thread = await stage.begin(stage.system.owner, `run: touch ${file}`);
  return { thread, card: await stage.card(thread, file) };
}

function expectRefused(outcome: InteractionOutcome, words: RegExp): void {
  expect(outcome.failed).toBeUndefined();
  expect(outcome.ephemeral, 'for the one who did it alone').toBe(true);
  expect(outcome.text).toMatch(words);
}

const done = (file: string) => existsSync(join(use.stage.system.folder, 'projects', 'laptop-demo', file));

describe('right person', () => {
  it.each(['stranger', 'manager'] as const)('a %s can press nothing and ask nothing', async (who) => {
    const { stage } = use;
    const member = who === 'stranger' ? stranger : manager;
    const file = `by-${who}.txt`;
    const { thread, card } = await waiting(file);
    const user = stage.discord.user(member);
    thread.addMember(member);
    expectRefused(await user.click(card.id, 'Allow'), /olga/);
    expectRefused(await user.click(card.id, 'Deny'), /olga/);
    for (const command of ['stop', 'end', 'new'])
      expectRefused(await user.command(thread.id, command), /olga/);
    expectRefused(await user.command(thread.id, 'ask', { prompt: 'run: touch mine.txt' }), /olga/);
    expectRefused(await user.command(stage.system.channel.id, 'new', { prompt: 'say: hi' }), /shared|olga/);
    expect(stage.discord.message(card.id)?.buttons.map((b) => b.label)).toEqual([
      'Allow',
      'Always…',
      'Deny',
      'Deny + reason',
    ]);
    await stage.press(stage.system.owner, card, 'Allow');
    await stage.says(thread, /The command/);
    expect([done(file), done('mine.txt')]).toEqual([true, false]);
  });

  it('the one with whom the runner is shared begins sessions of their own, and only those', async () => {
    const { stage } = use;
    const { owner, channel, guild } = stage.system;
    const sam = guild.addMember({ name: 'sam' });
    const shared = await stage.discord.user(owner).command(channel.id, 'runner share', { member: sam.id });
    expect(shared.failed).toBeUndefined();
    const { card } = await waiting('olgas.txt');
    expectRefused(await stage.discord.user(sam).click(card.id, 'Allow'), /olga/);
    const thread = await stage.begin(sam, 'run: touch sams.txt');
    const own = await stage.card(thread, 'sams.txt');
    expect(own.notified, 'the one who asked is told').toEqual(['sam']);
    await stage.press(sam, own, 'Allow');
    await stage.says(thread, /The command/);
    expect(done('sams.txt')).toBe(true);
    const again = await stage.command(sam, thread.id, 'ask', { prompt: 'run: touch sams-2.txt' });
    expect(again.text).toMatch(/Running|Starting|Next/);
    const second = await stage.card(thread, 'sams-2.txt');
    await stage.press(owner, second, 'Allow');
    await stage.says(thread, /olga allowed/);
  });
});

describe('right session', () => {
  it('row 17: a second click, and a click on the card of a turn that was stopped', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const { thread, card } = await waiting('second.txt');
    const allow = card.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    await stage.press(owner, card, 'Deny');
    const forge = (customId: string, messageId = card.id) =>
      stage.discord.user(owner).forge({ messageId, customId });
    expectRefused(await forge(allow), /already denied/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'run: touch third.txt' });
    const next = await stage.card(thread, 'third.txt');
    const nextAllow = next.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    await stage.command(owner, thread.id, 'stop');
    expectRefused(await forge(nextAllow, next.id), /over/);
    await stage.says(thread, /interrupted|stopped/i);
    expect([done('second.txt'), done('third.txt')]).toEqual([false, false]);
  });

  it('forged ids: another number, another gen, another input, junk, a button on the wrong message', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const { thread, card } = await waiting('forged.txt');
    const other = await waiting('other.txt');
    const id = card.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    const [version, verb, gen, ref, tag] = id.split(':');
    const forge = (customId: string, over: object = {}) =>
      stage.discord.user(owner).forge({ messageId: card.id, customId, ...over });
    expectRefused(await forge([version, verb, gen, '999', tag].join(':')), /over|not/);
    expectRefused(await forge([version, verb, '7', ref, tag].join(':')), /earlier conversation/);
    expectRefused(await forge([version, verb, gen, ref, '0'.repeat(16)].join(':')), /not what Claude asks/);
    for (const junk of [
      '',
      'allow',
      'h1:allow',
      `${id}:x`,
      'h1:allow:-1:1:aa',
      'h9:allow:1:1:aa',
      '💥'.repeat(20),
    ]) {
      expectRefused(await forge(junk === '' ? ' ' : junk), /not one that Heddle knows/);
    }
    expectRefused(
      await forge(id, { messageId: other.card.id }),
      /not what Claude asks|not on the card|another/,
    );
    expectRefused(await forge(id, { channelId: stage.system.channel.id }), /no session|another/i);
    expect([done('forged.txt'), done('other.txt')]).toEqual([false, false]);
    await stage.press(owner, card, 'Deny');
    await stage.press(owner, other.card, 'Deny');
    await stage.says(thread, /The command/);
    await stage.says(other.thread, /The command/);
  });

  it('row 17: a card of the conversation before', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const { thread, card } = await waiting('before.txt');
    const allow = card.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    const offer = await stage.command(owner, thread.id, 'new', { prompt: 'run: touch after.txt' });
    await stage.press(owner, offer, 'End it and begin anew');
    const now = await stage.card(thread, 'after.txt');
    expectRefused(
      await stage.discord.user(owner).forge({ messageId: card.id, customId: allow }),
      /earlier conversation/,
    );
    await stage.press(owner, now, 'Allow');
    await stage.says(thread, /The command/);
    expect([done('before.txt'), done('after.txt')]).toEqual([false, true]);
  });

  it('row 16: the same click delivered twice decides once, and both get an answer', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const { thread, card } = await waiting('twice.txt');
    stage.discord.faults.duplicateDelivery();
    const outcome = await stage.press(owner, card, 'Allow');
    expect(outcome.answers.map((answer) => answer.status)).toEqual([200, 200]);
    await stage.says(thread, /The command/);
    expect(stage.count(thread, /olga allowed/)).toBe(1);
  });
});

describe('right place', () => {
  it('a voice channel, a forum’s root and a direct message are refused with words', async () => {
    const { stage } = use;
    const { owner, guild } = stage.system;
    const user = stage.discord.user(owner);
    for (const type of ['voice', 'stage', 'forum'] as const) {
      const channel = guild.createChannel({ name: type, type });
      expectRefused(
        await user.command(channel.id, 'new', { prompt: 'say: hi' }, { strict: false }),
        /text channel|post/,
      );
    }
    const dm = stage.discord.createDm(owner);
    const answer = await user.command(dm.id, 'new', { prompt: 'say: hi' }, { strict: false });
    expectRefused(answer, /server/);
  });

  it('a channel where Heddle lacks permissions: they are named, and nothing is written', async () => {
    const { stage } = use;
    const { owner, guild } = stage.system;
    const channel = guild.createChannel({ name: 'locked', type: 'text' });
    channel.setBotPermissions(['VIEW_CHANNEL', 'SEND_MESSAGES']);
    const outcome = await stage.discord.user(owner).command(channel.id, 'new', { prompt: 'say: hi' });
    expectRefused(outcome, /Create Public Threads/);
    expect(channel.threads).toEqual([]);
  });

  it('in a thread that is not Heddle’s own a session begins there', async () => {
    const { stage } = use;
    const { owner, channel } = stage.system;
    const thread = channel.startThread({ name: 'my own thread', owner });
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: right here' });
    await stage.says(thread, /^right here/);
  });
});
