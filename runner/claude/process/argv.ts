/** The CLI's flags. Each value stands in the same argument as its flag, so that none can become a flag itself. */
import { resolve } from 'node:path';
import type { ClaudeOptions } from '../line/types.ts';
import { heddleVariables } from './environment.ts';

/** Claude: sessions of one config folder see and write to each other through these. */
const CROSS_SESSION_TOOLS = ['ListAgents', 'SendMessage'];

/**
 * Claude: runs git commands that only look without asking, and git itself runs what the repository's configuration names: fsmonitor,
 * filters, textconv. In a folder that nobody trusted each is asked for, in whatever compound it stands.
 */
const ASKED_WHERE_UNTRUSTED = ['Bash(git *)', 'EnterWorktree'];

type ArgvOptions = Pick<
  ClaudeOptions,
  | 'claudeSession'
  | 'resume'
  | 'forkOf'
  | 'forkAt'
  | 'allowed'
  | 'mode'
  | 'addFolder'
  | 'model'
  | 'effort'
  | 'settings'
  | 'heddleHome'
>;

export function claudeArgv(options: ArgvOptions): string[] {
  const argv = [
    // First, and before another id: by it a process is known, whatever else stands in its command line.
    options.resume ? `--resume=${options.claudeSession}` : `--session-id=${options.claudeSession}`,
    '--output-format=stream-json',
    '--input-format=stream-json',
    // Claude: mandatory with stream-json.
    '--verbose',
    '--include-partial-messages',
    // Claude: without it each question of permission is denied by itself.
    '--permission-prompt-tool=stdio',
    // Claude: always given, because without it settings or the account choose. `manual` is refused by older CLIs.
    `--permission-mode=${options.mode}`,
    // Claude: project hooks run without any trust, unless project settings are left out.
    `--setting-sources=${options.settings === 'all' ? 'user,project,local' : 'user'}`,
    '--strict-mcp-config',
    `--disallowedTools=${CROSS_SESSION_TOOLS.join(',')}`,
    `--settings=${JSON.stringify(claudeSettings(options))}`,
  ];
  if (options.forkOf !== undefined) {
    argv.push(`--resume=${options.forkOf}`, '--fork-session');
    // Claude: a copy of a conversation whose turn runs would have that half turn, as one that was interrupted.
    if (options.forkAt !== undefined) argv.push(`--resume-session-at=${options.forkAt}`);
  }
  if (options.addFolder !== undefined) argv.push(`--add-dir=${options.addFolder}`);
  if (options.model !== undefined && options.model !== '') argv.push(`--model=${options.model}`);
  if (options.effort !== undefined && options.effort !== '') argv.push(`--effort=${options.effort}`);
  return argv;
}

function claudeSettings({ heddleHome, settings, allowed = [] }: ArgvOptions): Record<string, unknown> {
  const folder = ruleFolder(heddleHome);
  return {
    env: heddleVariables(settings),
    permissions: {
      deny: [`Read(${folder}/**)`, `Edit(${folder}/**)`],
      ...(settings === 'all' ? {} : { ask: ASKED_WHERE_UNTRUSTED }),
      // Claude: as a flag of their own, rules with a comma in them would be taken apart.
      ...(allowed.length === 0 ? {} : { allow: allowed }),
    },
    crossSessionInbound: 'refuse',
    // In plan mode the CLI would let a classifier decide on commands instead of asking.
    useAutoModeDuringPlan: false,
  };
}

/** Claude: `//` begins an absolute path in a rule; the rest is a gitignore pattern, whose own characters are escaped. */
function ruleFolder(folder: string): string {
  const absolute = resolve(folder).replaceAll('\\', '/').replace(/\/+$/, '');
  return `/${absolute.replace(/[*?[\]!#()]/g, '\\$&')}`;
}
