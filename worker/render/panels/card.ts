/** The session card in a parent channel: what runs there, at a glance. It changes with the state only; its clocks are Discord's. */
import { assertNever } from '../../../protocol/never.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { SessionSummary } from '../../domain/contract.ts';
import type { ButtonRow, CardSlot, PlainSlot, SlotKey } from '../../domain/slot.ts';
import { escapeTo } from '../text/escape.ts';
import { money, plural, timestamp } from '../text/format.ts';

const TITLE_MAX_CHARS = 80;
const NAME_MAX_CHARS = 40;
const WORDS_MAX_CHARS = 200;
const WHY_MAX_CHARS = 1000;

const ACCENT = { blue: 0x5865f2, orange: 0xf0a020, green: 0x3ba55d, red: 0xed4245, grey: 0x95a5a6 } as const;

/** What a session card shows or links and the summary does not hold. */
export interface CardNames {
  readonly key: SlotKey;
  /** The runner's name. Untrusted text. */
  readonly runner: string;
  /** Discord's link to the thread; null: not there yet. */
  readonly threadUrl: string | null;
  /** Discord's link to the message of the open request. */
  readonly requestUrl: string | null;
}

/** What is known of a session that is still being made. Untrusted texts. */
export interface StartingFacts {
  readonly key: SlotKey;
  readonly title: string;
  readonly project: string;
  readonly runner: string;
  readonly starter: string;
}

export function renderSessionCard(summary: SessionSummary, names: CardNames): CardSlot {
  const { starter, project, title } = summary;
  const [mark, accent] = looks(summary);
  const facts = { key: names.key, title, project, runner: names.runner, starter: starter.name };
  return card(facts, mark, accent, stateLine(summary, names.runner), [buttons(summary, names)]);
}

export function renderStartingCard(facts: StartingFacts): CardSlot {
  return card(facts, '⏳', ACCENT.blue, 'Starting …', []);
}

/** `why`: our own words, untrusted parts escaped. */
export function renderFailedCard(facts: StartingFacts, why: string): CardSlot {
  return card(facts, '🔴', ACCENT.red, `Not started: ${why.slice(0, WHY_MAX_CHARS)}`, []);
}

function card(
  facts: StartingFacts,
  mark: string,
  accent: number,
  state: string,
  rows: readonly ButtonRow[],
): CardSlot {
  return {
    kind: 'card',
    key: facts.key,
    phase: 'final',
    whenDeleted: 'gone',
    accent,
    content: lines(facts, mark, state),
    rows: rows.filter((row) => row.length > 0),
  };
}

function lines(facts: Omit<StartingFacts, 'key'>, mark: string, state: string): string {
  const names = [facts.project, facts.runner, facts.starter].filter((name) => name !== '');
  const title = escapeTo(facts.title, TITLE_MAX_CHARS) || 'New session';
  return `${mark} **${title}**\n${names.map((name) => escapeTo(name, NAME_MAX_CHARS)).join(' · ')}\n${state}`;
}

export const THREAD_CARD_KEY: SlotKey = 's';

/**
 * The session card of a thread that Heddle did not make: a plain message, because a V2 message in a thread pushes an empty notification,
 * and without buttons, because those of a thread are on its newest message.
 */
export function renderThreadCard(summary: SessionSummary, runner: string): PlainSlot {
  const { starter, project, title } = summary;
  const [mark] = looks(summary);
  return {
    kind: 'plain',
    key: THREAD_CARD_KEY,
    phase: 'final',
    whenDeleted: 'gone',
    content: lines({ title, project, runner, starter: starter.name }, mark, stateLine(summary, runner)),
    rows: [],
    files: [],
    notify: null,
  };
}

function looks({ state }: SessionSummary): readonly [mark: string, accent: number] {
  switch (state.is) {
    case 'running':
      return ['🔵', ACCENT.blue];
    case 'waiting':
    case 'paused':
      return ['🟠', ACCENT.orange];
    case 'idle':
      return ['🟢', ACCENT.green];
    case 'offline':
    case 'failed':
      return ['🔴', ACCENT.red];
    case 'ended':
      return ['⚪', ACCENT.grey];
    default:
      return assertNever(state);
  }
}

/** A session's state in one line. `runner`: its name, untrusted. */
export function stateLine(summary: SessionSummary, runner: string): string {
  const { state } = summary;
  const queued = summary.queued === 0 ? '' : ` · ${summary.queued} queued`;
  switch (state.is) {
    case 'running':
      return `Running · started ${timestamp(state.sinceMs, 'R')}${queued}`;
    case 'waiting':
      return `Needs ${escapeTo(state.who.name, NAME_MAX_CHARS)}: ${escapeTo(state.for, TITLE_MAX_CHARS)}${queued}`;
    case 'idle':
      return `${summary.turns === 0 ? 'Ready' : 'Done'} ${timestamp(summary.activeMs, 'R')}${files(summary)}${queued}`;
    case 'offline': {
      const since = state.sinceMs === null ? '' : ` since ${timestamp(state.sinceMs, 't')}`;
      return `${escapeTo(runner, NAME_MAX_CHARS)} offline${since}${queued}`;
    }
    case 'paused':
      return `Paused: budget of ${money(state.budgetUsd)} used${queued}`;
    case 'failed':
      return `Failed: ${escapeTo(state.words, WORDS_MAX_CHARS)}${queued}`;
    case 'ended':
      return `Ended ${timestamp(summary.activeMs, 'R')}`;
    default:
      return assertNever(state);
  }
}

function files({ files: count = 0 }: SessionSummary): string {
  return count === 0 ? '' : ` · ${plural(count, 'file')}`;
}

function buttons({ gen, state, queued, resumable }: SessionSummary, names: CardNames): ButtonRow {
  const open: ButtonRow = names.threadUrl === null ? [] : [{ label: 'Open', url: names.threadUrl }];
  switch (state.is) {
    case 'running':
      return [
        { label: 'Stop', style: 'secondary', id: encodeCustomId({ verb: 'stop', gen, ref: 0, tag: '' }) },
        ...open,
      ];
    case 'waiting': {
      const url = names.requestUrl ?? names.threadUrl;
      return url === null ? [] : [{ label: 'Review', url }];
    }
    case 'idle': {
      const id = encodeCustomId({ verb: 'reply', gen, ref: 0, tag: '' });
      return [{ label: 'Reply', style: 'secondary', id }, ...open];
    }
    case 'paused':
    case 'offline':
    case 'failed': {
      const id = encodeCustomId({ verb: 'cancelqueue', gen, ref: 0, tag: '' });
      return queued > 0 ? [{ label: 'Cancel queued', style: 'secondary', id }, ...open] : open;
    }
    case 'ended': {
      if (resumable !== true) return open;
      const id = encodeCustomId({ verb: 'resume', gen, ref: 0, tag: '' });
      return [{ label: 'Resume', style: 'secondary', id }, ...open];
    }
    default:
      return assertNever(state);
  }
}
