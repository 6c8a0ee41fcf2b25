/** Claude's own slash commands that are not run through Discord: the Session says so at once, the runner in any case. */

const ELSEWHERE: Readonly<Record<string, string>> = {
  model: '/model of Heddle does that, so that it is kept over restarts.',
  effort: '/settings of Heddle does that, so that it is kept over restarts.',
  fast: '/model and /settings of Heddle choose how it works.',
  resume: '/resume of Heddle does that.',
  continue: '/resume of Heddle does that.',
  exit: '/end of Heddle does that.',
  quit: '/end of Heddle does that.',
  status: '/status of Heddle does that.',
  permissions: '/mode of Heddle and the buttons of a request do that.',
  'allowed-tools': '/mode of Heddle and the buttons of a request do that.',
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
  if (elsewhere !== undefined) return `/${name} is not run here: ${elsewhere}`;
  if (NOT_HERE.has(name) || name.startsWith('_'))
    return `/${name} needs Claude’s terminal, or changes this machine’s own settings. Run it there.`;
  return null;
}
