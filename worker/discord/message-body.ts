/**
 * Slot -> the JSON of Discord's message. Pure. What is over one of Discord's limits is cut, not refused, and `notes` says so:
 * a message that is short of a button is better than a thread that stands still.
 */
import type {
  APIActionRowComponent,
  APIComponentInMessageActionRow,
  APIMessageTopLevelComponent,
  RESTPatchAPIChannelMessageJSONBody,
  RESTPostAPIChannelMessageJSONBody,
} from 'discord-api-types/v10';
import type { Button, ButtonRow, LinkButton, Menu, MenuOption, Slot, SlotFile } from '../domain/slot.ts';

/** Discord: Message content. Counted in UTF-16 units, which is never less than Discord's count. */
export const CONTENT_MAX = 2000;
/** Discord: text over all text displays of one message. */
const CARD_CONTENT_MAX = 4000;
/** Observed: with more than 10,170 bytes of text Discord answers 500, for ever. */
const CARD_CONTENT_MAX_BYTES = 10_000;
const ROWS_MAX = 5;
const BUTTONS_MAX = 5;
const LABEL_MAX = 80;
/** Discord: options of a select menu, and each of their three texts. */
const OPTIONS_MAX = 25;
const OPTION_TEXT_MAX = 100;
const PLACEHOLDER_MAX = 150;
const CUSTOM_ID_MAX = 100;
const URL_MAX = 512;
/** Discord: files of one message. */
export const FILES_MAX = 10;
const CUT = '…';

const FLAG = { suppressEmbeds: 4, suppressNotifications: 4096, componentsV2: 32768 } as const;
const COMPONENT = { row: 1, button: 2, menu: 3, text: 10, container: 17 } as const;
const STYLE = { primary: 1, secondary: 2, success: 3, danger: 4, link: 5 } as const;

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

export interface Built<Body> {
  readonly body: Body;
  readonly notes: readonly string[];
}

/** The content within Discord's limit; never empty, because Discord refuses an empty message (50006). */
export function cutText(text: string, max: number = CONTENT_MAX): string {
  if (text.trim() === '') return CUT;
  if (text.length <= max) return text;
  const end = max - CUT.length;
  // Half a surrogate pair is not text.
  const last = text.charCodeAt(end - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + CUT;
}

function cutBytes(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  // A character that the cut halves becomes U+FFFD.
  return new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\uFFFD+$/, '') + CUT;
}

/** Rows of buttons or menus within Discord's limits. */
export function toRows(rows: readonly ButtonRow[]): { readonly rows: Row[]; readonly notes: string[] } {
  const notes: string[] = [];
  const ids = new Set<string>();
  const built: Row[] = [];
  for (const row of rows) {
    if (row.length === 0) continue;
    const buttons = row
      .map((button) => toButton(button, ids, notes))
      .filter((button) => button !== null)
      .slice(0, BUTTONS_MAX);
    if (row.length > BUTTONS_MAX) notes.push(`${row.length - BUTTONS_MAX} buttons too many in a row`);
    if (buttons.length > 0) built.push({ type: COMPONENT.row, components: buttons });
  }
  if (built.length > ROWS_MAX) notes.push(`${built.length - ROWS_MAX} rows too many`);
  return { rows: built.slice(0, ROWS_MAX), notes };
}

/** The options of a select menu, of a message or a form. */
export function toOptions(options: readonly MenuOption[]) {
  return distinct(options)
    .slice(0, OPTIONS_MAX)
    .map(({ label, value, description, chosen }) => ({
      label: cutText(label, OPTION_TEXT_MAX),
      value: value.slice(0, OPTION_TEXT_MAX),
      ...(description === undefined || description === ''
        ? {}
        : { description: cutText(description, OPTION_TEXT_MAX) }),
      ...(chosen === true ? { default: true } : {}),
    }));
}

/** Discord: no two options of a menu have the same value. */
function distinct(options: readonly MenuOption[]): readonly MenuOption[] {
  return options.filter(({ value }, n) => options.findIndex((other) => other.value === value) === n);
}

function toMenu(menu: Menu, notes: string[]): APIComponentInMessageActionRow | null {
  const options = toOptions(menu.options);
  if (menu.options.length > OPTIONS_MAX) notes.push(`${menu.options.length - OPTIONS_MAX} options too many`);
  if (options.length === 0) {
    notes.push('a menu without options was left out');
    return null;
  }
  return {
    type: COMPONENT.menu,
    custom_id: menu.id,
    options,
    min_values: Math.min(menu.min ?? 1, options.length),
    max_values: Math.min(menu.max ?? 1, options.length),
    ...(menu.placeholder === undefined ? {} : { placeholder: cutText(menu.placeholder, PLACEHOLDER_MAX) }),
  };
}

function toButton(
  button: Button | LinkButton | Menu,
  ids: Set<string>,
  notes: string[],
): APIComponentInMessageActionRow | null {
  if ('options' in button) return usableId(button.id, ids, notes) ? toMenu(button, notes) : null;
  const label = cutText(button.label, LABEL_MAX);
  if (label !== button.label) notes.push('a label was cut');
  if ('url' in button) {
    if (button.url.length <= URL_MAX && /^https?:\/\//.test(button.url))
      return { type: COMPONENT.button, style: STYLE.link, label, url: button.url };
    notes.push('a link button without a usable address was left out');
    return null;
  }
  if (!usableId(button.id, ids, notes)) return null;
  return { type: COMPONENT.button, style: STYLE[button.style], label, custom_id: button.id };
}

/** Discord: 1 to 100 characters, unique within a message. */
function usableId(id: string, ids: Set<string>, notes: string[]): boolean {
  const usable = id !== '' && id.length <= CUSTOM_ID_MAX && !ids.has(id);
  if (usable) ids.add(id);
  else notes.push('a button with a duplicate or unusable id was left out');
  return usable;
}

/** What an edit sends, and what is compared to know whether one is needed. `bare`: without buttons, see `PostedRow`. */
export function editBody(slot: Slot, bare = false): Built<RESTPatchAPIChannelMessageJSONBody> {
  const { content, components, notes } = shown(slot, bare);
  // Discord parses an edit's mentions anew with the defaults unless told not to.
  const body = { components, allowed_mentions: { parse: [] } };
  if (slot.kind === 'card')
    return { body: { ...body, flags: FLAG.suppressEmbeds | FLAG.componentsV2 }, notes };
  return { body: { ...body, content, flags: FLAG.suppressEmbeds }, notes };
}

/** What a create sends. `nonce`: 25 characters at most; Discord gives the earlier message for one that it knows. */
export function createBody(
  slot: Slot,
  nonce: string,
  bare = false,
): Built<RESTPostAPIChannelMessageJSONBody> & { readonly files: readonly SlotFile[] } {
  const { content, components, notes } = shown(slot, bare);
  const body = { components, nonce, enforce_nonce: true, allowed_mentions: { parse: [] } };
  const quiet = FLAG.suppressEmbeds | FLAG.suppressNotifications;
  if (slot.kind === 'card') return { body: { ...body, flags: quiet | FLAG.componentsV2 }, notes, files: [] };
  const files = bare ? [] : slot.files.slice(0, FILES_MAX);
  if (!bare && slot.files.length > FILES_MAX) notes.push(`${slot.files.length - FILES_MAX} files too many`);
  const attached =
    files.length === 0
      ? {}
      : { attachments: files.map((file, n) => ({ id: String(n), filename: file.name })) };
  const told =
    slot.notify === null
      ? { flags: quiet }
      : { flags: FLAG.suppressEmbeds, allowed_mentions: { parse: [], users: [slot.notify] } };
  return { body: { ...body, content, ...attached, ...told }, notes, files };
}

interface Shown {
  readonly content: string;
  readonly components: APIMessageTopLevelComponent[];
  readonly notes: string[];
}

function shown(slot: Slot, bare: boolean): Shown {
  const { rows, notes } = toRows(bare ? [] : slot.rows);
  if (slot.kind === 'card') {
    const text = cutBytes(cutText(slot.content, CARD_CONTENT_MAX), CARD_CONTENT_MAX_BYTES);
    if (text !== slot.content) notes.push('a card was cut');
    const accent = Math.min(0xffffff, Math.max(0, Math.trunc(slot.accent) || 0));
    const components: APIMessageTopLevelComponent[] = [
      {
        type: COMPONENT.container,
        accent_color: accent,
        components: [{ type: COMPONENT.text, content: text }, ...rows],
      },
    ];
    return { content: '', components, notes };
  }
  const whole = slot.notify === null ? slot.content : `<@${slot.notify}> ${slot.content}`;
  const content = cutText(whole + (bare ? `\n${slot.lacking ?? BARE_NOTE}` : ''));
  if (whole.length > CONTENT_MAX) notes.push(`content of ${whole.length} characters was cut`);
  return { content, components: rows, notes };
}

/** Without the file nobody can read the whole of what they would allow, so nothing can be allowed here. */
const BARE_NOTE = '-# The attached file cannot be shown, so this cannot be decided here. `/stop` ends it.';
