import { describe, expect, it } from 'vitest';
import type { ProjectName, RunnerId } from '../../../protocol/ids.ts';
import { parseCustomId } from '../../../worker/domain/buttons.ts';
import type { SessionState, SessionSummary } from '../../../worker/domain/contract.ts';
import {
  renderFailedCard,
  renderSessionCard,
  renderStartingCard,
} from '../../../worker/render/panels/card.ts';
import { sessionStatus } from '../../../worker/render/panels/status.ts';
import { ASKER, GEN, NOW_MS } from './entries.ts';
import { labelOf } from './show.ts';

const summary = (state: SessionState, more: Partial<SessionSummary> = {}): SessionSummary => ({
  gen: GEN,
  state,
  title: 'Fix flaky login test',
  project: 'api' as ProjectName,
  runner: 'r1' as RunnerId,
  starter: ASKER,
  startedMs: NOW_MS,
  activeMs: NOW_MS,
  turns: 2,
  queued: 0,
  costUsd: 0.21,
  tokens: { in: 12_345, out: 950 },
  work: false,
  ...more,
});
const URL = 'https://discord.com/channels/1/2';
const card = (state: SessionState, more: Partial<SessionSummary> = {}) =>
  renderSessionCard(summary(state, more), {
    key: 'card',
    runner: 'laptop',
    threadUrl: URL,
    requestUrl: `${URL}/3`,
  });
const STATES: readonly SessionState[] = [
  { is: 'idle' },
  { is: 'running', sinceMs: NOW_MS },
  { is: 'waiting', for: 'Bash', who: ASKER, message: null },
  { is: 'offline', sinceMs: NOW_MS },
  { is: 'paused', budgetUsd: 99_999.99 },
  { is: 'failed', words: 'x'.repeat(1000) },
  { is: 'ended' },
];

describe('the session card', () => {
  it('says state, place and people', () => {
    expect(card({ is: 'running', sinceMs: NOW_MS }).content).toBe(
      '🔵 **Fix flaky login test**\napi · laptop · asker\nRunning · started <t:1767323045:R>',
    );
    expect(card({ is: 'waiting', for: 'Bash', who: ASKER, message: null }).content).toMatch(
      /^🟠 .*\n.*\nNeeds asker: Bash$/,
    );
    expect(card({ is: 'idle' }).content).toMatch(/^🟢 .*\n.*\nDone <t:1767323045:R>$/);
    expect(card({ is: 'idle' }, { files: 3 }).content).toMatch(/\nDone <t:1767323045:R> · 3 files$/);
    expect(card({ is: 'offline', sinceMs: NOW_MS }, { queued: 2 }).content).toMatch(
      /^🔴 .*\n.*\nlaptop offline since <t:1767323045:t> · 2 queued$/,
    );
    expect(card({ is: 'ended' }).content).toMatch(/^⚪ /);
  });

  it('has the button that its state needs', () => {
    const labels = (state: SessionState, queued = 0): string[] =>
      card(state, { queued }).rows.flat().map(labelOf);
    expect(STATES.map((state) => labels(state))).toEqual([
      ['Reply', 'Open'],
      ['Stop', 'Open'],
      ['Review'],
      ['Open'],
      ['Open'],
      ['Open'],
      ['Open'],
    ]);
    expect(labels({ is: 'offline', sinceMs: null }, 1)).toEqual(['Cancel queued', 'Open']);
    const resumable = card({ is: 'ended' }, { resumable: true }).rows.flat();
    expect(resumable.map(labelOf)).toEqual(['Resume', 'Open']);
    for (const state of STATES)
      for (const button of card(state, { queued: 1 }).rows.flat())
        if ('id' in button) expect(parseCustomId(button.id)).not.toBeNull();
  });

  it('shows names as data', () => {
    const slot = card(
      { is: 'idle' },
      { title: '**x** @everyone\n-# y', starter: { ...ASKER, name: '<@1>' } },
    );
    expect(slot.content).toBe(
      '🟢 **\\*\\*x\\*\\* @\u200beveryone -# y**\napi · laptop · \\<@1\\>\nDone <t:1767323045:R>',
    );
  });

  it('says how the start goes', () => {
    const facts = { key: 'card', title: '', project: 'api', runner: 'laptop', starter: 'asker' };
    expect(renderStartingCard(facts).content).toBe('⏳ **New session**\napi · laptop · asker\nStarting …');
    expect(renderFailedCard(facts, 'I may not make threads here').content).toContain(
      'Not started: I may not make threads here',
    );
  });
});

describe('/status', () => {
  const details = {
    runner: 'laptop',
    model: 'claude-opus-4-1',
    mode: 'plan',
    desired: [],
    workspace: null,
    worktree: null,
    terminal: null,
    context: 0.4,
    queue: [],
    requests: [],
  };

  it('says everything about one session', () => {
    const text = sessionStatus(summary({ is: 'running', sinceMs: NOW_MS }, { queued: 1 }), {
      ...details,
      queue: [{ author: 'asker', text: 'then the notes' }],
      requests: [{ ref: 3, name: 'Bash', summary: 'npm test', url: `${URL}/3` }],
    });
    expect(text).toBe(
      '**Fix flaky login test**\nRunning · started <t:1767323045:R> · 1 queued\napi · laptop · Opus 4.1 · plan · asker\n' +
        `2 turns · $0.21 · 12k tokens in, 950 tokens out · 40% context · began <t:1767323045:R>\n🔐 Bash npm test · ${URL}/3\n⏳ 1st: **asker** then the notes`.replace(
          ' tokens out',
          ' out',
        ),
    );
  });

  it('fits a message, however much there is', () => {
    const long = '*'.repeat(300);
    const queue = Array.from({ length: 50 }, () => ({ author: long, text: long }));
    const requests = Array.from({ length: 50 }, (_, ref) => ({
      ref,
      name: long,
      summary: long,
      url: `${URL}/${'9'.repeat(20)}`,
    }));
    for (const state of STATES) {
      const text = sessionStatus(
        summary(state, {
          title: long,
          project: long as ProjectName,
          starter: { ...ASKER, name: long },
          models: Array.from({ length: 30 }, () => ({
            model: long,
            costUsd: 99_999.99,
            in: 1e12,
            out: 1e12,
          })),
          budgetUsd: 0.01,
          doing: long,
          messages: 1e9,
        }),
        {
          ...details,
          runner: long,
          model: long,
          mode: long,
          queue,
          requests,
        },
      );
      expect(text.length).toBeLessThanOrEqual(2000);
      expect(text).toContain('46 more requests');
    }
  });

  it('says what each model cost, what the budget is, and what is done now', () => {
    const models = [
      { model: 'claude-haiku-4-5', costUsd: 0.01, in: 100, out: 10 },
      { model: 'claude-opus-4-1', costUsd: 0.2, in: 12_245, out: 940 },
    ];
    const more = { models, budgetUsd: 5, messages: 7, doing: 'Bash npm test' };
    const lines = sessionStatus(summary({ is: 'running', sinceMs: NOW_MS }, more), details).split('\n');
    expect(lines).toContain('-# ⏳ Bash npm test');
    expect(lines.indexOf('-# Opus 4.1: $0.20 · 12k in, 940 out')).toBe(
      lines.indexOf('-# Haiku 4.5: $0.01 · 100 in, 10 out') - 1,
    );
    expect(lines).toContain('Budget $5.00, 4% used · `/budget` changes it');
    expect(lines.join()).toContain('2 turns · 7 messages');
  });
});
