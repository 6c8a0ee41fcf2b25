/**
 * What a command seems to do, for the warning on its card: a help for the eye and no safeguard. It says only what stands there: a
 * word in quotes, in a comment or in a here-document is data. That it says nothing promises nothing. Pure.
 */
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Risk } from '../../../protocol/events.ts';
import { READ_MAX, type SimpleCommand, simpleCommands, type Word } from './shell.ts';
import { outsidePath } from './tools.ts';

export interface CommandRisks {
  readonly risks: readonly Risk[];
  /** The first path outside the project that it names, as a person knows it. */
  readonly outside: string | null;
}

/** A shell in a shell in a shell. */
const DEPTH_MAX = 3;

export function commandRisks(command: string, cwd: string, depth = 0): CommandRisks {
  const found = new Set<Risk>();
  let outside: string | null = null;
  // What a database is told may come from anywhere in the line.
  const drops = DROPS.test(command.slice(0, READ_MAX));
  for (const { words, redirects } of simpleCommands(command)) {
    const bare = unwrapped(words);
    const name = nameOf(bare);
    const args = bare.slice(1).map((word) => word.text);
    if (goesOut(name, args) || redirects.some((file) => /^\/dev\/(tcp|udp)\//.test(file)))
      found.add('network');
    if (deletes(name, args, drops)) found.add('deletes');
    outside ??= firstOutside({ words: bare, redirects }, name, cwd);
    const script = depth < DEPTH_MAX ? scriptOf(name, args) : null;
    if (script !== null) {
      const inside = commandRisks(script, cwd, depth + 1);
      for (const risk of inside.risks) found.add(risk);
      outside ??= inside.outside;
    }
  }
  return { risks: (['network', 'deletes'] as const).filter((risk) => found.has(risk)), outside };
}

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', '}', 'time']);
const WRAPPERS: ReadonlySet<string> = new Set([
  ...['sudo', 'doas', 'env', 'nohup', 'nice', 'command', 'exec', 'builtin', 'xargs', 'timeout', 'stdbuf'],
]);
/** Options of wrappers that take the next word. */
const TAKES_A_WORD = /^-[ugnIPLskC]$/;

/** Without assignments and without what runs another command: `sudo -u x env A=1 rm` is `rm`. */
function unwrapped(words: readonly Word[]): readonly Word[] {
  let at = 0;
  let wrapped = false;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    if (/^\w+=/.test(text) || RESERVED.has(text)) continue;
    if (WRAPPERS.has(text)) wrapped = true;
    else if (wrapped && TAKES_A_WORD.test(text)) at += 1;
    else if (!(wrapped && (text.startsWith('-') || /^\d+[smhd]?$/.test(text)))) break;
  }
  return words.slice(at);
}

function nameOf(words: readonly Word[]): string {
  return words[0]?.text.split('/').at(-1) ?? '';
}

const NETWORK: ReadonlySet<string> = new Set(
  'curl wget ssh scp sftp ftp telnet nc ncat netcat ping dig nslookup gh aws gcloud az kubectl helm twine'.split(
    ' ',
  ),
);
const INSTALLS = ['install', 'i', 'ci', 'add', 'update', 'upgrade', 'publish', 'download', 'push'];
const PACKAGES: ReadonlySet<string> = new Set(
  'npm pnpm yarn bun pip pip3 pipx uv poetry gem cargo apt apt-get brew dnf yum apk pacman'.split(' '),
);
const GIT_NETWORK = ['push', 'pull', 'fetch', 'clone', 'ls-remote'];

function goesOut(name: string, args: readonly string[]): boolean {
  const [first = '', second = ''] = args.filter((arg) => !arg.startsWith('-'));
  if (NETWORK.has(name)) return true;
  if (PACKAGES.has(name)) return INSTALLS.includes(first) || (name === 'uv' && INSTALLS.includes(second));
  switch (name) {
    case 'git':
      return GIT_NETWORK.includes(subcommand(args));
    case 'go':
      return first === 'get' || first === 'install';
    case 'docker':
    case 'podman':
      return ['pull', 'push', 'login'].includes(first);
    case 'python':
    case 'python3':
      return args[0] === '-m' && args[1] === 'pip' && INSTALLS.includes(args[2] ?? '');
    case 'rsync':
      return args.some((arg) => /^[\w.@-]+:/.test(arg));
    default:
      return false;
  }
}

/** Of git, after its own options: `git -C folder push` is `push`. */
function subcommand(args: readonly string[]): string {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '-C' || arg === '-c') at += 1;
    else if (!arg.startsWith('-')) return arg;
  }
  return '';
}

const DELETES: ReadonlySet<string> = new Set(['rm', 'rmdir', 'unlink', 'shred', 'dropdb', 'srm']);
const DATABASES: ReadonlySet<string> = new Set(
  'psql mysql mariadb sqlite3 sqlcmd mongosh clickhouse-client'.split(' '),
);
const DROPS =
  /\bdrop\s+(?:table|database|schema|view|index)\b|\btruncate\s+table\b|\bdelete\s+from\b|\.drop(?:Database)?\(/i;

function deletes(name: string, args: readonly string[], drops: boolean): boolean {
  if (DELETES.has(name) || /^mkfs(\.|$)/.test(name)) return true;
  if (DATABASES.has(name)) return drops;
  const has = (...options: string[]) => args.some((arg) => options.includes(arg));
  switch (name) {
    case 'git':
      return gitDeletes(subcommand(args), args);
    case 'find':
      return has('-delete') || args.some((arg, at) => /^-exec/.test(arg) && DELETES.has(args[at + 1] ?? ''));
    case 'docker':
    case 'podman':
      return has('rm', 'rmi', 'prune');
    case 'kubectl':
      return args[0] === 'delete';
    case 'rsync':
      return args.some((arg) => arg.startsWith('--delete'));
    default:
      return false;
  }
}

function gitDeletes(verb: string, args: readonly string[]): boolean {
  const has = (...options: string[]) => args.some((arg) => options.includes(arg));
  switch (verb) {
    case 'rm':
      return !has('--cached');
    case 'clean':
      return !has('-n', '--dry-run');
    case 'reset':
      return has('--hard');
    case 'checkout':
      return has('--', '.', '-f', '--force');
    case 'restore':
      return !has('--staged', '-S') || has('--worktree', '-W');
    case 'branch':
    case 'tag':
      return has('-d', '-D', '--delete');
    case 'push':
      return has('-d', '--delete') || args.some((arg) => /^:\S/.test(arg));
    case 'stash':
      return has('drop', 'clear');
    case 'worktree':
      return has('remove');
    default:
      return false;
  }
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish']);

/** The commands that a command is given as text. */
function scriptOf(name: string, args: readonly string[]): string | null {
  if (name === 'eval') return args.join(' ');
  if (!SHELLS.has(name)) return null;
  const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
  return at === -1 ? null : (args[at + 1] ?? null);
}

/** Their words are text, or name files of another machine. */
const NO_PATHS: ReadonlySet<string> = new Set(
  'echo printf gh aws az gcloud kubectl docker podman ssh curl awk sed jq for case'.split(' '),
);
const DEVICE = /^\/dev\/(?:null|zero|u?random|tty|std(?:in|out|err)|fd\/\d+|tcp\/.*|udp\/.*)$/;

/** Relative paths are left to the CLI, which knows in what folder its shell is. */
function firstOutside({ words, redirects }: SimpleCommand, name: string, cwd: string): string | null {
  const named = NO_PATHS.has(name)
    ? []
    : words
        .slice(1)
        .filter(mayBePath)
        .map(({ text }) => text);
  for (const text of [...named, ...redirects]) {
    const path = absolute(/^-{0,2}[\w-]+=(.*)$/s.exec(text)?.[1] ?? text);
    if (path === null || DEVICE.test(path)) continue;
    const outside = outsidePath(path, cwd);
    if (outside !== null) return outside;
  }
  return null;
}

function mayBePath({ text, quoted }: Word): boolean {
  return (
    !(quoted && /\s/.test(text)) && !text.includes('://') && !/^\/[^/]*\/[a-z]*$/.test(quoted ? text : '')
  );
}

function absolute(text: string): string | null {
  const home = /^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/.exec(text)?.[0];
  const path = home === undefined ? text : homedir() + text.slice(home.length);
  return isAbsolute(path) && !path.includes('$') ? path : null;
}
