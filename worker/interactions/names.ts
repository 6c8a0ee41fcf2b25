/** Names that Discord is told of and that come back in interactions. */

/** The entry of the message menu (Apps), as Discord shows it. */
export const ASK_CLAUDE = 'Ask Claude';
/** The options of `/ask` and `/new` that take a file. */
export const FILE_OPTIONS = ['file', 'file2', 'file3'] as const;
