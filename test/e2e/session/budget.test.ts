/** A session that has used its budget pauses; what waits is kept, and goes on when somebody says so. */
import { describe, expect, it } from 'vitest';
import { SLOW, type Stage, useSystem } from '../stage.ts';

const withButtons = (stage: Stage, thread: Parameters<Stage['says']>[0], words: string) =>
  stage.discord.waitFor(
    () =>
      thread.messages.findLast(
        (message) => message.text.includes(words) && message.buttons.some((b) => b.label === 'Extend'),
      ),
    { ...SLOW, what: `"${words}" with its buttons` },
  );

describe('a budget', () => {
  const use = useSystem();

  it('pauses after the turn, holds the next prompt, is extended by a button, and ends by the other', async () => {
    const { stage } = use;
    const { owner, channel } = stage.system;
    const thread = await stage.begin(owner, 'say: first words');
    await stage.says(thread, /^first words[\s\S]*context/);
    const status = await stage.command(owner, thread.id, 'status');
    expect(status.text).toMatch(/1 turn · 2 messages · \$0\.\d+/);

    const set = await stage.command(owner, thread.id, 'budget', { amount: 0.01 });
    expect(set.text).toContain('pauses here');
    const line = await withButtons(stage, thread, 'Budget of $0.01 used');
    const kept = await stage.command(owner, thread.id, 'ask', { prompt: 'say: second words' });
    expect(kept.text).toContain('the budget of $0.01 is used');
    expect((await stage.command(owner, thread.id, 'status')).text).toContain(
      'Paused: budget of $0.01 used · 1 queued',
    );
    await stage.discord.waitFor(() => channel.messages.some((m) => m.text.includes('Paused: budget')), {
      ...SLOW,
      what: 'the card to say so',
    });

    const stranger = stage.system.guild.addMember({ name: 'mallory' });
    const refused = await (await stage.press(stranger, line, 'Extend')).final();
    expect(refused.text).toMatch(/Nothing was done/);
    await stage.press(owner, line, 'Extend');
    await stage.says(thread, /^second words/);
    await stage.says(thread, /olga extended it to \$/);

    const again = await withButtons(stage, thread, 'used. Extend adds $0.01');
    await stage.press(owner, again, 'End');
    await stage.says(thread, /ended the session/);
    const late = stage.discord.user(owner).forge({
      messageId: again.id,
      customId: again.buttons.find((b) => b.label === 'Extend')?.customId ?? '',
    });
    expect((await late).text).toMatch(/over|ended/i);
  });

  it('of the server is what a new session begins with; /status lists and sums', async () => {
    const { stage } = use;
    const { owner, channel } = stage.system;
    expect((await stage.command(owner, channel.id, 'budget', { amount: 0.01 })).text).toContain('$0.01');
    const thread = await stage.begin(owner, 'say: within limits');
    await withButtons(stage, thread, 'Budget of $0.01 used');
    const listed = await stage.command(owner, channel.id, 'status', { state: 'paused' });
    expect(listed.text).toContain(`<#${thread.id}>`);
    expect(listed.text).toContain('1 session · 1 active');
    expect(listed.text).toMatch(/You: \d sessions · \$0\.\d+/);
    expect((await stage.command(owner, channel.id, 'budget', { amount: 0 })).text).toContain('no budget');
    await stage.command(owner, thread.id, 'budget', { amount: 100 });
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: goes on' });
    await stage.says(thread, /^goes on/);
  });
});
