/** What the terminal says. */
export interface Ready {
  readonly url: string;
  /** The folder of `--live`; null: the scratch project. */
  readonly live: string | null;
}

export function readyWords({ url, live }: Ready): string {
  const tries =
    live === null
      ? [
          ['/new  prompt: run: npm test', 'then press Allow in the thread'],
          ['/ask  prompt: edit notes.txt', 'in that thread: the next turn'],
          ['/ask  prompt: help', 'what else the scripted model plays'],
        ]
      : [
          ['/new  prompt: What is in this folder?', 'your own Claude answers in a thread'],
          ['/ask  …', 'in that thread: the next turn'],
          ['/stop', 'interrupts it'],
        ];
  const width = Math.max(...tries.map(([what = '']) => what.length));
  return [
    '',
    `  Heddle's playground:  ${url}`,
    '',
    ...tries.map(([what = '', why = '']) => `    ${what.padEnd(width)}   ${why}`),
    '',
    '  Ctrl-C ends everything.',
  ].join('\n');
}

/** Said before anything is started. `note`: what the person should know about the CLI that was found. */
export function liveWords(
  folder: string,
  { version, note }: { readonly version: string; readonly note?: string },
): string {
  return [
    ...(note === undefined ? [] : [note]),
    `Live: ${note === undefined ? 'your own Claude Code' : 'Claude Code'} (${version}) will work in ${folder}, with your login or ANTHROPIC_API_KEY.`,
    'Each prompt counts on your account. It reads files there; for changes and commands it asks in the page, unless your',
    'own Claude settings allow them. Whoever can open the page on this machine can prompt it and press Allow.',
  ].join('\n');
}
