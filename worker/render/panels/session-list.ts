/** What `/status` in a channel says: the sessions of the server, a page of them, and what they cost. */
import type { ThreadId } from '../../../protocol/ids.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { SessionSummary, Spent } from '../../domain/contract.ts';
import type { Button, ButtonRow } from '../../domain/slot.ts';
import { escapeTo } from '../text/escape.ts';
import { modelName, money, percent, plural, tokens } from '../text/format.ts';
import { stateLine } from './card.ts';

/** With the longest names a session takes 360 characters of Discord's 2,000, what stands below them 250. */
export const SESSIONS_A_PAGE = 4;
const NAME_MAX_CHARS = 20;
const FOR_MAX_CHARS = 40;
const DOING_MAX_CHARS = 60;

export interface ListedSession {
  readonly thread: ThreadId;
  readonly summary: SessionSummary;
  /** The runner's name. Untrusted text. */
  readonly runner: string;
}

export interface SessionPage {
  /** Those of this page, the most lately active first. */
  readonly sessions: readonly ListedSession[];
  /** Counts from 0. */
  readonly page: number;
  readonly pages: number;
  /** Of all pages. */
  readonly count: number;
  readonly active: number;
  /** Carried by the buttons, so that the next page is filtered alike. */
  readonly tag: string;
  /** In the order in which they are shown. `who`: untrusted text. */
  readonly sums: readonly {
    readonly who: string;
    readonly count: number;
    /** Of these, where it is known. */
    readonly active?: number;
    readonly spent: Spent;
  }[];
  /** Named when no session is like the filter. */
  readonly newest: ThreadId | null;
}

export interface StatusPage {
  readonly text: string;
  readonly rows: readonly ButtonRow[];
}

/** At most 2,000 characters. */
export function sessionList(list: SessionPage): StatusPage {
  const { page, pages, count, active, tag } = list;
  const where = pages === 1 ? '' : `Page ${page + 1} of ${pages} · `;
  const lines = [
    ...(list.sessions.length === 0 ? [nothing(list.newest)] : list.sessions.map(listed)),
    `-# ${where}${plural(count, 'session')} · ${active} active`,
    ...list.sums.map(sumLine),
  ];
  const turn = (label: string, to: number): Button => ({
    label,
    style: 'secondary',
    id: encodeCustomId({ verb: 'page', gen: 0, ref: to, tag }),
  });
  const row = [
    ...(page > 0 ? [turn('Newer', page - 1)] : []),
    ...(page < pages - 1 ? [turn('Older', page + 1)] : []),
  ];
  return { text: lines.join('\n'), rows: row.length === 0 ? [] : [row] };
}

/** The thread's link shows its name by itself. */
function listed({ thread, summary, runner }: ListedSession): string {
  const { model, mode, doing, context } = summary;
  const names = [
    summary.project,
    runner,
    summary.starter.name,
    model == null ? '' : modelName(model),
    mode ?? '',
  ];
  const facts = [
    ...(doing === undefined || summary.state.is !== 'running' ? [] : [escapeTo(doing, DOING_MAX_CHARS)]),
    plural(summary.turns, 'turn'),
    ...(summary.turns === 0 ? [] : [spentWords(summary)]),
    ...(context === undefined ? [] : [`${percent(context)} context`]),
  ];
  const where = names.filter((name) => name !== '').map((name) => escapeTo(name, NAME_MAX_CHARS));
  return `<#${thread}> ${shortState(summary, runner)}\n-# ${where.join(' · ')}\n-# ${facts.join(' · ')}`;
}

/** One line has to do: a failure's words are in its thread. */
function shortState(summary: SessionSummary, runner: string): string {
  const { state } = summary;
  switch (state.is) {
    case 'failed':
      return 'Failed';
    case 'waiting':
      return `Needs ${escapeTo(state.who.name, NAME_MAX_CHARS)}: ${escapeTo(state.for, FOR_MAX_CHARS)}`;
    default:
      return stateLine(summary, runner);
  }
}

function spentWords({ costUsd, tokens: used }: Pick<Spent, 'costUsd' | 'tokens'>): string {
  return `${money(costUsd)} · ${tokens(used.in)} in, ${tokens(used.out)} out`;
}

function nothing(newest: ThreadId | null): string {
  return `No session is like that.${newest === null ? '' : ` The newest of all is <#${newest}>.`}`;
}

function sumLine({ who, count, active, spent }: SessionPage['sums'][number]): string {
  const counts = `${plural(count, 'session')}${active === undefined ? '' : `, ${active} active`}`;
  return `-# ${escapeTo(who, NAME_MAX_CHARS)}: ${counts} · ${spentWords(spent)}`;
}
