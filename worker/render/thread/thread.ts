/** What a session's thread shows: a pure function of its transcript. */
import { encodeCustomId } from '../../domain/buttons.ts';
import type { ButtonRow, PlainSlot, Slot, SlotKey } from '../../domain/slot.ts';
import type { ThreadView } from '../../domain/transcript.ts';
import { MESSAGE_MAX_CHARS } from '../text/split.ts';
import { withControls } from './controls.ts';
import { type Draft, draftThread } from './draft.ts';
import { footer, footerSlot } from './end.ts';
import { messageText } from './pack.ts';
import { type Helpers, helpersByRoot } from './tools.ts';
import { sentence } from './undrawn.ts';

/** What a session's thread should show, in the order of the entries. Pure and total: any view gives messages that Discord takes. */
export function renderThread(view: ThreadView): Slot[] {
  const drafts = draftThread(view);
  const over = new Set(
    view.entries.flatMap((entry) =>
      entry.kind === 'end' || (entry.kind === 'prompt' && entry.state === 'ended') ? [entry.turn] : [],
    ),
  );
  const helpers = helpersByRoot(view.entries.filter((entry) => entry.kind === 'tool'));
  const newest = drafts.findLastIndex((draft) => draft.is === 'message' || !draft.aside);
  const slots = drafts.flatMap((draft, index) => {
    if (draft.is === 'slot') return [draft.slot];
    try {
      return messageSlots(draft, index === newest && !over.has(draft.turn), helpers);
    } catch (error) {
      return [sentence(messageKey(draft), error)];
    }
  });
  return withStop(withControls(slots, view), view);
}

type MessageDraft = Extract<Draft, { is: 'message' }>;

function messageKey({ turn, message }: MessageDraft): SlotKey {
  return `t.${turn}.m${message.number}`;
}

/** The message, and a second one for the footer in the rare case that the first has no room left. */
function messageSlots(
  draft: MessageDraft,
  growing: boolean,
  helpers: ReadonlyMap<string, Helpers>,
): PlainSlot[] {
  const said = messageText(draft.message, helpers);
  const below = draft.end === null ? '' : footer(draft.end);
  const content = [said, below].filter((text) => text !== '').join('\n');
  const fits = content.length <= MESSAGE_MAX_CHARS;
  if (said === '' && below === '') return [];
  const slot: PlainSlot = {
    kind: 'plain',
    key: messageKey(draft),
    phase: growing ? 'live' : 'final',
    whenDeleted: growing ? 'again' : 'gone',
    content: fits ? content : said,
    rows: [],
    files: [],
    notify: null,
  };
  return fits || draft.end === null ? [slot] : [slot, footerSlot(draft.end)];
}

/** Stop stands on the newest message of the conversation that is no quiet line, and nowhere else; an open card has the buttons that matter then. */
function withStop(slots: PlainSlot[], view: ThreadView): PlainSlot[] {
  if (view.stoppable === null) return slots;
  const at = slots.findLastIndex((slot) => slot.deleted !== true && !/^[qnfdu]\./.test(slot.key));
  const newest = slots[at];
  if (newest === undefined || newest.phase === 'card') return slots;
  const id = encodeCustomId({ verb: 'stop', gen: view.gen, ref: 0, tag: view.stoppable });
  const row: ButtonRow = [{ label: 'Stop', style: 'secondary', id }];
  return slots.with(at, { ...newest, rows: [...newest.rows, row] });
}
