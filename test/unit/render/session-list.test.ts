import { describe, expect, it } from 'vitest';
import type { Gen, ProjectName, RunnerId, ThreadId, UserId } from '../../../protocol/ids.ts';
import { parseCustomId } from '../../../worker/domain/buttons.ts';
import type { SessionState, SessionSummary } from '../../../worker/domain/contract.ts';
import {
  SESSIONS_A_PAGE,
  type SessionPage,
  sessionList,
} from '../../../worker/render/panels/session-list.ts';

const NOW_MS = 1_767_323_045_678;
const LONG = '*'.repeat(300);
const ASKER = { id: '1' as UserId, name: 'asker' };

const summary = (state: SessionState, more: Partial<SessionSummary> = {}): SessionSummary => ({
  gen: 1 as Gen,
  state,
  title: 'Fix it',
  project: 'api' as ProjectName,
  runner: 'r' as RunnerId,
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

const spent = { turns: 1e9, costUsd: 99_999.99, tokens: { in: 999e9, out: 999e9 } };
const page = (more: Partial<SessionPage> = {}): SessionPage => ({
  sessions: [],
  page: 0,
  pages: 1,
  count: 0,
  active: 0,
  tag: '',
  sums: [],
  newest: null,
  ...more,
});
const one = (state: SessionState, more: Partial<SessionSummary> = {}) => ({
  thread: '9'.repeat(20) as ThreadId,
  runner: 'laptop',
  summary: summary(state, more),
});

describe('the list of sessions', () => {
  it('says of each where, who, what it does, and what it cost', () => {
    const more = { model: 'claude-opus-4-1', mode: 'plan', doing: 'Bash npm test', context: 0.38 };
    const { text } = sessionList(
      page({
        sessions: [one({ is: 'running', sinceMs: NOW_MS }, more)],
        count: 1,
        active: 1,
        sums: [{ who: 'You', count: 3, spent: { ...spent, costUsd: 1.5, tokens: { in: 1000, out: 10 } } }],
      }),
    );
    expect(text.split('\n')).toEqual([
      `<#${'9'.repeat(20)}> Running · started <t:1767323045:R>`,
      '-# api · laptop · asker · Opus 4.1 · plan',
      '-# Bash npm test · 2 turns · $0.21 · 12k in, 950 out · 38% context',
      '-# 1 session · 1 active',
      '-# You: 3 sessions · $1.50 · 1k in, 10 out',
    ]);
  });

  it('does not say what an idle session was doing', () => {
    const { text } = sessionList(page({ sessions: [one({ is: 'idle' }, { doing: 'Bash rm' })] }));
    expect(text).not.toContain('Bash');
  });

  it.each<SessionState>([
    { is: 'idle' },
    { is: 'running', sinceMs: NOW_MS },
    { is: 'waiting', for: LONG, who: { ...ASKER, name: LONG }, message: null },
    { is: 'offline', sinceMs: NOW_MS },
    { is: 'paused', budgetUsd: 99_999.99 },
    { is: 'failed', words: LONG },
    { is: 'ended' },
  ])('fits a message, however long everything is: %o', (state) => {
    const worst = {
      ...one(state, {
        project: LONG as ProjectName,
        starter: { ...ASKER, name: LONG },
        queued: 999,
        model: LONG,
        mode: LONG,
        doing: LONG,
        context: 1,
        turns: 1e9,
        costUsd: spent.costUsd,
        tokens: spent.tokens,
      }),
      runner: LONG,
    };
    const sums = [LONG, LONG].map((who) => ({ who, count: 1e9, active: 1e9, spent }));
    const sessions = Array.from({ length: SESSIONS_A_PAGE }, () => worst);
    const { text } = sessionList(page({ sessions, page: 998, pages: 999, count: 9999, active: 9999, sums }));
    expect(text.length).toBeLessThanOrEqual(2000);
  });

  it('turns pages with buttons that keep the filter', () => {
    const ids = (at: number) =>
      sessionList(page({ page: at, pages: 3, tag: '0-12-abc' })).rows.flatMap((row) =>
        row.map((button) => ('id' in button ? parseCustomId(button.id) : null)),
      );
    expect(ids(0)).toEqual([{ verb: 'page', gen: 0, ref: 1, tag: '0-12-abc' }]);
    expect(ids(1).map((id) => id?.ref)).toEqual([0, 2]);
    expect(ids(2).map((id) => id?.ref)).toEqual([1]);
    expect(sessionList(page()).rows).toEqual([]);
  });

  it('says that no session is like that', () => {
    expect(sessionList(page()).text).toContain('No session is like that');
    expect(sessionList(page({ newest: '12' as ThreadId })).text).toContain('The newest of all is <#12>');
  });
});
