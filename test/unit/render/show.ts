/**
 * Prints slots as a thread would list them: `node test/unit/render/show.ts` shows a whole conversation. Text is Discord's Markdown
 * as it is sent; a line for each message says its key, whom it notifies, and what hangs below it.
 */
import type { Slot } from '../../../worker/domain/slot.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { conversation } from './conversation.ts';

export function show(slots: readonly Slot[]): string {
  return slots.map(showSlot).join('\n');
}

function showSlot(slot: Slot): string {
  const notify = slot.kind === 'plain' && slot.notify !== null ? ` 🔔 @${slot.notify}` : '';
  const files = slot.kind === 'plain' ? slot.files.map((file) => `📎 ${file.name} (${file.source})`) : [];
  const rows = slot.rows.map((row) =>
    row
      .map((button) =>
        'options' in button
          ? `[${labelOf(button)}: ${button.options.map((option) => option.label).join(' | ')}, ${button.id}]`
          : 'url' in button
            ? `[${button.label}](${button.url})`
            : `[${button.label}: ${button.style}, ${button.id}]`,
      )
      .join(' '),
  );
  const head = `─── ${slot.key} · ${slot.phase}, ${slot.whenDeleted}${slot.deleted ? ' · DELETED' : ''}${notify}`;
  return [head, slot.content, ...files, ...rows, ''].join('\n');
}

if (import.meta.main)
  for (const [step, view] of conversation().entries()) {
    console.log(`════════════════ step ${step}`);
    console.log(show(renderThread(view)));
  }

/** What a person reads on a button, or in a menu before anything is chosen. */
export function labelOf(button: Slot['rows'][number][number]): string {
  return 'label' in button ? button.label : (button.placeholder ?? 'menu');
}
