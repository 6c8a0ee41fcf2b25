/**
 * What the page and its server say to each other, over one WebSocket. The server sends what one member sees, then only
 * what changed of it; the page sends what that member does. The page imports the types of this file and none of its values.
 */
import * as v from 'valibot';

const id = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
/** Discord: a custom_id has 100 characters at most. */
const customId = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
/** Discord: `name`, `name sub` or `name group sub`, 32 characters each. */
const commandName = v.pipe(v.string(), v.minLength(1), v.maxLength(98));
const optionName = v.pipe(v.string(), v.minLength(1), v.maxLength(32));
/** Discord: a string option has 6,000 characters at most. */
const optionValue = v.union([
  v.pipe(v.string(), v.maxLength(6000)),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
]);
/** Discord: 25 options a command. */
const options = v.pipe(v.record(optionName, optionValue), v.maxEntries(25));
/** Discord: a text input has 4,000 characters at most; 25 options can be chosen. */
const fieldValue = v.union([
  v.pipe(v.string(), v.maxLength(4000)),
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(25)),
]);

export const Action = v.variant('type', [
  v.strictObject({ type: v.literal('command'), channel: id, name: commandName, options }),
  v.strictObject({
    type: v.literal('autocomplete'),
    channel: id,
    name: commandName,
    focused: optionName,
    options,
  }),
  v.strictObject({ type: v.literal('menu'), message: id, name: commandName }),
  v.strictObject({ type: v.literal('click'), message: id, customId }),
  v.strictObject({
    type: v.literal('select'),
    message: id,
    customId,
    values: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(25)),
  }),
  v.strictObject({
    type: v.literal('submit'),
    /** The id that came with the form. */
    form: id,
    values: v.pipe(v.record(customId, fieldValue), v.maxEntries(5)),
  }),
  /** Discord: a message has 2,000 characters at most. */
  v.strictObject({
    type: v.literal('send'),
    channel: id,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(2000)),
  }),
  v.strictObject({ type: v.literal('dismiss'), message: id }),
  v.strictObject({ type: v.literal('runner'), name: v.pipe(v.string(), v.maxLength(100)), on: v.boolean() }),
]);
export type Action = v.InferOutput<typeof Action>;

/** `ref` comes back with the result. */
export const FromPage = v.variant('type', [
  v.strictObject({ type: v.literal('be'), member: id }),
  v.strictObject({ type: v.literal('act'), ref: v.pipe(v.number(), v.integer()), action: Action }),
]);
export type FromPage = v.InferOutput<typeof FromPage>;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly bot: boolean;
}

/** A channel, or a thread when it has a parent. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** Discord's channel type. */
  readonly type: number;
  readonly parent: string | null;
  readonly archived: boolean;
  readonly locked: boolean;
  /** Until when the bot is shown as typing; milliseconds since the epoch, 0: it is not. */
  readonly typingUntilMs: number;
}

export interface Choice {
  readonly name: string;
  readonly value: string | number;
}

export interface CommandOption {
  /** Discord's option type: 3 text, 4 integer, 5 yes or no, 6 member, 7 channel, 8 role, 9 member or role, 10 number, 11 file. */
  readonly type: number;
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly autocomplete: boolean;
  readonly choices: readonly Choice[];
  readonly maxLength: number | null;
}

/** A command as it is chosen: subcommands stand on their own, as `runner pair`. */
export interface Command {
  /** Discord: 1 slash command, 3 entry of the message menu. */
  readonly type: number;
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly options: readonly CommandOption[];
}

export interface MenuOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly default?: boolean;
}

/** Discord's component, as far as the page draws it; `media` and `file` are indexes into the message's attachments. */
export interface Piece {
  readonly type: number;
  readonly content?: string;
  readonly custom_id?: string;
  readonly style?: number;
  readonly label?: string;
  readonly emoji?: { readonly name?: string };
  readonly url?: string;
  readonly disabled?: boolean;
  readonly description?: string;
  readonly placeholder?: string;
  readonly options?: readonly MenuOption[];
  readonly min_values?: number;
  readonly max_values?: number;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly required?: boolean;
  readonly value?: string;
  readonly accent_color?: number | null;
  readonly divider?: boolean;
  readonly spacing?: number;
  readonly components?: readonly Piece[];
  readonly accessory?: Piece;
  readonly component?: Piece;
  /** Name of the attachment that a thumbnail, a gallery's item or a file shows. */
  readonly attachment?: string;
  readonly items?: readonly Piece[];
}

export interface FileShown {
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  /** On the page's own server. */
  readonly path: string;
}

export interface MessageShown {
  readonly id: string;
  readonly place: string;
  readonly author: Person;
  readonly createdMs: number;
  /** Content of a plain message, or the line that Discord itself wrote. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  readonly files: readonly FileShown[];
  readonly v2: boolean;
  /** "Heddle is thinking…" */
  readonly loading: boolean;
  readonly system: boolean;
  /** Only this viewer sees it. */
  readonly onlyYou: boolean;
  /** Names of those whom it notified. */
  readonly notified: readonly string[];
  /** Its present text mentions this viewer. */
  readonly mentionsYou: boolean;
  readonly edited: boolean;
  readonly reactions: readonly string[];
  readonly replyTo: string | null;
}

/** A message that reached somebody's phone. */
export interface Push {
  readonly to: string;
  readonly message: string;
  readonly place: string;
  readonly text: string;
  readonly atMs: number;
}

export interface RunnerShown {
  readonly name: string;
  readonly running: boolean;
}

export interface Surroundings {
  readonly guild: { readonly id: string; readonly name: string };
  /** The members that the page may act as. */
  readonly members: readonly Person[];
  /** Everyone whom a mention may name. */
  readonly people: readonly Person[];
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  readonly commands: readonly Command[];
  readonly places: readonly Place[];
  readonly pushes: readonly Push[];
  readonly runners: readonly RunnerShown[];
  /** What is wrong with the parts of the playground, in words for a person. */
  readonly troubles: readonly string[];
  /** What to try, as prompts. */
  readonly hints: readonly string[];
  readonly live: boolean;
}

export interface Form {
  readonly id: string;
  readonly title: string;
  readonly pieces: readonly Piece[];
}

/** What the member got at once; what is visible comes as a change. */
export interface Result {
  readonly failed?: string;
  readonly form?: Form;
  readonly choices?: readonly Choice[];
}

export type ToPage =
  /** Everything anew, for this viewer. */
  | {
      readonly type: 'all';
      readonly viewer: string;
      readonly around: Surroundings;
      readonly messages: readonly MessageShown[];
    }
  /** Parts that are absent are as they were. */
  | {
      readonly type: 'change';
      readonly around?: Surroundings;
      readonly messages: readonly MessageShown[];
      readonly gone: readonly string[];
    }
  | { readonly type: 'result'; readonly ref: number; readonly result: Result }
  /** The page itself is another one now. */
  | { readonly type: 'reload' };
