import type { ChannelId, UserId } from '../../protocol/ids.ts';

/** Names a message that a channel should show, for life: `t.<turn>.0`, `r.<ref>`. Unique within its channel. */
export type SlotKey = string;

export interface Button {
  /** 80 characters at most (Discord); keep it under 34 for a phone. */
  readonly label: string;
  readonly style: 'primary' | 'secondary' | 'success' | 'danger';
  /** See buttons.ts. */
  readonly id: string;
}

export interface LinkButton {
  readonly label: string;
  readonly url: string;
}

/** One thing that can be chosen. */
export interface MenuOption {
  /** 100 characters at most, as the other two (Discord). */
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  /** Chosen before anybody chooses. */
  readonly chosen?: boolean;
}

/** A select menu; it has its row to itself. */
export interface Menu {
  readonly id: string;
  readonly placeholder?: string;
  /** How many may be chosen; 1 and 1 when left out. */
  readonly min?: number;
  readonly max?: number;
  /** 1 to 25 (Discord). */
  readonly options: readonly MenuOption[];
}

/** Up to five buttons, or one menu. */
export type ButtonRow = readonly (Button | LinkButton | Menu)[];

/** Text that is read from the object's rows only when the message is created: a request's whole input. */
export interface SlotFile {
  /** Letters, digits, `-`, `_` and `.` only. */
  readonly name: string;
  /** Which rows; the object that owns the channel knows. */
  readonly source: string;
}

/**
 * One message that a channel should show. A slot's `kind` never changes, because Discord cannot turn a Components V2
 * message back into a plain one.
 */
export type Slot = PlainSlot | CardSlot;

interface SlotBase {
  readonly key: SlotKey;
  /**
   * How much a changed body matters when requests are scarce. `live`: its text still grows and the next edit replaces this one.
   * `card`: buttons that must go. `final`: anything else.
   */
  readonly phase: 'live' | 'card' | 'final';
  /** It should not be there any more: delete it if it was posted, never post it. */
  readonly deleted?: true;
  /**
   * What to do when someone deleted the message in Discord: `again` posts it once more at the end (an open card, the live tail),
   * `gone` leaves it (a moderator meant it).
   */
  readonly whenDeleted: 'again' | 'gone';
}

/** Content and button rows, for everything inside a thread: V2 messages push empty notifications. */
export interface PlainSlot extends SlotBase {
  readonly kind: 'plain';
  /** At most 2,000 characters; for a slot that notifies, the mention is not part of it and is put in front. */
  readonly content: string;
  readonly rows: readonly ButtonRow[];
  readonly files: readonly SlotFile[];
  /** What it says below its text when Discord did not take its files; without it, that nothing can be decided here. */
  readonly lacking?: string;
  /** Mention this member in front of the text, and let the creation notify. An edit never notifies (Discord). */
  readonly notify: UserId | null;
}

/** The session card in a parent channel: one Components V2 container. */
export interface CardSlot extends SlotBase {
  readonly kind: 'card';
  /** RGB, 0 to 0xFFFFFF. */
  readonly accent: number;
  /** Lines of Markdown, one text display. */
  readonly content: string;
  readonly rows: readonly ButtonRow[];
}

/** What a channel should show, oldest first. A posted slot that is not in it any more is left as it is. */
export interface Desired {
  readonly channel: ChannelId;
  readonly slots: readonly Slot[];
}
