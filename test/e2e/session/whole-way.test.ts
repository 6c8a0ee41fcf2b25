import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();

describe('from a slash command to Claude and back', () => {
  it('/new makes the card, the thread and the first turn, and the private answer links the thread', async () => {
    const { stage } = use;
    const { channel, owner } = stage.system;
    const answer = await stage.command(owner, channel.id, 'new', { prompt: 'say: The loom is threaded.' });
    const thread = await stage.discord.waitFor(() => channel.threads[0], { what: 'the thread' });
    expect(answer.text).toContain(`<#${thread.id}>`);
    expect(answer.onlyFor).toBe('olga');
    await stage.says(thread, /^The loom is threaded\./);
    expect(thread.record.thread?.autoArchiveMinutes ?? thread.record).toBeTruthy();
    const card = channel.messages.find((message) => message.id === (thread.id as string));
    expect(card?.v2, 'the session card is Components V2').toBe(true);
    await stage.discord.waitFor(() => /Done/.test(stage.discord.message(thread.id)?.text ?? ''), {
      what: 'the card to say Done',
    });
    expect(
      ofBot(thread).filter((m) => m.text.includes('The loom is threaded.') && !m.text.includes('say:')),
    ).toHaveLength(1);
  });

  it('/ask in the thread is the next turn of the same conversation', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'say: first answer');
    await stage.says(thread, /^first answer[\s\S]*context/);
    const answer = await stage.command(stage.system.owner, thread.id, 'ask', {
      prompt: 'say: second answer',
    });
    expect(answer.text).toMatch(/Running|Starting/);
    await stage.says(thread, /^second answer/);
    const seen = stage.system.model.requests.at(-1);
    expect(JSON.stringify(seen), 'the model sees the turn before').toContain('first answer');
  });

  it('/ask in a channel begins a session', async () => {
    const { stage } = use;
    const { channel, owner } = stage.system;
    const before = channel.threads.length;
    await stage.command(owner, channel.id, 'ask', { prompt: 'say: from a channel' });
    const thread = await stage.discord.waitFor(
      () => channel.threads.length > before && channel.threads.at(-1),
      { what: 'a thread' },
    );
    await stage.says(thread, /^from a channel/);
  });

  it('queues what is asked while a turn runs, shows its place, and runs it in order', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch queue.txt');
    const card = await stage.card(thread, 'touch queue.txt');
    const second = await stage.command(owner, thread.id, 'ask', { prompt: 'say: queued one' });
    const third = await stage.command(owner, thread.id, 'ask', { prompt: 'say: queued two' });
    expect(second.text).toMatch(/next/i);
    expect(third.text).toMatch(/2nd/);
    await stage.says(thread, /⏳.*2nd/);
    await stage.press(owner, card, 'Allow');
    await stage.says(thread, /^queued two/);
    await stage.discord.waitFor(() => ofBot(thread).every((m) => !m.text.includes('⏳')), {
      what: 'nothing to be shown as waiting any more',
    });
    const texts = ofBot(thread).map((m) => m.text);
    expect(texts.findIndex((t) => t.startsWith('queued one'))).toBeLessThan(
      texts.findIndex((t) => t.startsWith('queued two')),
    );
  });
});

describe('permissions', () => {
  it('shows what Claude wants, and Allow reaches the process that asked', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch allowed.txt');
    const card = await stage.card(thread, 'touch allowed.txt');
    expect(card.notified).toEqual(['olga']);
    expect(card.buttons.map((b) => b.label)).toEqual(['Allow', 'Always…', 'Deny', 'Deny + reason']);
    const outcome = await stage.press(owner, card, 'Allow');
    expect(outcome.ackMs).toBeLessThan(3000);
    await stage.says(thread, /olga allowed/);
    await stage.discord
      .waitFor(() => existsSync(join(demo(), 'allowed.txt')), { what: 'the file' })
      .catch(() => {});
    await stage.says(thread, /The command/);
    expect(existsSync(join(demo(), 'allowed.txt'))).toBe(true);
    expect(stage.discord.message(card.id)?.buttons.map((b) => b.label)).not.toContain('Allow');
  });

  it('Deny keeps it from happening, and Claude goes on', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch denied.txt');
    const card = await stage.card(thread, 'touch denied.txt');
    await stage.press(owner, card, 'Deny');
    await stage.says(thread, /olga denied/);
    await stage.says(thread, /The command/);
    expect(existsSync(join(demo(), 'denied.txt'))).toBe(false);
  });

  it('two sessions whose requests cross are decided in the other order', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const [one, two] = [
      await stage.begin(owner, 'run: touch cross-1.txt'),
      await stage.begin(owner, 'run: touch cross-2.txt'),
    ];
    const first = await stage.card(one, 'cross-1.txt');
    const second = await stage.card(two, 'cross-2.txt');
    await stage.press(owner, second, 'Allow');
    await stage.says(two, /The command/);
    expect([existsSync(join(demo(), 'cross-1.txt')), existsSync(join(demo(), 'cross-2.txt'))]).toEqual([
      false,
      true,
    ]);
    await stage.press(owner, first, 'Deny');
    await stage.says(one, /The command/);
    expect(existsSync(join(demo(), 'cross-1.txt'))).toBe(false);
  });

  it('several open at once in one session are answered in any order', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'parallel');
    const hosts = await stage.card(thread, '/etc/hosts');
    const passwd = await stage.card(thread, '/etc/passwd');
    await stage.press(owner, passwd, 'Deny');
    await stage.press(owner, hosts, 'Allow');
    await stage.says(thread, /The first read .*the second/);
  });

  it('requests of subagents say so, and are answered each for itself', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'agents');
    const one = await stage.card(thread, 'subagent-one.txt');
    const two = await stage.card(thread, 'subagent-two.txt');
    await stage.press(owner, two, 'Allow');
    await stage.press(owner, one, 'Deny');
    await stage.says(thread, /Both are back/);
    expect([
      existsSync(join(demo(), 'subagent-one.txt')),
      existsSync(join(demo(), 'subagent-two.txt')),
    ]).toEqual([false, true]);
  });

  it('a long input is attached whole', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const tail = 'the very end of it';
    const thread = await stage.begin(owner, `run: echo "${'0123456789'.repeat(400)} ${tail}" > long.txt`);
    const card = await stage.card(thread, 'echo');
    expect(card.text.length).toBeLessThanOrEqual(2000);
    expect(card.attachments).toHaveLength(1);
    expect(card.attachments[0]?.text()).toContain(tail);
    await stage.press(owner, card, 'Allow');
    await stage.says(thread, /The command/);
    expect(readFileSync(join(demo(), 'long.txt'), 'utf8')).toContain(tail);
  });
});

describe('stop, status, end', () => {
  it('/stop interrupts the turn, voids its card, cancels and lists the queue, and the session goes on', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch stopped.txt');
    const card = await stage.card(thread, 'touch stopped.txt');
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: never asked' });
    const answer = await stage.command(owner, thread.id, 'stop');
    expect(answer.text).toContain('never asked');
    await stage.says(thread, /interrupted|stopped/i);
    await stage.discord.waitFor(
      () => stage.discord.message(card.id)?.buttons.every((b) => b.label !== 'Allow'),
      {
        what: 'the card to lose its buttons',
      },
    );
    expect(existsSync(join(demo(), 'stopped.txt'))).toBe(false);
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: it goes on' });
    await stage.says(thread, /^it goes on/);
    expect(stage.count(thread, /^never asked/)).toBe(0);
  });

  it('/stop in the middle of a stream keeps what was said', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'stream 400x8@25');
    await stage.discord.waitFor(() => ofBot(thread).some((m) => m.history.length > 1 && m.text.length > 60), {
      what: 'text that grows',
    });
    await stage.command(owner, thread.id, 'stop');
    await stage.says(thread, /interrupted|stopped/i);
  });

  it('/status shows the session in its thread and the sessions in a channel', async () => {
    const { stage } = use;
    const { owner, channel } = stage.system;
    const thread = await stage.begin(owner, 'say: status me');
    await stage.says(thread, /^status me/);
    const inThread = await stage.command(owner, thread.id, 'status');
    expect(inThread.text).toMatch(/demo/);
    expect(inThread.text).toMatch(/laptop/);
    expect(inThread.text).toMatch(/\$/);
    const inChannel = await stage.command(owner, channel.id, 'status');
    expect(inChannel.text).toContain(thread.id);
  });

  it('/end ends it and archives the thread; /ask there goes on with it, /new begins another', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'say: to be ended');
    await stage.says(thread, /^to be ended/);
    expect((await stage.command(owner, thread.id, 'end')).text).toMatch(/Ended.*archived/);
    await stage.discord.waitFor(() => thread.archived, { ...SLOW, what: 'the thread to be archived' });
    await stage.says(thread, /ended the session/);
    // Discord: no command works in an archived thread until somebody writes there.
    stage.discord.user(owner).sendMessage(thread.id, 'wait, one more thing');
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: it goes on' });
    await stage.says(thread, /^it goes on[\s\S]*context/);
    expect(JSON.stringify(stage.system.model.requests.at(-1)), 'Claude knows it all').toContain(
      'to be ended',
    );
    expect(thread.archived).toBe(false);
    await stage.command(owner, thread.id, 'new', { prompt: 'say: a new one' });
    await stage.says(thread, /^a new one/);
    const seen = JSON.stringify(stage.system.model.requests.at(-1));
    expect(seen, 'nothing of the old conversation').not.toContain('to be ended');
  });

  it('Resume on the session card opens the thread again and goes on', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'say: the blue door');
    await stage.says(thread, /^the blue door/);
    await stage.command(owner, thread.id, 'end');
    await stage.discord.waitFor(() => thread.archived, { ...SLOW, what: 'the thread to be archived' });
    const card = await stage.discord.waitFor(
      () => {
        const message = stage.discord.message(thread.id);
        return message?.buttons.some((button) => button.label === 'Resume') && message;
      },
      { what: 'Resume on the card' },
    );
    await stage.press(owner, card, 'Resume');
    await stage.says(thread, /olga resumed the session/);
    expect(thread.archived).toBe(false);
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: and through it' });
    await stage.says(thread, /^and through it/);
    expect(JSON.stringify(stage.system.model.requests.at(-1))).toContain('the blue door');
  });

  it('/end all ends them all; /resume offers them by name and goes on in the thread', async () => {
    const { stage } = use;
    const { owner, channel } = stage.system;
    const thread = await stage.begin(owner, 'say: the green gate');
    await stage.says(thread, /^the green gate[\s\S]*context/);
    const user = stage.discord.user(owner);
    const ended = await user.command(channel.id, 'end', { all: true });
    expect((await ended.final()).text).toContain(`<#${thread.id}>`);
    await stage.discord.waitFor(() => thread.archived, { ...SLOW, what: 'the thread to be archived' });
    const typed = await user.autocomplete(channel.id, 'resume', 'session', { session: 'green' });
    expect(typed.choices).toEqual([
      { name: expect.stringContaining('the green gate · demo'), value: thread.id },
    ]);
    const answer = await stage.command(owner, channel.id, 'resume', { session: thread.id });
    expect(answer.text).toContain(`<#${thread.id}>`);
    await stage.says(thread, /olga resumed/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'say: and out again' });
    await stage.says(thread, /^and out again/);
    expect(JSON.stringify(stage.system.model.requests.at(-1))).toContain('the green gate');
    const status = await stage.command(owner, thread.id, 'status');
    expect(status.text).toMatch(/`claude --resume [0-9a-f-]{36}`/);
  });

  it('/new in a thread whose turn runs asks first, then ends the old and begins the new', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch renewed.txt');
    const old = await stage.card(thread, 'touch renewed.txt');
    const offer = await stage.command(owner, thread.id, 'new', { prompt: 'say: anew' });
    expect(offer.buttons.map((b) => b.label)).toEqual(['End it and begin anew']);
    await stage.press(owner, offer, 'End it and begin anew');
    await stage.says(thread, /^anew/);
    await stage.discord.waitFor(() => stage.discord.message(old.id)?.buttons.length === 0, {
      what: 'the old card to lose its buttons',
    });
    expect(existsSync(join(demo(), 'renewed.txt'))).toBe(false);
  });
});

function demo(): string {
  return join(use.stage.system.folder, 'projects', 'laptop-demo');
}
