import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Event, Live } from '../../../protocol/events.ts';
import type { ClaudeEventOf } from '../../../runner/claude/line/types.ts';
import { CAPTURES, type Captured, captureNames, readCapture, replay } from './replay.ts';

describe.each(captureNames)('the capture %s', (name) => {
  const lines = readCapture(name);
  const { all, events } = replay(lines);
  const of = <K extends (typeof events)[number]['kind']>(kind: K) =>
    events.filter((event): event is ClaudeEventOf<K> => event.kind === kind);

  it('gives events and live text that the protocol takes', () => {
    for (const event of events) {
      const checked = v.safeParse(Event, { ...event, gen: 1 });
      expect(
        checked.issues?.map((issue) => issue.message),
        JSON.stringify(event),
      ).toBeUndefined();
    }
    for (const item of all) if ('live' in item) v.parse(Live, { ...item.live, gen: 1 });
  });

  it('begins and ends each turn once, in that order', () => {
    const began = of('turnBegan').map((event) => event.turn);
    const ended = of('turnEnded').map((event) => event.turn);
    expect(new Set(began).size).toBe(began.length);
    expect(new Set(ended).size).toBe(ended.length);
    expect(ended.filter((turn) => began.includes(turn))).toEqual(began);
  });

  it('puts everything of a turn between its beginning and its end', () => {
    let running: string | null = null;
    for (const event of events) {
      if (event.kind === 'turnBegan') {
        expect(running).toBeNull();
        running = event.turn;
      } else if (event.kind === 'turnEnded') running = null;
      else if (event.kind === 'text' || event.kind === 'toolBegan' || event.kind === 'toolEnded')
        expect(event.turn).toBe(running);
    }
  });

  it('numbers segments without a gap and loses no word of the main thread', () => {
    const next = new Map<string, number>();
    for (const event of of('text')) {
      expect(event.segment).toBe(next.get(event.turn) ?? 0);
      next.set(event.turn, event.segment + 1);
    }
    expect(
      of('text')
        .map((event) => event.text)
        .join(''),
    ).toBe(spoken(lines));
  });

  it('ends each tool call that began, once', () => {
    const open = new Set<string>();
    for (const event of events) {
      if (event.kind === 'toolBegan') {
        expect(open.has(event.tool)).toBe(false);
        open.add(event.tool);
      } else if (event.kind === 'toolEnded') expect(open.delete(event.tool)).toBe(true);
    }
    expect([...open]).toEqual([]);
  });

  it('opens each request once, whole before its card, and settles it at most once', () => {
    const asked = lines.filter((line) => line.dir === 'out' && line.msg?.request?.subtype === 'can_use_tool');
    expect(of('requestOpened').map((event) => event.request)).toEqual(
      asked.map((line) => line.msg.request_id),
    );
    const parts = new Map<string, string>();
    const settled = new Set<string>();
    for (const event of events) {
      if (event.kind === 'requestInput')
        parts.set(event.request, (parts.get(event.request) ?? '') + event.text);
      if (event.kind === 'requestOpened') {
        const json = parts.get(event.request) ?? '';
        expect(createHash('sha256').update(json).digest('hex')).toBe(event.inputHash);
        const line = asked.find((candidate) => candidate.msg.request_id === event.request);
        expect(JSON.parse(json)).toEqual(line?.msg.request.input);
      }
      if (event.kind === 'requestSettled') {
        expect(parts.has(event.request)).toBe(true);
        expect(settled.has(event.request)).toBe(false);
        settled.add(event.request);
      }
    }
  });

  it('streams live text that a reader can put together, each piece part of the finished text', () => {
    let shown: { key: string; text: string } = { key: '', text: '' };
    for (const item of all) {
      if ('live' in item) {
        const key = `${item.live.turn}/${item.live.segment}`;
        if (item.live.from === 0) shown = { key, text: item.live.text };
        else {
          expect(key).toBe(shown.key);
          expect(item.live.from).toBe(shown.text.length);
          shown = { key, text: shown.text + item.live.text };
        }
      } else if (item.event.kind === 'text' && shown.key === `${item.event.turn}/${item.event.segment}`) {
        expect(item.event.text.startsWith(shown.text)).toBe(true);
        shown = { key: '', text: '' };
      } else if (item.event.kind === 'turnEnded') {
        // What was never finished is taken back.
        expect(shown.text).toBe('');
      }
    }
  });

  it('never shows the internal diagnostics of the CLI', () => {
    expect(JSON.stringify(events)).not.toContain('ede_diagnostic');
  });
});

/** What Claude said in the main thread while a turn ran, straight from the capture. */
function spoken(lines: readonly Captured[]): string {
  let text = '';
  let running = false;
  for (const { dir, msg, event } of lines) {
    if (event === 'exit') break;
    if (dir !== 'out' || msg === undefined) continue;
    if (msg.type === 'system' && msg.subtype === 'init') running = true;
    if (msg.type === 'result') running = false;
    if (msg.type !== 'assistant' || msg.parent_tool_use_id || msg.error || !running) continue;
    for (const block of msg.message.content)
      if (block.type === 'text' && block.text.trim() !== '') text += block.text;
  }
  return text;
}

const GOLDEN = [
  'basic-text',
  'permissions',
  'parallel-and-subagents',
  'ask-user-question-and-plan',
  'plan-mode-approve',
  'error-400-prompt-too-long',
  'error-401-always',
  'error-529-always',
  'error-529-once',
  'error-cut-midstream',
  'error-error-event-midstream',
  'error-max-tokens',
  'queue-second-during-text',
  'queue-second-during-tool',
  'stop-interrupt-stream',
  'stop-interrupt-tool',
  'stop-interrupt-cancel-queued',
  'stop-kill9-permission',
  'ratelimit-allowed-then-warning',
  'ratelimit-oauth-401',
  'adv-u2028',
  'feat-clear',
  'feat-compact',
  'long-bash-timeout-default',
  'misc-max-budget',
  'misc-no-auth',
  'old-cli-2.1.261',
];

describe('golden events', () => {
  it.each(GOLDEN)('%s', async (name) => {
    const { events } = replay(readCapture(name));
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await expect(text).toMatchFileSnapshot(join(CAPTURES, 'golden', `${name}.jsonl`));
  });
});
