/** Counts and names that hold for the message as a whole, not for one component. */
export interface Seen {
  count: number;
  readonly customIds: Set<string>;
  readonly ids: Set<number>;
  readonly texts: string[];
  /** Names of the files that `attachment://` may name. */
  readonly files: ReadonlySet<string>;
}
