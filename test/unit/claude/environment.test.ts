import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeEnvironment } from '../../../runner/claude/process/environment.ts';

describe('the environment of the CLI', () => {
  it('has what Claude and its tools need', () => {
    const given = {
      PATH: '/bin',
      HOME: '/home/ada',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TERM: 'xterm',
      SHELL: '/bin/zsh',
      TMPDIR: '/tmp',
      HTTPS_PROXY: 'http://proxy',
      no_proxy: 'localhost',
      ANTHROPIC_API_KEY: 'sk',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
      CLAUDE_CONFIG_DIR: '/home/ada/.claude',
    };
    expect(claudeEnvironment(given, 'all')).toMatchObject(given);
  });

  it('has no programs of a project: what is relative in PATH means another folder in each', () => {
    expect(claudeEnvironment({ PATH: '.:/bin::node_modules/.bin:/usr/bin' }, 'all').PATH).toBe(
      '/bin:/usr/bin',
    );
    expect(claudeEnvironment({ PATH: ':.' }, 'all')).not.toHaveProperty('PATH');
    expect(claudeEnvironment({}, 'all')).not.toHaveProperty('PATH');
  });

  it('has nothing of Heddle, of Discord, of a Claude session around it, or of anybody else', () => {
    const environment = claudeEnvironment(
      {
        PATH: '/bin',
        HEDDLE_HOME: '/home/ada/.heddle',
        HEDDLE_KEY: 'x',
        DISCORD_BOT_TOKEN: 'token',
        DISCORD_PUBLIC_KEY: 'key',
        CLAUDECODE: '1',
        CLAUDE_CODE_SESSION_ID: 'x',
        CLAUDE_CODE_ENTRYPOINT: 'cli',
        CLAUDE_CODE_RESUME_INTERRUPTED_TURN: '1',
        CLAUDE_PID: '1',
        CLOUDFLARE_API_TOKEN: 'x',
        GITHUB_TOKEN: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        NODE_OPTIONS: '--require /tmp/evil.js',
        LD_PRELOAD: '/tmp/evil.so',
        npm_config_token: 'x',
        IS_SANDBOX: '1',
      },
      'all',
    );
    expect(Object.keys(environment).sort()).toEqual([
      'CLAUDE_CODE_DISABLE_CRON',
      'CLAUDE_CODE_DISABLE_FILE_MENTIONS',
      'CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING',
      'CLAUDE_CODE_ENABLE_TASKS',
      'CLAUDE_CODE_ENABLE_TODO_TOOLS',
      'DISABLE_AUTOUPDATER',
      'PATH',
    ]);
  });

  it('has the person’s PATH, without what npm put before it', () => {
    const own = join(import.meta.dirname, '../../../node_modules/.bin');
    const PATH = `${own}:/node_modules/.bin:/usr/bin:/opt/tools`;
    expect(claudeEnvironment({ PATH }, 'all').PATH).toBe('/usr/bin:/opt/tools');
    expect(claudeEnvironment({}, 'all')).not.toHaveProperty('PATH');
  });

  it('has the credentials of a cloud only when Claude runs on it', () => {
    const aws = { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'ada' };
    expect(claudeEnvironment({ ...aws, CLAUDE_CODE_USE_BEDROCK: '0' }, 'all')).not.toHaveProperty(
      'AWS_PROFILE',
    );
    expect(claudeEnvironment({ ...aws, CLAUDE_CODE_USE_BEDROCK: '1' }, 'all')).toMatchObject(aws);
    expect(claudeEnvironment({ ...aws, CLAUDE_CODE_USE_VERTEX: '1' }, 'all')).not.toHaveProperty(
      'AWS_PROFILE',
    );
  });

  it('cannot be told to update the CLI, to read files that a prompt names, or to run jobs of a folder', () => {
    const environment = claudeEnvironment(
      {
        DISABLE_AUTOUPDATER: '0',
        CLAUDE_CODE_DISABLE_FILE_MENTIONS: '0',
        CLAUDE_CODE_DISABLE_CRON: '0',
      },
      'all',
    );
    expect(environment).toMatchObject({
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
      CLAUDE_CODE_DISABLE_CRON: '1',
    });
  });

  it('leaves off what its owner has switched off', () => {
    const off = { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1', CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1' };
    expect(claudeEnvironment(off, 'all')).toMatchObject(off);
    expect(claudeEnvironment({ CLAUDE_CODE_DISABLE_SUBSTITUTION_RM_PROMPT: '1' }, 'all')).not.toHaveProperty(
      'CLAUDE_CODE_DISABLE_SUBSTITUTION_RM_PROMPT',
    );
  });

  it('lets a folder that nobody trusted do nothing by itself, whatever the owner has switched on elsewhere', () => {
    const off = {
      CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
      CLAUDE_CODE_DISABLE_CRON: '1',
      CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: '1',
    };
    const on = Object.fromEntries(Object.keys(off).map((name) => [name, '0']));
    expect(claudeEnvironment(on, 'user')).toMatchObject(off);
    expect(claudeEnvironment({}, 'all')).not.toHaveProperty('CLAUDE_CODE_DISABLE_AUTO_MEMORY');
  });
});
