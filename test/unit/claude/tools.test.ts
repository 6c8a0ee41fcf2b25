import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOOL_SUMMARY_MAX } from '../../../protocol/limits.ts';
import { isPlanFile, suggestionLabel, toolClass, toolSummary } from '../../../runner/claude/tools/tools.ts';

const cwd = '/srv/project';
const summary = (name: string, input: Record<string, unknown>) => toolSummary(name, input, cwd);

describe('the line of a tool call', () => {
  it('says what matters, relative to the project', () => {
    expect(summary('Bash', { command: 'npm test\n  -- auth', description: 'x' })).toBe('npm test -- auth');
    expect(summary('Read', { file_path: '/srv/project/src/a.ts' })).toBe('src/a.ts');
    expect(summary('Edit', { file_path: '/etc/hosts' })).toBe('/etc/hosts');
    expect(summary('Write', { file_path: join(homedir(), 'notes.txt') })).toBe('~/notes.txt');
    expect(summary('Read', { file_path: '/srv/project-two/a' })).toBe('/srv/project-two/a');
    expect(summary('Grep', { pattern: 'TODO', path: '/srv/project/src' })).toBe('TODO in src');
    expect(summary('Glob', { pattern: '**/*.ts' })).toBe('**/*.ts');
    expect(summary('WebFetch', { url: 'https://example.com', prompt: 'x' })).toBe('https://example.com');
    expect(summary('Agent', { description: 'Look around', prompt: 'x' })).toBe('Look around');
    expect(summary('TodoWrite', { todos: [{ status: 'in_progress', activeForm: 'Testing' }] })).toBe(
      'Testing',
    );
    expect(summary('AskUserQuestion', { questions: [{ question: 'Which?' }] })).toBe('Which?');
    expect(summary('ExitPlanMode', { plan: '\n# Plan\nmore' })).toBe('# Plan');
    expect(summary('mcp__db__query', { query: 'select 1' })).toBe('select 1');
    expect(summary('Whatever', { other: 'a word', n: 1 })).toBe('a word');
  });

  it('knows the file that Claude keeps a plan in, and nothing of the project', () => {
    const plan = (name: string, file_path: string) => isPlanFile(name, { file_path }, cwd);
    expect(plan('Write', '/home/me/.claude/plans/calm-fox.md')).toBe(true);
    expect(plan('Edit', '/home/me/.claude/plans/calm-fox.md')).toBe(true);
    expect(plan('Write', '/srv/project/plans/next.md')).toBe(false);
    expect(plan('Write', '/home/me/.claude/plans/../settings.json')).toBe(false);
    expect(plan('Bash', '/home/me/.claude/plans/calm-fox.md')).toBe(false);
    expect(isPlanFile('Write', {}, cwd)).toBe(false);
  });

  it('survives any input', () => {
    for (const name of [
      'Bash',
      'Read',
      'Edit',
      'Grep',
      'WebFetch',
      'Agent',
      'TodoWrite',
      'AskUserQuestion',
      '__proto__',
    ])
      for (const input of [{}, { command: 1 }, { todos: 'x' }, { questions: [1] }, { file_path: null }])
        expect(typeof summary(name, input)).toBe('string');
    expect(summary('Bash', { command: '🙂'.repeat(1000) }).length).toBeLessThanOrEqual(TOOL_SUMMARY_MAX);
    expect(toolClass('constructor')).toBe('other');
  });

  it('names a suggestion by its exact rule, mode or folder', () => {
    const rules = [{ toolName: 'Bash', ruleContent: 'npm run *' }, { toolName: 'WebSearch' }];
    expect(suggestionLabel({ type: 'addRules', rules })).toBe('Bash(npm run *), WebSearch');
    expect(suggestionLabel({ type: 'setMode', mode: 'acceptEdits' })).toBe('acceptEdits');
    expect(suggestionLabel({ type: 'addDirectories', directories: ['/etc'] })).toBe('/etc');
    expect(suggestionLabel({ type: 'new thing' })).toBe('new thing');
    expect(suggestionLabel({})).toBe('');
  });
});
