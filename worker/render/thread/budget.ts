/** One quiet line: the budget is used, and what can be done. */
import { encodeCustomId } from '../../domain/buttons.ts';
import type { ButtonRow, PlainSlot } from '../../domain/slot.ts';
import type { BudgetEntry } from '../../domain/transcript.ts';
import { escapeTo } from '../text/escape.ts';
import { money } from '../text/format.ts';
import { keyOf } from './keys.ts';

const NAME_MAX_CHARS = 40;

export function budgetSlot(entry: BudgetEntry): PlainSlot {
  return {
    kind: 'plain',
    key: keyOf(entry),
    phase: entry.state.is === 'open' ? 'card' : 'final',
    whenDeleted: entry.state.is === 'open' ? 'again' : 'gone',
    // A mention stands in front of the text, where the mark of a small line would show as text.
    content: `${entry.notify == null ? '-# ' : ''}⏸ Budget of ${money(entry.limitUsd)} used${afterwards(entry)}`,
    rows: entry.state.is === 'open' ? [buttons(entry)] : [],
    files: [],
    notify: entry.notify?.id ?? null,
  };
}

function afterwards({ state, stepUsd }: BudgetEntry): string {
  switch (state.is) {
    case 'open':
      return `. Extend adds ${money(stepUsd)}.`;
    case 'raised': {
      const who = escapeTo(state.by.name, NAME_MAX_CHARS);
      return state.toUsd === null
        ? ` · ${who} took it away`
        : ` · ${who} extended it to ${money(state.toUsd)}`;
    }
    case 'over':
      return '';
  }
}

function buttons({ gen, n }: BudgetEntry): ButtonRow {
  return [
    { label: 'Extend', style: 'primary', id: encodeCustomId({ verb: 'extend', gen, ref: n, tag: '' }) },
    { label: 'End', style: 'danger', id: encodeCustomId({ verb: 'end', gen, ref: 0, tag: '' }) },
  ];
}
