import type { Beat, Failure } from './blocks.ts';

export interface Scene {
  readonly name: string;
  /** As the help shows it. */
  readonly usage: string;
  readonly help: string;
  /** Groups of the match are the arguments. */
  readonly pattern: RegExp;
  readonly beats: (args: readonly string[]) => readonly Beat[];
  readonly failure?: (args: readonly string[]) => Failure;
}
