export interface LocateOptions {
  /** `--claude PATH`. */
  readonly flag?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}
export type Located =
  | { readonly found: true; readonly bin: string; readonly version: string }
  | { readonly found: false; readonly code: 'notFound' | 'tooOld' | 'broken'; readonly words: string };

/** The CLI to use: `--claude`, else `CLAUDE_BIN`, else `claude` on PATH, else the one this package installs for development. */
export async function locateClaude(_options: LocateOptions): Promise<Located> {
  throw new Error('not implemented');
}
