/** What a command is: what Discord is told of it, and what it does. Each stands in a file of its own, and in the list of `commands.ts`. */
import type { Answer, Choice } from '../domain/contract.ts';
import type { Acting, Options } from './acting.ts';
import type { CommandData } from './payload.ts';

/** Discord's option types that Heddle uses. */
export const OptionType = {
  subCommand: 1,
  string: 3,
  boolean: 5,
  user: 6,
  role: 8,
  number: 10,
  attachment: 11,
} as const;

export interface Option {
  readonly type: Exclude<(typeof OptionType)[keyof typeof OptionType], 1>;
  readonly name: string;
  /** 1 to 100 characters. */
  readonly description: string;
  /** Required options come first. */
  readonly required?: true;
  readonly max_length?: number;
  readonly min_value?: number;
  readonly max_value?: number;
  /** Nothing else can be given. */
  readonly choices?: readonly { readonly name: string; readonly value: string }[];
  /** What is offered while a member types. Anything else can be given too, so the choice is checked again when it is used. */
  readonly suggest?: (acting: Acting, typing: Typing) => readonly Choice[] | Promise<readonly Choice[]>;
}

/** An option that is being filled in. */
export interface Typing {
  readonly typed: string;
  /** What another option of the command says so far; empty when it says nothing. */
  readonly other: (name: string) => string;
}

export type Run = (acting: Acting, options: Options, data: CommandData) => Answer | Promise<Answer>;

/** A slash command, or a subcommand. */
export interface Command {
  readonly name: string;
  /** 1 to 100 characters. */
  readonly description: string;
  readonly options?: readonly Option[];
  readonly run: Run;
}

/** Discord: a command that has subcommands cannot be used by itself. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly Command[];
}

/** An entry of the message menu (Apps). Discord: its name may have spaces, and it has no description. */
export interface MenuCommand {
  readonly name: string;
  readonly run: Run;
}
