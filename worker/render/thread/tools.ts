/** Tool calls as quiet lines: one each, or one for several reads in a row. A line's place and cost never change, only its words. */
import { assertNever } from '../../../protocol/never.ts';
import type { ToolEntry, Verbosity } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { changed, plural, timestamp } from '../text/format.ts';
import { DIFF_COST, editDiff } from './edit.ts';

/** About two lines of a phone. */
const SUMMARY_MAX_CHARS = 90;
const NAME_MAX_CHARS = 40;
/** `-# ⏳ `, ` +12345 −12345`, counts of a subagent, ` · <t:1234567890:R>`: more than all of it together. */
const LINE_EXTRA_CHARS = 110;
/** What one line counts in a message, whatever it says in the end. */
export const TOOL_LINE_COST = NAME_MAX_CHARS + SUMMARY_MAX_CHARS + LINE_EXTRA_CHARS;
/** What a subagent does now, in the line of the call that began it; and what is left there for what it is to do. */
const HELPER_MAX_CHARS = 40;
const TASK_MAX_CHARS = SUMMARY_MAX_CHARS - HELPER_MAX_CHARS - ' · '.length;

/**
 * What a call counts in its message: at `most`, which says whether it fits, and `now`. An edit's diff is known when it ends; as long as
 * something can come after it before that, it keeps the room for the largest.
 */
export function toolCost(entry: ToolEntry, verbosity: Verbosity): { most: number; now: number } {
  if (entry.class !== 'edit' || entry.parent !== null || verbosity === 'quiet')
    return { most: TOOL_LINE_COST, now: TOOL_LINE_COST };
  const most = TOOL_LINE_COST + DIFF_COST;
  return { most, now: entry.last === true ? single(entry, null).length + 1 : most };
}

/** What a subagent did so far. */
export interface Helpers {
  readonly calls: number;
  readonly failed: number;
  readonly edits: number;
  readonly added: number;
  readonly removed: number;
  /** What it does at the moment. */
  readonly now?: string;
}

/** One line's calls: a single one, or the reads, searches or to-do updates that followed each other. */
export interface ToolGroup {
  readonly entries: readonly ToolEntry[];
  readonly verbosity: Verbosity;
}

/** Whether a call joins the line of those before it instead of beginning its own. */
export function joinsGroup(group: ToolGroup, entry: ToolEntry, verbosity: Verbosity): boolean {
  const last = group.entries.at(-1);
  if (last === undefined || group.verbosity !== verbosity) return false;
  if (last.class === 'todo' || entry.class === 'todo') return last.class === entry.class;
  switch (verbosity) {
    case 'quiet':
      return true;
    case 'normal':
      return isLook(last) && isLook(entry);
    case 'verbose':
      return false;
    default:
      return assertNever(verbosity);
  }
}

function isLook(entry: ToolEntry): boolean {
  return entry.class === 'read' || entry.class === 'search' || entry.class === 'web';
}

const MARKS: Readonly<Record<ToolEntry['state'], string>> = {
  running: '⏳',
  done: '✓',
  failed: '✗',
  denied: '⊘',
  stopped: '⏹',
};

export function toolLine(group: ToolGroup, helpers: Helpers | null): string {
  const { entries } = group;
  const last = entries.at(-1);
  if (last === undefined) return '';
  if (last.class === 'todo') return single(last, null);
  if (entries.length === 1) return single(last, helpers, group.verbosity);
  return counted(entries, group.verbosity === 'quiet');
}

/** `-# ✓ Read 4 files · 2 searches`, and what is being read now. */
function counted(entries: readonly ToolEntry[], quiet: boolean): string {
  const running = entries.filter((entry) => entry.state === 'running').at(-1);
  const over = entries.filter((entry) => entry.state !== 'running');
  const good = over.filter((entry) => entry.state === 'done');
  const reads = good.filter((entry) => entry.class === 'read').length;
  const of = (...classes: ToolEntry['class'][]) => good.filter((entry) => classes.includes(entry.class));
  const searches = of('search').length;
  const pages = of('web').length;
  const edits = of('edit');
  const commands = of('command').length;
  const others = of('agent', 'other').length;
  const lines = changed(total(edits, 'added'), total(edits, 'removed'));
  const parts = [
    ...(reads > 0 ? [`Read ${plural(reads, 'file')}`] : []),
    ...(searches > 0 ? [plural(searches, 'search', 'searches')] : []),
    ...(pages > 0 ? [plural(pages, 'page')] : []),
    ...(edits.length > 0 ? [`${plural(edits.length, 'edit')} ${lines}`.trimEnd()] : []),
    ...(commands > 0 ? [plural(commands, 'command')] : []),
    ...(others > 0 ? [plural(others, 'call')] : []),
    ...counts(over),
    ...(running === undefined
      ? []
      : [quiet ? short(running) : what(running), timestamp(running.startedMs, 'R')]),
  ];
  const mark = running === undefined ? (good.length > 0 ? MARKS.done : worst(over)) : MARKS.running;
  return `-# ${mark} ${parts.join(' · ')}`;
}

function total(edits: readonly ToolEntry[], field: 'added' | 'removed'): number {
  return edits.reduce((sum, entry) => sum + (entry[field] ?? 0), 0);
}

function counts(over: readonly ToolEntry[]): string[] {
  const states = ['failed', 'denied', 'stopped'] as const;
  return states.flatMap((state) => {
    const count = over.filter((entry) => entry.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
}

function worst(over: readonly ToolEntry[]): string {
  return MARKS[over.at(-1)?.state ?? 'stopped'];
}

function single(entry: ToolEntry, helpers: Helpers | null, verbosity: Verbosity = 'normal'): string {
  const now = entry.state === 'running' ? helpers?.now : undefined;
  const parts = [what(entry, now === undefined ? SUMMARY_MAX_CHARS : TASK_MAX_CHARS)];
  const lines = changed(entry.added, entry.removed);
  if (lines !== '' && entry.state === 'done') parts[0] += ` ${lines}`;
  if (helpers !== null && helpers.calls > 0) parts.push(...didWhat(helpers));
  if (entry.state === 'running') {
    if (now !== undefined) parts.push(now);
    parts.push(timestamp(entry.startedMs, 'R'));
  }
  const under = entry.parent === null ? '' : '↳ ';
  const diff = verbosity === 'quiet' || entry.parent !== null ? '' : editDiff(entry);
  return `-# ${under}${MARKS[entry.state]} ${parts.join(' · ')}${diff}`;
}

function didWhat(helpers: Helpers): string[] {
  const edits =
    helpers.edits === 0
      ? ''
      : `, ${plural(helpers.edits, 'edit')} ${changed(helpers.added, helpers.removed)}`;
  const failed = helpers.failed === 0 ? '' : `, ${helpers.failed} failed`;
  return [`${plural(helpers.calls, 'call')}${edits.trimEnd()}${failed}`];
}

/** The call in words: what it does and to what. */
export function what(
  entry: Pick<ToolEntry, 'class' | 'name' | 'summary'>,
  maxChars: number = SUMMARY_MAX_CHARS,
): string {
  const summary = escapeTo(entry.summary, maxChars);
  const name = toolName(entry.name);
  switch (entry.class) {
    case 'command':
      return summary === '' ? name : summary;
    case 'read':
    case 'search':
    case 'edit':
    case 'web':
    case 'todo':
    case 'other':
      return summary === '' ? name : `${name} ${summary}`;
    case 'agent':
      return summary === '' ? name : `${name}: ${summary}`;
    default:
      return assertNever(entry.class);
  }
}

/** The runner's own, which no other MCP server can be called like: it is the only one of its name. */
const SEND_FILE = 'mcp__heddle__send_file';

/** `mcp__github__create_issue` is `github create_issue`. */
export function toolName(name: string): string {
  if (name === SEND_FILE) return 'Send file';
  const parts = name.startsWith('mcp__') ? name.split('__').slice(1) : [name];
  return escapeTo(parts.filter((part) => part !== '').join(' ') || 'Tool', NAME_MAX_CHARS);
}

/** The calls of subagents, counted for the call in the main thread that began them. */
export function helpersByRoot(entries: readonly ToolEntry[]): Map<string, Helpers> {
  const byId = new Map(entries.map((entry) => [entry.tool, entry]));
  const all = new Map<string, Helpers>();
  for (const entry of entries) {
    if (entry.parent === null) continue;
    const root = rootOf(entry.parent, byId);
    const so = all.get(root) ?? { calls: 0, failed: 0, edits: 0, added: 0, removed: 0 };
    const edited = entry.class === 'edit' && entry.state === 'done';
    all.set(root, {
      calls: so.calls + 1,
      failed: so.failed + (entry.state === 'failed' ? 1 : 0),
      edits: so.edits + (edited ? 1 : 0),
      added: so.added + (edited ? (entry.added ?? 0) : 0),
      removed: so.removed + (edited ? (entry.removed ?? 0) : 0),
      ...(entry.state === 'running' ? { now: short(entry) } : so.now === undefined ? {} : { now: so.now }),
    });
  }
  return all;
}

function short(entry: ToolEntry): string {
  return escapeTo(entry.summary || entry.name, HELPER_MAX_CHARS);
}

/** Deeper than any real nesting; a circle of parents ends here. */
const DEPTH_MAX = 20;

function rootOf(tool: string, byId: ReadonlyMap<string, ToolEntry>): string {
  let at = tool;
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const parent = byId.get(at)?.parent ?? null;
    if (parent === null) return at;
    at = parent;
  }
  return at;
}
