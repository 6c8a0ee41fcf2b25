/** What Claude makes, in the thread: pictures, files that it hands over, long texts and long edits. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();

function withFile(thread: Parameters<typeof ofBot>[0], name: string) {
  return ofBot(thread).find((message) => message.attachments.some((file) => file.name === name));
}

describe('files in the thread', () => {
  it('Claude hands over a file when a person allows it', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'say: ready');
    await stage.says(thread, /^ready/);
    writeFileSync(join(stage.system.folder, 'projects', 'laptop-demo', 'report.txt'), 'all is well\n');
    await stage.command(owner, thread.id, 'ask', { prompt: 'send report.txt' });
    const card = await stage.card(thread, /\*\*Send file\*\* report\.txt/);
    expect(withFile(thread, 'report.txt')).toBeUndefined();
    await stage.press(owner, card, 'Allow');
    const shown = await stage.discord.waitFor(() => withFile(thread, 'report.txt'), {
      ...SLOW,
      what: 'the file',
    });
    expect(shown.text).toContain('Here is report.txt');
  });

  it('a picture that Claude makes is shown', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'picture');
    await stage.press(owner, await stage.card(thread, 'base64'), 'Allow');
    const shown = await stage.discord.waitFor(() => withFile(thread, 'chart.png'), {
      ...SLOW,
      what: 'the picture',
    });
    expect(shown.attachments[0]).toMatchObject({ contentType: 'image/png' });
  });

  it('a very long text shows its end, and comes whole as a file', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'endless');
    await stage.says(thread, /characters are left out here[\s\S]*That was the end of it\./);
    await stage.discord.waitFor(() => withFile(thread, 'answer.md'), { ...SLOW, what: 'the whole text' });
    expect(ofBot(thread).length).toBeLessThan(15);
  });
});

describe('edits in the thread', () => {
  it('show what they change, a long one by its head with the whole as a file', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'write hello.txt');
    await stage.press(owner, await stage.card(thread, 'hello.txt'), 'Allow');
    await stage.says(
      thread,
      /✓ Write hello\.txt \+2\n```diff\n\+Hello from the scripted model\.\n\+Second line\.\n```/,
    );
    const big = await stage.begin(owner, 'big');
    await stage.press(owner, await stage.card(big, 'big.txt'), 'Allow');
    await stage.says(big, /⋯ 19\d\d lines more/);
    // The card had the whole of it.
    await stage.says(big, /context/);
    expect(withFile(big, 'changes.diff')).toBeUndefined();
    expect(withFile(big, 'change.diff')).toBeDefined();
  });
});

describe('a to-do list in the thread', () => {
  it('is one message that changes', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'todo');
    await stage.says(thread, /📋 \*\*1 of 3 done\*\*\n-# ☑ Look around/);
    expect(ofBot(thread).filter((message) => message.text.includes('📋'))).toHaveLength(1);
  });
});

describe('the title of a thread', () => {
  const LONG = 'say: fine. This is about the login test, which fails now and then; ';

  it('is Claude’s after the first turn, also on the session card', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, `${LONG}call it “Flaky login test”`);
    await stage.discord.waitFor(() => thread.name === 'Flaky login test', { ...SLOW, what: 'the name' });
    await stage.discord.waitFor(() => stage.discord.message(thread.id)?.text.includes('Flaky login test'), {
      ...SLOW,
      what: 'the title on the card',
    });
  });

  it('stays when somebody renamed the thread by hand', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, `slow ${LONG}call it “Claude’s own”`);
    thread.record.name = 'mine';
    await stage.says(thread, /context/);
    await stage.discord.waitFor(() => stage.discord.message(thread.id)?.text.includes('Claude’s own'), {
      ...SLOW,
      what: 'the title on the card',
    });
    expect(thread.name).toBe('mine');
  });
});
