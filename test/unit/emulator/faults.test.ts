import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.close());
const creates = { method: 'POST', path: /\/messages$/ };

describe('a fault', () => {
  it('answers with a status, once, and applies nothing', async () => {
    harness.discord.faults.next(creates, { status: 503 });
    expect((await harness.post({ content: 'a' })).status).toBe(503);
    expect((await harness.post({ content: 'b' })).status).toBe(200);
    expect(harness.channel.messages.map(({ text }) => text)).toEqual(['b']);
    harness.discord.assertClean();
  });

  it('hits only what it matches, as often as it says', async () => {
    const fault = harness.discord.faults.next(creates, { status: 500, times: 2 });
    expect((await harness.call('GET', `/channels/${harness.channel.id}`)).status).toBe(200);
    expect((await harness.post({ content: 'a' })).status).toBe(500);
    expect((await harness.post({ content: 'a' })).status).toBe(500);
    expect((await harness.post({ content: 'a' })).status).toBe(200);
    expect(fault.hits).toBe(2);
  });

  it('can lose the answer of what was applied', async () => {
    harness.discord.faults.next(creates, { drop: true, afterApply: true });
    await expect(harness.post({ content: 'a' })).rejects.toThrow();
    expect(harness.channel.messages.map(({ text }) => text)).toEqual(['a']);
  });

  it('can cut the connection before anything happens', async () => {
    harness.discord.faults.next(creates, { drop: true });
    await expect(harness.post({ content: 'a' })).rejects.toThrow();
    expect(harness.channel.messages).toEqual([]);
  });

  it('can hang until it is released', async () => {
    const fault = harness.discord.faults.next(creates, { hang: true });
    const pending = harness.post({ content: 'a' });
    await fault.waitHits();
    expect(harness.channel.messages).toEqual([]);
    fault.release();
    expect((await pending).status).toBe(200);
  });

  it('can be a 429 or an HTML page of Cloudflare', async () => {
    harness.discord.faults.next(creates, { retryAfter: 1.5, global: true });
    const limited = await harness.post({ content: 'a' });
    expect(limited).toMatchObject({ status: 429, body: { retry_after: 1.5, global: true } });
    expect(limited.headers.get('x-ratelimit-global')).toBe('true');
    harness.discord.faults.next(creates, { html: true, status: 429 });
    const page = await harness.post({ content: 'a' });
    expect(page.status).toBe(429);
    expect(page.headers.get('x-ratelimit-limit')).toBeNull();
    expect(page.body).toContain('<html>');
  });
});

describe('latency', () => {
  it('passes half before a request takes effect and half after, while limits count at once', async () => {
    await harness.close();
    harness = await Harness.start({ latencyMs: 60 });
    const pending = harness.post({ content: 'a' });
    const shown = harness.channel.waitFor((channel) => channel.messages[0]);
    const order = await Promise.race([shown.then(() => 'shown first'), pending.then(() => 'answered first')]);
    expect(order).toBe('shown first');
    await pending;
    const entry = harness.discord.log.find(({ method }) => method === 'POST');
    const appearedMs = ((await shown).history[0]?.t_ms ?? 0) - (entry?.t_ms ?? 0);
    // A timer may fire a millisecond early.
    expect(appearedMs).toBeGreaterThanOrEqual(28);
    expect(entry?.tookMs).toBeGreaterThanOrEqual(58);
  });
});

describe('listening', () => {
  it('tells every change until it is ended', async () => {
    const kinds: string[] = [];
    const stop = harness.discord.on('change', ({ kind }) => kinds.push(kind));
    await harness.sent({ content: 'a' });
    await harness.call('POST', `/channels/${harness.channel.id}/typing`);
    stop();
    await harness.sent({ content: 'b' });
    expect(kinds).toEqual(['message', 'typing']);
  });
});

describe('waiting', () => {
  it('resolves on the change that fits', async () => {
    const waited = harness.channel.waitFor((channel) => channel.messages.find(({ text }) => text === 'two'), {
      what: 'two',
    });
    await harness.sent({ content: 'one' });
    const id = await harness.sent({ content: 'two' });
    expect((await waited).id).toBe(id);
  });

  it('rejects with what was there instead', async () => {
    await harness.sent({ content: 'one' });
    const waited = harness.channel.waitFor(() => false, { timeoutMs: 10, what: 'something else' });
    await expect(waited).rejects.toThrow(/something else[\s\S]*\[Heddle\]\n {2}one/);
  });
});

describe('the traffic log', () => {
  it('has a line for each request in and out, without the token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'emulator-'));
    const file = join(folder, 'traffic.jsonl');
    await harness.close();
    harness = await Harness.start({ trafficLog: file });
    await harness.sent({ content: 'hello' });
    await harness.discord.user(harness.alice).command(harness.channel.id, 'ask');
    const written = readFileSync(file, 'utf8');
    const lines = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      {
        dir: 'in',
        method: 'POST',
        path: `/api/v10/channels/${harness.channel.id}/messages`,
        status: 200,
        body: { content: 'hello' },
      },
      { dir: 'out', method: 'POST', status: 200, body: { type: 2 } },
    ]);
    expect(lines[0]?.t_ms).toEqual(expect.any(Number));
    expect(written).not.toContain(harness.discord.botToken);
    await rm(folder, { recursive: true });
  });
});

describe('what a person sees', () => {
  it('reads as text', async () => {
    const thread = await harness.thread('Fix it');
    await harness.sent(
      {
        content: `<@${harness.alice.id}> Bash: npm test`,
        components: [
          {
            type: 1,
            components: [
              { type: 2, style: 3, label: 'Allow', custom_id: 'a' },
              { type: 2, style: 4, label: 'Deny', custom_id: 'd', disabled: true },
            ],
          },
        ],
      },
      thread.id,
    );
    harness.discord.user(harness.bob).sendMessage(thread.id, 'two\nlines');
    await harness.discord.user(harness.bob).command(thread.id, 'ask');
    await harness.call('POST', `/channels/${thread.id}/typing`);
    expect(thread.show()).toBe(
      [
        '#general › Fix it',
        '* the message above began this thread',
        '[Heddle] 🔔 alice',
        `  <@${harness.alice.id}> Bash: npm test`,
        '  [Allow] [Deny (off)]',
        '[bob]',
        '  two',
        '  lines',
        '[Heddle] (only bob sees this)',
        '  ok',
        '(Heddle is typing…)',
      ].join('\n'),
    );
    expect(thread.show(harness.alice)).not.toContain('only bob');
    harness.discord.advance(10_001);
    expect(thread.typing).toBe(false);
  });
});
