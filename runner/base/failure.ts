/** What went wrong, in words for the person at the runner's terminal. */

export type FailureKind =
  | 'link'
  | 'refused'
  | 'code'
  | 'offline'
  | 'answer'
  | 'locked'
  | 'home'
  | 'settings'
  | 'project'
  | 'claude'
  | 'unpaired'
  | 'journal';

/** An error that a person can do something about: shown as words, without a stack. */
export class Failure extends Error {
  readonly kind: FailureKind;

  /**
   * @param words what happened, what was kept, and what to do next
   */
  constructor(kind: FailureKind, words: string, options?: ErrorOptions) {
    super(words, options);
    this.name = 'Failure';
    this.kind = kind;
  }
}

/** The short name of an unknown error: its code or class, never its message, which may hold a path or a token. */
export function errorName(error: unknown): string {
  if (error instanceof Failure) return error.kind;
  if (error instanceof Error) {
    const code: unknown = 'code' in error ? error.code : undefined;
    return typeof code === 'string' ? code : error.name;
  }
  return typeof error;
}

/** SQLite's primary result codes that are told apart (https://sqlite.org/rescode.html). */
export const Sqlite = {
  busy: 5,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** The file cannot be used at all, whoever asks. Any other code is about the one statement. */
export function isFileFailure(error: unknown): boolean {
  const code = sqliteCode(error);
  return Object.values(Sqlite).some((one) => one === code);
}

/** The primary result code of an error of SQLite's; null for any other. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}
