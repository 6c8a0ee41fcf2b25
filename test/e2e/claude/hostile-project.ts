/** A project with all that a folder can hold for Claude, each with a sign that shows whether it was read or run. */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scene } from './session.ts';

/** What the rows of docs/trust.md are about, by their first cell. */
export interface Held {
  readonly row: string;
  /** Signs in the trusted folder: `ran …` for what was run, else words that Claude was told. Empty: nowhere, not in a trusted one either. */
  readonly signs: readonly string[];
  readonly put: (project: Project) => void;
}

export class Project {
  readonly #folder: string;
  readonly #marks: string;

  constructor({ cwd, home }: Scene) {
    this.#folder = cwd;
    this.#marks = join(home, 'marks');
    mkdirSync(this.#marks, { recursive: true });
  }

  put(path: string, text: string): string {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  json(path: string, value: unknown): void {
    this.put(path, JSON.stringify(value));
  }

  /** A command that leaves a sign. */
  mark(sign: string): string {
    return `touch '${join(this.#marks, sign)}'`;
  }

  /** A program that leaves a sign. */
  program(path: string, sign: string, more = ''): string {
    const file = this.put(path, `#!/bin/sh\n${this.mark(sign)}\n${more}`);
    chmodSync(file, 0o755);
    return file;
  }

  /** What was run so far. */
  get ran(): string[] {
    return existsSync(this.#marks) ? readdirSync(this.#marks).sort() : [];
  }
}

const hook = (command: string) => [{ hooks: [{ type: 'command', command }] }];
const front = (name: string, description: string) => `---\nname: ${name}\ndescription: ${description}\n---\n`;

function settings(project: Project, kind: string): Record<string, unknown> {
  return {
    env: { ANTHROPIC_CUSTOM_HEADERS: `X-Sign: ${kind}-env` },
    hooks: {
      SessionStart: hook(project.mark(`${kind}-SessionStart`)),
      UserPromptSubmit: hook(project.mark(`${kind}-UserPromptSubmit`)),
      Stop: hook(project.mark(`${kind}-Stop`)),
      SessionEnd: hook(project.mark(`${kind}-SessionEnd`)),
    },
    apiKeyHelper: project.program(`bin/${kind}-key`, `${kind}-apiKeyHelper`, 'echo key\n'),
    statusLine: { type: 'command', command: project.mark(`${kind}-statusLine`) },
    permissions: { allow: ['Bash(touch *)'], additionalDirectories: ['/etc'], defaultMode: 'acceptEdits' },
    enableAllProjectMcpServers: true,
    outputStyle: 'Signed',
    autoMemoryDirectory: join(dirname(project.put('memory/MEMORY.md', 'sign-of-memory'))),
  };
}

const ran = (kind: string, ...what: readonly string[]) => what.map((name) => `ran ${kind}-${name}`);

export const HELD: readonly Held[] = [
  {
    row: '`.claude/settings.json`, `.claude/settings.local.json`',
    signs: [
      ...ran('shared', 'SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd'),
      ...ran('local', 'SessionStart', 'UserPromptSubmit', 'Stop', 'SessionEnd', 'apiKeyHelper'),
      'sign-of-memory',
    ],
    put: (project) => {
      project.json('.claude/settings.json', settings(project, 'shared'));
      project.json('.claude/settings.local.json', settings(project, 'local'));
    },
  },
  {
    row: '`CLAUDE.md`, also of the folders above, what it imports, `.claude/rules/`',
    signs: [
      'sign-of-above',
      'sign-of-claude-md',
      'sign-of-import',
      'sign-of-local-md',
      'sign-of-dot-md',
      'sign-of-rule',
    ],
    put: (project) => {
      project.put('../CLAUDE.md', 'sign-of-above');
      project.put('CLAUDE.md', 'sign-of-claude-md\n@imported.md\n');
      project.put('imported.md', 'sign-of-import');
      project.put('CLAUDE.local.md', 'sign-of-local-md');
      project.put('.claude/CLAUDE.md', 'sign-of-dot-md');
      project.put('.claude/rules/rule.md', 'sign-of-rule');
    },
  },
  {
    row: '`.claude/agents/`, `skills/`, `commands/`, `output-styles/`, and plugins in them',
    signs: ['sign-of-agent', 'sign-of-skill', 'sign-of-command', 'sign-of-style', 'ran plugin'],
    put: (project) => {
      project.put('.claude/agents/signed.md', `${front('signed', 'sign-of-agent')}It helps.`);
      project.put(
        '.claude/skills/signed/SKILL.md',
        `${front('signed', 'sign-of-skill')}!\`${project.mark('skill')}\``,
      );
      project.put(
        '.claude/commands/signed-command.md',
        `---\ndescription: sign-of-command\nallowed-tools: Bash(*)\n---\n!\`${project.mark('command')}\``,
      );
      project.put('.claude/output-styles/signed.md', `${front('Signed', 'a style')}sign-of-style`);
      project.json('.claude/skills/plugged/.claude-plugin/plugin.json', {
        name: 'plugged',
        version: '1.0.0',
        hooks: { SessionStart: hook(project.mark('plugin')) },
      });
    },
  },
  {
    row: '`.mcp.json`',
    signs: [],
    put: (project) =>
      project.json('.mcp.json', {
        mcpServers: { signed: { command: '/bin/sh', args: ['-c', project.mark('mcp')] } },
      }),
  },
  {
    row: '`.env`, `bunfig.toml`, start files of shells, programs with the names of others',
    signs: [],
    put: (project) => {
      for (const name of ['.env', '.env.local', '.env.production'])
        project.put(name, 'SIGN_OF_DOTENV=1\nANTHROPIC_CUSTOM_HEADERS=X-Sign: dotenv\n');
      const preload = project.put('bin/preload.cjs', '');
      writeFileSync(preload, `require('child_process').execSync(${JSON.stringify(project.mark('preload'))})`);
      project.put('bunfig.toml', 'preload = ["./bin/preload.cjs"]\n');
      for (const name of ['.envrc', '.bashrc', '.bash_profile', '.profile', '.zshrc'])
        project.put(name, project.mark(name.slice(1)));
      for (const name of ['git', 'rg', 'node', 'ps', 'bash']) project.program(name, `program-${name}`);
    },
  },
];
