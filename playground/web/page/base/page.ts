/** What the parts of the page share: the state, the names, and the way to do something. */
import type { Action, Result } from '../../wire.ts';
import type { State } from './state.ts';

/** What mentions and links lead to. */
export interface Names {
  user(id: string): string | undefined;
  role(id: string): string | undefined;
  channel(id: string): { readonly name: string; readonly thread: boolean } | undefined;
  /** A channel or thread was chosen; with a message: that one is shown. */
  open(place: string, message?: string): void;
}

/** Something that only this page says, where it happened. */
export interface Notice {
  readonly id: number;
  readonly place: string;
  /** The message whose button was pressed; null: it stands at the end. */
  readonly message: string | null;
  readonly words: string;
}

export interface Page {
  readonly state: State;
  readonly names: Names;
  readonly notices: Notice[];
  /** Does it, opens the form that it may bring, and notes a failure at this message or at the end of this place. */
  act(action: Action, at: { readonly place: string; readonly message?: string }): Promise<Result>;
  /** Asks without showing a failure. */
  ask(action: Action): Promise<Result>;
  open(place: string, message?: string): void;
  dismissNotice(id: number): void;
  /** Puts a command into the composer, with these options filled in. */
  prefill(command: string, options: Readonly<Record<string, string>>): void;
}
