/** Captures of the real CLI as threads that a person can read and judge: `test/fixtures/threads/*.txt`. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAPTURES } from '../claude/replay.ts';
import { asText, retell } from '../session/retell.ts';

const THREADS = join(CAPTURES, '..', 'threads');

/** What each is there to show. */
const TELLING: Readonly<Record<string, string>> = {
  'basic-text': 'a short answer',
  permissions: 'edits and commands that are asked for, allowed and denied',
  'parallel-and-subagents': 'several calls at once, subagents',
  'ask-user-question-and-plan': 'questions and plans that are answered, approved and sent back',
  'plan-mode-approve': 'a plan above its card',
  'adv-acceptEdits': 'edits that need no answer: their diffs',
  'feat-todo-enabled': 'a to-do list',
  'feat-tasks-enabled': 'a to-do list of single tasks',
  'feat-unicode': 'text of all scripts',
  'feat-image': 'pictures',
  'feat-compact': 'a compaction',
  'feat-slash': 'commands of Claude’s own',
  'error-529-once': 'a retry',
  'error-401-always': 'no login',
  'error-max-tokens': 'a text that was cut and went on',
  'stop-interrupt-tool': 'a turn that was stopped',
  'ratelimit-allowed-then-warning': 'a limit that comes near',
  'long-long-tool-45s': 'a command that takes long',
  'adv-mcp': 'a tool of another server',
};

describe('the thread of a capture', () => {
  it.each(Object.entries(TELLING))('%s: %s', async (name, about) => {
    const text = `${name}: ${about}\n\n${asText(retell(name))}`;
    await expect(text).toMatchFileSnapshot(join(THREADS, `${name}.txt`));
  });
});
