/** Prompts that wait: Edit, Remove, Send now, `/queue`; and Reply under the newest turn. */
import { expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();

/** The message of a prompt that waits. */
function waiting(thread: Channel, words: string): Promise<ShownMessage> {
  const { stage } = use;
  return stage.discord.waitFor(
    () => ofBot(thread).find((m) => m.text.includes(words) && m.buttons.some((b) => b.label === 'Send now')),
    { ...SLOW, what: `"${words}" to wait` },
  );
}

it('Edit changes what runs, Send now interrupts and goes first, Remove takes out', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'run: touch never.txt');
  const card = await stage.card(thread, 'touch never.txt');
  for (const prompt of ['say: one of three', 'say: two of three', 'say: three of three'])
    await stage.command(owner, thread.id, 'ask', { prompt });
  const one = await waiting(thread, 'one of three');
  expect(one.buttons.map((b) => b.label)).toEqual(['Edit', 'Remove', 'Send now']);
  const form = await stage.press(owner, one, 'Edit');
  expect(form.modal).toBeDefined();
  const saved = await stage.discord.user(owner).submit(form, { Prompt: 'say: one, but better' });
  expect(saved.text).toBe('Saved.');
  await stage.says(thread, /one, but better[\s\S]*next in line · edited/);

  const list = await stage.command(owner, thread.id, 'queue');
  expect(list.text).toMatch(/1st: .*one, but better[\s\S]*3rd: .*three of three/);
  await stage.press(owner, await waiting(thread, 'two of three'), 'Remove');
  await stage.says(thread, /two of three[\s\S]*Cancelled/);
  await stage.press(owner, await waiting(thread, 'three of three'), 'Send now');
  await stage.says(thread, /^three of three/);
  await stage.says(thread, /^one, but better/);
  const texts = ofBot(thread).map((m) => m.text);
  expect(texts.findIndex((t) => t.startsWith('three of three'))).toBeLessThan(
    texts.findIndex((t) => t.startsWith('one, but better')),
  );
  expect(stage.count(thread, /^two of three/)).toBe(0);
  await stage.discord.waitFor(() => stage.discord.message(card.id)?.buttons.length === 0, {
    ...SLOW,
    what: 'the card of the interrupted turn to be closed',
  });

  const late = await stage.discord.user(owner).submit(form, { Prompt: 'say: too late for one' });
  expect(late.text).toMatch(/kept in the thread and is not run/);
  const kept = await waiting(thread, 'too late for one');
  expect(kept.text).toMatch(/⏸ Not run/);
  await stage.press(owner, kept, 'Send now');
  await stage.says(thread, /^too late for one/);
});

it('Reply is under the newest turn only, and its text is the next prompt; on the card as well', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: reply to me');
  const withReply = () => ofBot(thread).filter((m) => m.buttons.some((b) => b.label === 'Reply'));
  const first = await stage.discord.waitFor(() => withReply()[0], { ...SLOW, what: 'Reply' });
  expect(first.text).toContain('reply to me');
  const form = await stage.press(owner, first, 'Reply');
  const sent = await stage.discord.user(owner).submit(form, { Prompt: 'say: replied' });
  expect(sent.failed).toBeUndefined();
  await stage.says(thread, /^replied/);
  await stage.discord.waitFor(() => withReply().length === 1 && withReply()[0]?.text.startsWith('replied'), {
    ...SLOW,
    what: 'Reply to move',
  });
  const card = await stage.discord.waitFor(
    () => {
      const message = stage.discord.message(thread.id);
      return message?.buttons.some((b) => b.label === 'Reply') && message;
    },
    { ...SLOW, what: 'Reply on the card' },
  );
  const onCard = await stage.press(owner, card, 'Reply');
  await stage.discord.user(owner).submit(onCard, { Prompt: 'say: from the channel' });
  await stage.says(thread, /^from the channel/);
});

it('tells Claude who says what when a second person asks', async () => {
  const { stage } = use;
  const { owner, channel } = stage.system;
  const sam = stage.system.guild.addMember({ name: 'sam' });
  await stage.command(owner, channel.id, 'runner share', { runner: 'laptop', member: sam.id });
  const thread = await stage.begin(sam, 'say: mine');
  await stage.says(thread, /^mine/);
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: yours' });
  await stage.says(thread, /^yours/);
  expect(JSON.stringify(stage.system.model.requests.at(-1))).toContain('[@olga] say: yours');
});
