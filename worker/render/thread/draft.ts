/** The order and the extents of a thread's messages, before the texts of a turn are rendered. */
import type { TurnId } from '../../../protocol/ids.ts';
import { assertNever } from '../../../protocol/never.ts';
import type { PlainSlot } from '../../domain/slot.ts';
import {
  DEFAULT_VERBOSITY,
  type EndEntry,
  type Entry,
  type ThreadView,
  type ToolEntry,
  type Verbosity,
} from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { budgetSlot } from './budget.ts';
import { endSlot, speaksForItself } from './end.ts';
import { fileSlot } from './file.ts';
import { keyOf } from './keys.ts';
import { noteSlot } from './note.ts';
import { type Message, Pack } from './pack.ts';
import { promptSlot, queuedSlot } from './prompt.ts';
import { reminderSlot } from './reminder.ts';
import { requestSlot } from './request.ts';
import { todoSlot } from './todo.ts';
import { undoSlot } from './undo.ts';
import { sentence } from './undrawn.ts';
import { worktreeSlot } from './worktree.ts';

const NAME_MAX_CHARS = 40;

export type Draft =
  /** `aside`: it stands beside the conversation, so what is newest there is above it. */
  | { readonly is: 'slot'; readonly slot: PlainSlot; readonly aside: boolean }
  /** Text and tool lines of a turn; the footer of an `end` goes below them. */
  | { readonly is: 'message'; readonly turn: TurnId; readonly message: Message; end: EndEntry | null };

export function draftThread(view: ThreadView): Draft[] {
  const entries = mergeJoined(view.entries);
  const lines = linesOf(entries);
  const lastPrompt = entries.findLastIndex((entry) => entry.kind === 'prompt');
  const runner = runnerName(entries);
  const drafter = new Drafter();
  const answers = new Map<TurnId, string>();
  const verbosities = new Map<TurnId, Verbosity>();
  const ended = new Set(entries.flatMap((entry) => (entry.kind === 'end' ? [entry.turn] : [])));
  const place = (entry: Entry, over: boolean): void => {
    switch (entry.kind) {
      case 'queued':
        return drafter.aside(queuedSlot(entry, view.gen, runner));
      case 'prompt':
        if (entry.verbosity !== undefined) verbosities.set(entry.turn, entry.verbosity);
        return drafter.slot(promptSlot(entry));
      case 'text':
        if (entry.text.trim() === '') return;
        answers.set(entry.turn, entry.text);
        return drafter.pack(entry.turn).text(entry.live ? settledPart(entry.text) : entry.text);
      case 'tool': {
        const verbosity = verbosities.get(entry.turn) ?? DEFAULT_VERBOSITY;
        const root = lines.get(entry);
        if (root !== undefined)
          drafter.pack(entry.turn).tool(entry.parent === null ? entry : lent(entry), root, verbosity);
        else if (verbosity === 'verbose') drafter.pack(entry.turn).tool(entry, entry.tool, verbosity);
        return;
      }
      case 'todo':
        return drafter.slot(todoSlot(entry, over || ended.has(entry.turn)));
      case 'file':
        // What sums up a turn stands below its last words, and these get the footer.
        if (entry.what === 'picture' || entry.what === 'handed') return drafter.slot(fileSlot(entry));
        return drafter.aside(fileSlot(entry));
      case 'request':
        return drafter.slot(requestSlot(entry, over, runner));
      case 'budget':
        return drafter.slot(budgetSlot(entry));
      case 'reminder':
        return drafter.slot(reminderSlot(entry));
      case 'note':
        return drafter.slot(noteSlot(entry));
      case 'worktree':
        return drafter.slot(worktreeSlot(entry));
      case 'undo':
        return drafter.aside(undoSlot(entry, view.gen, over));
      case 'end':
        return drafter.end(entry, () => endSlot(entry, answers.get(entry.turn) ?? '', view.gen, over));
      default:
        return assertNever(entry);
    }
  };
  for (const [index, entry] of entries.entries()) {
    try {
      place(entry, lastPrompt > index);
    } catch (error) {
      // A call is a line of a message that says so by itself.
      if (entry.kind !== 'tool') drafter.slot(sentence(keyOf(entry), error));
    }
  }
  return drafter.drafts;
}

/** The session's runner, by the last turn that is here. */
function runnerName(entries: readonly Entry[]): string {
  const last = entries.findLast((entry) => entry.kind === 'prompt');
  return last === undefined ? 'the runner' : escapeTo(last.runner, NAME_MAX_CHARS) || 'the runner';
}

class Drafter {
  readonly drafts: Draft[] = [];
  private readonly packs = new Map<TurnId, Pack>();
  private current: Pack | null = null;

  /** A message by itself: what comes after it stands below it. */
  slot(slot: PlainSlot): void {
    this.current?.close();
    this.drafts.push({ is: 'slot', slot, aside: false });
  }

  /** It stands beside the conversation. */
  aside(slot: PlainSlot): void {
    this.drafts.push({ is: 'slot', slot, aside: true });
  }

  pack(turn: TurnId): Pack {
    const pack =
      this.packs.get(turn) ??
      new Pack((message) => this.drafts.push({ is: 'message', turn, message, end: null }));
    this.packs.set(turn, pack);
    if (this.current !== pack) this.current?.close();
    this.current = pack;
    return pack;
  }

  end(entry: EndEntry, own: () => PlainSlot): void {
    const last = this.drafts.findLast((draft) => draft.is === 'message' || !draft.aside);
    if (last?.is === 'message' && last.turn === entry.turn && last.end === null && !speaksForItself(entry)) {
      last.end = entry;
      this.current?.close();
    } else this.slot(own());
  }
}

/** A text that goes on where the one before stopped is one text with it. Queued prompts do not come between. */
function mergeJoined(entries: readonly Entry[]): Entry[] {
  const merged: Entry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'text' && entry.joined) {
      const at = merged.findLastIndex((each) => each.kind !== 'queued');
      const before = merged[at];
      if (before?.kind === 'text' && before.turn === entry.turn) {
        merged[at] = { ...before, text: before.text + entry.text, live: entry.live };
        continue;
      }
    }
    merged.push(entry);
  }
  return merged;
}

/**
 * Which calls have a line, and whose: those of the main thread their own, those of a subagent none, because the call that began it
 * counts them. Where that call is unknown, the first of them lends its line.
 */
function linesOf(entries: readonly Entry[]): Map<ToolEntry, string> {
  const tools = entries.filter((entry) => entry.kind === 'tool');
  const known = new Set(tools.map((entry) => entry.tool));
  const orphans = new Set<string>();
  const lines = new Map<ToolEntry, string>();
  for (const entry of tools) {
    if (entry.parent === null) lines.set(entry, entry.tool);
    else if (!known.has(entry.parent) && !orphans.has(entry.parent)) {
      orphans.add(entry.parent);
      lines.set(entry, entry.parent);
    }
  }
  return lines;
}

/** The line of a subagent, by a call of it. */
function lent(entry: ToolEntry): ToolEntry {
  return {
    ...entry,
    parent: null,
    name: 'Subagent',
    class: 'agent',
    summary: '',
    added: null,
    removed: null,
  };
}

/** The last characters of a growing text can be half a character, or half a fence that would show as text for a moment. */
const HALF_FENCE = /(?:^|\n)[ \t]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(?:`{1,2}|`{3,}[^`\n]*|~{2,}[^\n]*)$/;

function settledPart(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  const whole = last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
  const from = Math.max(0, whole.lastIndexOf('\n'));
  const half = HALF_FENCE.exec(whole.slice(from));
  return half === null ? whole : whole.slice(0, from + half.index);
}
