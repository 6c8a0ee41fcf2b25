import { describe, expect, it } from 'vitest';
import type { ClaudeSessionId } from '../../../protocol/ids.ts';
import { claudeArgv } from '../../../runner/claude/process/argv.ts';
import { heddleVariables } from '../../../runner/claude/process/environment.ts';

const session = 'bf33c5b7-a1c4-4302-99c5-93718636fa22' as ClaudeSessionId;
const options = {
  claudeSession: session,
  resume: false,
  mode: 'default',
  settings: 'user',
  heddleHome: '/home/ada/.heddle',
} as const;

function settingsOf(argv: readonly string[]): Record<string, unknown> {
  const flag = argv.find((argument) => argument.startsWith('--settings=')) ?? '';
  return JSON.parse(flag.slice('--settings='.length));
}

describe('the flags of the CLI', () => {
  it('are safe by default', () => {
    const argv = claudeArgv(options);
    expect(argv).toContain('--permission-prompt-tool=stdio');
    expect(argv).toContain('--permission-mode=default');
    expect(argv).toContain('--setting-sources=user');
    expect(argv).toContain('--strict-mcp-config');
    expect(argv).toContain('--disallowedTools=ListAgents,SendMessage');
    expect(argv).toContain(`--session-id=${session}`);
    expect(settingsOf(argv)).toMatchObject({
      permissions: { deny: ['Read(//home/ada/.heddle/**)', 'Edit(//home/ada/.heddle/**)'] },
      crossSessionInbound: 'refuse',
      useAutoModeDuringPlan: false,
    });
  });

  it('give a new process of a session the rules that were granted in it, whatever is in them', () => {
    const allowed = ['Bash(git commit -m "a, b")', 'WebFetch(domain:example.org)'];
    const argv = claudeArgv({ ...options, allowed });
    expect(settingsOf(argv)).toMatchObject({
      permissions: { allow: allowed, deny: [expect.any(String), expect.any(String)] },
    });
    expect(settingsOf(claudeArgv(options))).not.toHaveProperty('permissions.allow');
  });

  it('name the conversation before anything else can look like it', () => {
    const other = 'c0ffee00-a1c4-4302-99c5-93718636fa22';
    const line = claudeArgv({
      ...options,
      forkOf: other as ClaudeSessionId,
      allowed: [`Bash(claude --resume=${other})`],
    });
    expect(/--(?:session-id|resume)=(\S+)/.exec(line.join(' '))?.[1]).toBe(session);
  });

  it('ask for each git command where nobody trusted the folder, as git runs what a repository names', () => {
    const ask = ['Bash(git *)', 'EnterWorktree'];
    expect(settingsOf(claudeArgv(options))).toMatchObject({ permissions: { ask } });
    expect(settingsOf(claudeArgv({ ...options, settings: 'all' }))).not.toHaveProperty('permissions.ask');
  });

  it('set what settings of a folder or a person must not change', () => {
    for (const settings of ['all', 'user'] as const)
      expect(settingsOf(claudeArgv({ ...options, settings }))).toMatchObject({
        env: heddleVariables(settings),
      });
    expect(heddleVariables('all')).toHaveProperty('CLAUDE_CODE_DISABLE_CRON', '1');
  });

  it('read project settings only for a trusted folder, and resume by id', () => {
    const argv = claudeArgv({ ...options, settings: 'all', resume: true });
    expect(argv).toContain('--setting-sources=user,project,local');
    expect(argv).toContain(`--resume=${session}`);
    expect(argv.some((argument) => argument.startsWith('--session-id'))).toBe(false);
  });

  it('cannot be added to by a value', () => {
    const argv = claudeArgv({ ...options, model: '--dangerously-skip-permissions' });
    expect(argv).toContain('--model=--dangerously-skip-permissions');
    expect(argv).not.toContain('--dangerously-skip-permissions');
    for (const argument of argv) expect(argument).toMatch(/^--[a-zA-Z-]+(=|$)/);
  });

  it('escape what a rule would read as a pattern in the folder of Heddle', () => {
    const { permissions } = settingsOf(claudeArgv({ ...options, heddleHome: '/srv/my (heddle)*' })) as {
      permissions: { deny: string[] };
    };
    expect(permissions.deny[0]).toBe('Read(//srv/my \\(heddle\\)\\*/**)');
  });
});
