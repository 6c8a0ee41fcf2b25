/** What a tool call is, for the one line that shows it. Pure. All of it is untrusted text. */
import { homedir } from 'node:os';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { ToolClass } from '../../../protocol/events.ts';
import { TOOL_SUMMARY_MAX } from '../../../protocol/limits.ts';
import { clip, oneLine } from '../line/clip.ts';
import { type Json, records, string, strings } from '../line/json.ts';

const CLASSES: Readonly<Record<string, ToolClass>> = {
  Read: 'read',
  NotebookRead: 'read',
  LS: 'read',
  Glob: 'search',
  Grep: 'search',
  ToolSearch: 'search',
  Edit: 'edit',
  MultiEdit: 'edit',
  Write: 'edit',
  NotebookEdit: 'edit',
  Bash: 'command',
  BashOutput: 'command',
  KillShell: 'command',
  Monitor: 'command',
  PowerShell: 'command',
  WebFetch: 'web',
  WebSearch: 'web',
  Agent: 'agent',
  Task: 'agent',
  TodoWrite: 'todo',
  TaskCreate: 'todo',
  TaskUpdate: 'todo',
  TaskList: 'todo',
  TaskGet: 'todo',
};

export function toolClass(name: string): ToolClass {
  return Object.hasOwn(CLASSES, name) ? (CLASSES[name] ?? 'other') : 'other';
}

/** A path as a person knows it: relative to the project, else to the home folder, else whole. */
export function shortPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(cwd, path);
  if (inside === '') return '.';
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside;
  const home = homedir();
  return path === home || path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

/** The file or folder that a call names; null when it names none. */
export function pathOf(input: Json): string | null {
  return string(input, 'file_path') ?? string(input, 'notebook_path') ?? string(input, 'path');
}

/** The path as a person knows it when it is outside of the project, else null. */
export function outsidePath(path: string | null, cwd: string): string | null {
  if (path === null) return null;
  const inside = relative(cwd, resolve(cwd, path));
  return inside.startsWith('..') || isAbsolute(inside) ? shortPath(resolve(cwd, path), cwd) : null;
}

/**
 * Claude: in plan mode it writes one file without asking, `plans/<name>.md` in its own folder. Only for a quiet line: a card names what
 * it asks for.
 */
export function isPlanFile(name: string, input: Json, cwd: string): boolean {
  const path = pathOf(input);
  return (
    toolClass(name) === 'edit' &&
    path !== null &&
    outsidePath(path, cwd) !== null &&
    /[\\/]plans[\\/][^\\/]+\.md$/.test(path)
  );
}

/** Keys that say most about a call, best first, for tools that have no line of their own. */
const TELLING_KEYS = ['command', 'file_path', 'path', 'pattern', 'query', 'url', 'description', 'prompt'];

/** What matters of a call, in one line. */
export function toolSummary(name: string, input: Json, cwd: string): string {
  return clip(oneLine(summary(name, input, cwd)), TOOL_SUMMARY_MAX);
}

function summary(name: string, input: Json, cwd: string): string {
  const path = pathOf(input);
  switch (toolClass(name)) {
    case 'command':
      return string(input, 'command') ?? string(input, 'bash_id') ?? string(input, 'task_id') ?? '';
    case 'read':
    case 'edit':
      return path === null ? '' : shortPath(path, cwd);
    case 'search': {
      const what = string(input, 'pattern') ?? string(input, 'query') ?? '';
      return path === null ? what : `${what} in ${shortPath(path, cwd)}`;
    }
    case 'web':
      return string(input, 'url') ?? string(input, 'query') ?? '';
    case 'agent':
      return string(input, 'description') ?? '';
    case 'todo':
      return todo(input);
    case 'other':
      return other(name, input, cwd);
  }
}

function todo(input: Json): string {
  const items = records(input, 'todos');
  const now = items.find((item) => string(item, 'status') === 'in_progress');
  if (now !== undefined) return string(now, 'activeForm') ?? string(now, 'content') ?? '';
  return string(input, 'subject') ?? string(input, 'description') ?? '';
}

function other(name: string, input: Json, cwd: string): string {
  if (name === 'AskUserQuestion') return string(records(input, 'questions')[0] ?? {}, 'question') ?? '';
  if (name === 'ExitPlanMode') return firstLine(string(input, 'plan') ?? '');
  for (const key of TELLING_KEYS) {
    const value = string(input, key);
    if (value !== null && value !== '') return isAbsolute(value) ? shortPath(value, cwd) : value;
  }
  const first = Object.values(input).find((value) => typeof value === 'string' && value !== '');
  return typeof first === 'string' ? first : '';
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? '';
}

/** A permission suggestion of the CLI's, as a person can read it: the exact rule, mode or folder. */
export function suggestionLabel(suggestion: Json): string {
  const type = string(suggestion, 'type') ?? '';
  const rules = records(suggestion, 'rules').map((rule) => {
    const tool = string(rule, 'toolName') ?? '';
    const content = string(rule, 'ruleContent');
    return content === null ? tool : `${tool}(${content})`;
  });
  if (rules.length > 0) return clip(oneLine(rules.join(', ')), TOOL_SUMMARY_MAX);
  const mode = string(suggestion, 'mode');
  if (mode !== null) return clip(mode, TOOL_SUMMARY_MAX);
  const folders = strings(suggestion, 'directories');
  return clip(folders === null ? type : oneLine(folders.join(', ')), TOOL_SUMMARY_MAX);
}
