/** Claude's own slash commands as prompts: `/compact keep the names`. Which of them may run here, and which not. */
import type { ClaudeOffers } from './offers.ts';

const ELSEWHERE: Readonly<Record<string, string>> = {
  model: '`/model` of Heddle does that, so that it is kept over restarts.',
  effort: '`/settings` of Heddle does that, so that it is kept over restarts.',
  fast: '`/model` and `/settings` of Heddle choose how it works.',
  resume: '`/resume` of Heddle does that.',
  continue: '`/resume` of Heddle does that.',
  exit: '`/end` of Heddle does that.',
  quit: '`/end` of Heddle does that.',
  status: '`/status` of Heddle does that.',
  permissions: '`/mode` of Heddle and the buttons of a request do that.',
  'allowed-tools': '`/mode` of Heddle and the buttons of a request do that.',
};

/** They change what the machine's owner decides, or draw on a terminal that is not there. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'add-dir',
  'agents',
  'auto-mode-setup',
  'bug',
  'color',
  'config',
  'focus',
  'heapdump',
  'help',
  'hooks',
  'ide',
  'keybindings-help',
  'list-agents',
  'login',
  'logout',
  'mcp',
  'memory',
  'output-style',
  'peers',
  'plugin',
  'privacy-settings',
  'reload-plugins',
  'remote-control',
  'settings',
  'statusline',
  'terminal-setup',
  'theme',
  'upgrade',
  'vim',
  'workflow-launch-exec',
]);

/** Why this command may not be run through Discord, for a person; null when it may. `name` without the `/`. */
export function slashRefusal(name: string): string | null {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere !== undefined) return `\`/${name}\` is not run here: ${elsewhere}`;
  if (NOT_HERE.has(name) || name.startsWith('_'))
    return `\`/${name}\` needs Claude’s terminal, or changes this machine’s own settings. Run it there.`;
  return null;
}

const SLASH = /^\/([\w:.-]{1,80})(?:\s|$)/;
/** Claude: from this version on `CLAUDE_CODE_DISABLE_FILE_MENTIONS` keeps `@path` from being read. */
const MENTIONS_OFF_FROM: readonly [number, number, number] = [2, 1, 330];

/** Why this prompt may not be given to this CLI as a slash command; null when it may. */
export function whyNotSlash(text: string, offers: ClaudeOffers, version: string): string | null {
  const name = SLASH.exec(text)?.[1];
  if (name === undefined) return 'That is no slash command.';
  const refused = slashRefusal(name);
  if (refused !== null) return refused;
  if (!offers.known.has(name)) return `Claude has no command \`/${name}\` in this project.`;
  if (text.includes('@') && !isFrom(version, MENTIONS_OFF_FROM))
    return 'With this version of Claude `@` would read files without asking, so a command may not have it. Update Claude on the runner.';
  return null;
}

function isFrom(version: string, [major, minor, patch]: readonly [number, number, number]): boolean {
  const [a = 0, b = 0, c = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  if (a !== major) return a > major;
  return b === minor ? c >= patch : b > minor;
}
