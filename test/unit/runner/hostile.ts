/** Repositories that are set up to run things and to lead elsewhere, in each way that git's list of settings has. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

/** As a person runs git. */
export function run(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false'];
  const more = ['-c', 'protocol.file.allow=always'];
  return execFileSync('git', [...who, ...more, ...args], {
    cwd,
    env: clean,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

export function repository(at: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(at, { recursive: true });
  run(at, 'init', '-q', '-b', 'main');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(at, name)), { recursive: true });
    writeFileSync(path.join(at, name), text);
  }
  run(at, 'add', '-A');
  run(at, 'commit', '-qm', 'first');
}

/** Git: `githooks`, with those that only newer versions have. */
const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'post-update',
  'pre-auto-gc',
  'pre-commit',
  'pre-push',
  'pre-rebase',
  'proc-receive',
  'reference-transaction',
  'sendemail-validate',
  'update',
];
/** Of all that the runner could ever call. */
const COMMANDS = [
  'cat-file',
  'config',
  'diff',
  'log',
  'ls-files',
  'rev-list',
  'rev-parse',
  'status',
  'worktree',
];

/** A place with another person's repository, programs that leave a mark, and a folder for those marks. */
export class Hostile {
  readonly top = realpathSync(mkdtempSync(path.join(tmpdir(), 'heddle-hostile-')));
  readonly secret = path.join(this.top, 'secret');
  readonly project = path.join(this.top, 'project');
  readonly #marks = path.join(this.top, 'marks');
  readonly #programs = path.join(this.top, 'programs');

  constructor() {
    mkdirSync(this.#marks);
    mkdirSync(this.#programs);
    repository(this.secret, { 'secret-plan.txt': 'secret\n', 'secret-keys/one': 'secret\n' });
    run(this.secret, 'checkout', '-q', '-b', 'secret-branch');
    run(this.secret, 'commit', '-q', '--allow-empty', '-m', 'secret-words');
  }

  /** What has run. */
  ran(): string[] {
    return readdirSync(this.#marks).sort();
  }

  /** A program that leaves a mark of this name, and gives on what it is given. */
  program(name: string): string {
    const at = path.join(this.#programs, name);
    writeFileSync(at, `#!/bin/sh\n: > '${path.join(this.#marks, name)}'\nexec cat\n`, { mode: 0o755 });
    return at;
  }

  /** A folder of hooks, one of each kind. */
  hooks(at: string): void {
    mkdirSync(at, { recursive: true });
    for (const hook of HOOKS) {
      const program = `#!/bin/sh\nexec '${this.program(`hooks.${hook}`)}' < /dev/null\n`;
      writeFileSync(path.join(at, hook), program, { mode: 0o755 });
    }
  }

  /** All of git's settings that name a program, or another place. */
  everything(): string {
    const lines: string[] = [];
    const set = (key: string, value: string) => {
      const [section = '', ...rest] = key.split('.');
      const last = rest.pop() ?? '';
      const name = rest.length === 0 ? section : `${section} "${rest.join('.')}"`;
      lines.push(`[${name}]\n\t${last} = "${value.replaceAll('"', '\\"')}"\n`);
    };
    const runs = (key: string, before = '') => set(key, before + this.program(key.replaceAll('/', '_')));

    for (const key of [
      'fsmonitor',
      'sshCommand',
      'gitProxy',
      'askPass',
      'editor',
      'pager',
      'alternateRefsCommand',
    ])
      runs(`core.${key}`);
    for (const name of COMMANDS) {
      runs(`pager.${name}`);
      runs(`alias.${name}`, '!');
    }
    for (const kind of ['clean', 'smudge']) runs(`filter.evil.${kind}`);
    runs('filter.long.process');
    set('filter.evil.required', 'true');
    for (const kind of ['command', 'textconv']) runs(`diff.evil.${kind}`);
    runs('diff.external');
    runs('merge.evil.driver');
    runs('interactive.diffFilter');
    runs('sequence.editor');
    runs('credential.helper', '!');
    for (const key of ['gpg.program', 'gpg.ssh.program', 'gpg.x509.program', 'gpg.ssh.defaultKeyCommand'])
      runs(key);
    for (const key of ['log.showSignature', 'commit.gpgSign', 'tag.gpgSign', 'push.gpgSign'])
      set(key, 'true');
    for (const tool of ['difftool', 'mergetool', 'guitool', 'browser', 'man']) runs(`${tool}.evil.cmd`);
    for (const key of ['diff.tool', 'merge.tool', 'web.browser', 'help.browser', 'man.viewer'])
      set(key, 'evil');
    for (const key of ['imap.tunnel', 'instaweb.httpd', 'sendemail.tocmd', 'sendemail.sendmailCmd'])
      runs(key);
    for (const key of [
      'uploadpack.packObjectsHook',
      'receive.procReceiveRefs',
      'trailer.evil.command',
      'trailer.evil.cmd',
    ])
      runs(key);
    set('trailer.evil.key', 'evil');
    for (const kind of ['uploadpack', 'receivepack']) runs(`remote.evil.${kind}`);
    runs('remote.evil.url', 'ext::');
    set('remote.evil.vcs', 'ext');
    set('remote.evil.promisor', 'true');
    set('extensions.partialClone', 'evil');
    set('protocol.allow', 'always');
    set('protocol.ext.allow', 'always');
    set(`url.ext::${this.program('url.insteadOf')}.insteadOf`, 'https://');
    runs('submodule.sub.update', '!');
    set('submodule.recurse', 'true');
    set('submodule.sub.ignore', 'none');
    set('diff.ignoreSubmodules', 'none');
    set('status.submoduleSummary', 'true');
    runs('hook.evil.command');
    for (const hook of HOOKS) set('hook.evil.event', hook);
    set('core.hooksPath', path.join(this.top, 'hooks'));
    this.hooks(path.join(this.top, 'hooks'));
    for (const target of ['normal', 'event', 'perf'])
      set(`trace2.${target}Target`, path.join(this.#marks, 'trace2'));
    set('init.templateDir', path.join(this.top, 'hooks'));

    set('core.worktree', this.secret);
    writeFileSync(path.join(this.top, 'attributes'), '* filter=evil diff=evil merge=evil\n');
    set('core.attributesFile', path.join(this.top, 'attributes'));
    set('core.excludesFile', path.join(this.secret, 'secret-plan.txt'));
    for (const key of ['commit.template', 'blame.ignoreRevsFile', 'mailmap.file', 'diff.orderFile'])
      set(key, path.join(this.secret, 'secret-plan.txt'));
    for (const key of ['gc.auto', 'maintenance.auto']) set(key, '1');
    return lines.join('');
  }

  /** Appends them to a configuration. */
  infect(config: string): void {
    appendFileSync(config, this.everything());
  }
}
