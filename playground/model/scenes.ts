/** Words in a prompt -> what the model plays. The help text is made from this table, so it cannot be wrong. */

import { type Beat, call, type PlayBlock, type Stage, say, talk } from './blocks.ts';
import { bigText, editBeats, longText, planBeats, replanBeats, resultWords } from './content.ts';
import { READING_SCENES } from './reading-scenes.ts';
import type { Scene } from './scene.ts';
import { streamWords } from './words.ts';

/** A stream is bounded, so that a mistyped number does not run for hours. */
const STREAM_MAX_DELTAS = 20_000;
const STREAM_MAX_SIZE = 2_000;
const STREAM_MAX_INTERVAL_MS = 60_000;
const FILE = String.raw`(?:\s+(?:file\s+)?([\w./~-]+\.\w+))?`;

function paced(count: number, size: number, intervalMs: number): Beat {
  const words = streamWords(Math.min(Math.max(1, count), STREAM_MAX_DELTAS), Math.min(size, STREAM_MAX_SIZE));
  const pace = { intervalMs: Math.min(intervalMs, STREAM_MAX_INTERVAL_MS), size: words[0]?.length ?? 1 };
  return { calls: false, play: () => [{ type: 'text', text: words.join(''), pace }] };
}

const bash = (command: string, description: string, more: Record<string, unknown> = {}): Beat =>
  call(['Bash', { command, description, ...more }]);

function callOf(tool: string, json: string): readonly Beat[] {
  try {
    return [call([tool, JSON.parse(json)])];
  } catch {
    return [say(`That is no JSON: ${json}`)];
  }
}

function agents(stage: Stage): readonly PlayBlock[] {
  // Claude: the tool is `Agent`; older CLIs call it `Task`.
  const name = stage.tools.has('Agent') ? 'Agent' : 'Task';
  return ['one', 'two'].map((which) => ({
    type: 'tool',
    name,
    input: {
      description: `Subagent ${which}`,
      prompt: `run: touch subagent-${which}.txt`,
      subagent_type: 'general-purpose',
      run_in_background: false,
    },
  }));
}

const DATABASE = {
  question: 'Which database for the tests?',
  header: 'Database',
  multiSelect: false,
  options: [
    { label: 'SQLite', description: 'One file, nothing to install' },
    { label: 'Postgres', description: 'The same as in production' },
  ],
};
const CHECKS = {
  question: 'Which checks should run?',
  header: 'Checks',
  multiSelect: true,
  options: [
    { label: 'Unit', description: 'Fast' },
    { label: 'Browser', description: 'Slow' },
    { label: 'Lint', description: 'Style only' },
  ],
};

/** The first that matches is played, so what carries an argument stands before plain words. */
export const SCENES: readonly Scene[] = [
  {
    name: 'help',
    usage: 'help',
    help: 'this list',
    pattern: /^\s*help\b/i,
    beats: () => [talk(() => helpText())],
  },
  {
    name: 'call',
    usage: 'call: <tool> <json>',
    help: 'calls exactly that tool with that input',
    pattern: /^\s*call:\s*(\w+)\s*([\s\S]*)$/i,
    beats: ([tool = '', json = '']) => [
      ...callOf(tool, json),
      talk(({ returns }) => `${tool} ${resultWords(returns)}`),
    ],
  },
  {
    name: 'say',
    usage: 'say: <text>',
    help: 'answers with exactly that text',
    pattern: /\bsay:\s*([\s\S]+)/i,
    beats: ([text = '']) => [say(text)],
  },
  {
    name: 'run',
    usage: 'run: <command>',
    help: 'runs exactly that command; `run` alone runs `npm test`. Most commands need a permission',
    pattern: /\brun\b(?::\s*([\s\S]+))?/i,
    beats: ([command]) => {
      const given = command?.trim();
      return [
        say('I run that now.'),
        bash(given === undefined || given === '' ? 'npm test' : given, 'Run what was asked for'),
        talk(({ returns }) => `The command ${resultWords(returns)}`),
      ];
    },
  },
  {
    name: 'stream',
    usage: 'stream <N>x<C>@<MS>',
    help: 'N deltas of C characters, MS milliseconds apart, each a word that occurs once: `stream 200x8@25`',
    pattern: /\bstream\s+(\d+)x(\d+)@(\d+)\b/i,
    beats: ([count, size, intervalMs]) => [paced(Number(count), Number(size), Number(intervalMs))],
  },
  ...READING_SCENES,
  {
    name: 'error',
    usage: 'error <status> [once]',
    help: 'the API fails with 400, 401, 403, 404, 413, 429, 500 or 529: each time, or once',
    // Not "error" anywhere: people ask to fix errors.
    pattern: /\berror\s+(400|401|403|404|413|429|500|529)\b(?:\s+(once))?|^\s*error(?:\s+(once))?\s*$/i,
    beats: () => [say('That worked at the second try.')],
    failure: ([status, once, alone]) => ({
      type: 'status',
      status: Number(status ?? 529),
      times: once === undefined && alone === undefined ? Number.POSITIVE_INFINITY : 1,
    }),
  },
  {
    name: 'limit',
    usage: 'limit <S>',
    help: 'the usage limit of the plan is reached for S seconds; needs a login, not an API key',
    pattern: /\blimit\s+(\d{1,6})\b/i,
    beats: () => [say('There was room after all.')],
    failure: ([seconds]) => ({ type: 'limit', seconds: Number(seconds), times: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'cut',
    usage: 'cut',
    help: 'the connection breaks once in the middle of the answer; the CLI asks again',
    pattern: /\bcut\b/i,
    beats: () => [say('This answer was cut off once, and this is the whole of it, said a second time.')],
    failure: () => ({ type: 'cut', after: 30, times: 1 }),
  },
  {
    name: 'parallel',
    usage: 'parallel',
    help: 'two requests open at the same time (reads outside the project)',
    pattern: /\bparallel\b/i,
    beats: () => [
      say('I look at two files outside the project.'),
      call(['Read', { file_path: '/etc/hosts' }], ['Read', { file_path: '/etc/passwd' }]),
      talk(({ returns }) => `The first read ${outcome(returns[0])}, the second ${outcome(returns[1])}.`),
    ],
  },
  {
    name: 'several',
    usage: 'several',
    help: 'three tools in one message, one after another',
    pattern: /\bseveral\b/i,
    beats: () => [
      say('Three things at once.'),
      call(
        ['Bash', { command: 'ls', description: 'List files' }],
        ['Write', { file_path: 'several.txt', content: 'one of several\n' }],
        ['Bash', { command: 'touch several-done.txt', description: 'Leave a mark' }],
      ),
      talk(({ returns }) => `Of ${returns.length}, ${returns.filter((r) => !r.failed).length} worked.`),
    ],
  },
  {
    name: 'agents',
    usage: 'agents',
    help: 'two subagents at the same time; each runs a command that needs a permission',
    pattern: /\b(?:sub)?agents?\b/i,
    beats: () => [
      say('I give that to two helpers.'),
      { calls: true, play: agents },
      talk(({ returns }) => `Both are back: ${returns.length} reports.`),
    ],
  },
  {
    name: 'background',
    usage: 'background',
    help: 'starts a command in the background; a turn begins by itself when it ends',
    pattern: /\bbackground\b/i,
    beats: () => [
      bash('sleep 1; echo finished', 'Wait in the background', { run_in_background: true }),
      say('It runs in the background; I will say when it has ended.'),
    ],
  },
  {
    name: 'questions',
    usage: 'question | questions',
    help: 'asks one question, or two with one of multiple choice',
    pattern: /\bquestion(s)?\b/i,
    beats: ([many]) => [
      call(['AskUserQuestion', { questions: many === undefined ? [DATABASE] : [DATABASE, CHECKS] }]),
      talk(({ returns }) => `About the question: ${resultWords(returns)}`),
    ],
  },
  {
    name: 'choices',
    usage: 'choices',
    help: 'asks one question of multiple choice',
    pattern: /\bchoices\b/i,
    beats: () => [
      call(['AskUserQuestion', { questions: [CHECKS] }]),
      talk(({ returns }) => `About the question: ${resultWords(returns)}`),
    ],
  },
  {
    name: 'replan',
    usage: 'replan',
    help: 'the same as `plan`, and when that is sent back, another plan',
    pattern: /\breplan\b/i,
    beats: () => replanBeats(),
  },
  {
    name: 'plan',
    usage: 'plan',
    help: 'goes into plan mode, writes a plan and asks for its approval',
    pattern: /\bplan\b/i,
    beats: () => planBeats(),
  },
  {
    name: 'think',
    usage: 'think',
    help: 'thinks before it answers',
    pattern: /\bthink\b/i,
    beats: () => [
      {
        calls: false,
        play: () => [{ type: 'thinking', text: 'Let me turn this over in my mind. '.repeat(4) }],
      },
      say('I have thought about it: yes.'),
    ],
  },
  {
    name: 'long',
    usage: 'long',
    help: 'a long text with code blocks, several Discord messages',
    pattern: /\blong\b/i,
    beats: () => [say(longText())],
  },
  {
    name: 'slow',
    usage: 'slow',
    help: 'the same as `stream 120x8@250`: time to press Stop',
    pattern: /\bslow\b/i,
    beats: () => [paced(120, 8, 250)],
  },
  {
    name: 'edit',
    usage: 'edit [file]',
    help: 'reads a file and changes its first line (default `notes.txt`, written first when it is missing)',
    pattern: new RegExp(String.raw`\bedit\b${FILE}`, 'i'),
    beats: ([file]) => editBeats(file ?? 'notes.txt'),
  },
  {
    name: 'big',
    usage: 'big',
    help: 'writes a file of 2,000 lines: a request whose input fits no card',
    pattern: /\bbig\b/i,
    beats: () => [
      say('I write a big file.'),
      call(['Write', { file_path: 'big.txt', content: bigText() }]),
      talk(({ returns }) => `Writing ${resultWords(returns)}`),
    ],
  },
  {
    name: 'write',
    usage: 'write [file]',
    help: 'writes a file (default `hello.txt`)',
    pattern: new RegExp(String.raw`\bwrite\b${FILE}`, 'i'),
    beats: ([file = 'hello.txt']) => [
      say(`I write ${file}.`),
      call(['Write', { file_path: file, content: 'Hello from the scripted model.\nSecond line.\n' }]),
      talk(({ returns }) => `Writing ${resultWords(returns)}`),
    ],
  },
  {
    name: 'read',
    usage: 'read [file]',
    help: 'reads a file in the project (default `README.md`); needs no permission',
    pattern: new RegExp(String.raw`\bread\b${FILE}`, 'i'),
    beats: ([file = 'README.md']) => [
      say(`Let me read ${file}.`),
      call(['Read', { file_path: file }]),
      talk(({ returns }) => `Reading ${resultWords(returns)}`),
    ],
  },
  {
    name: 'recall',
    usage: 'recall',
    help: 'says what was asked before in this conversation',
    pattern: /\brecall\b/i,
    beats: () => [
      talk(({ prompts }) => {
        const before = prompts.slice(0, -1);
        return before.length === 0
          ? 'Nothing was asked before.'
          : `Asked before: ${before.map((prompt) => `“${prompt}”`).join(', ')}.`;
      }),
    ],
  },
];

function outcome(result: Stage['returns'][number] | undefined): string {
  return result === undefined || result.failed ? 'was refused' : 'worked';
}

/** What `help` answers, and what README.md holds. */
export function helpText(): string {
  const lines = SCENES.map((scene) => `- \`${scene.usage}\`: ${scene.help}`);
  return [
    'I am a scripted model: I play what words in your prompt ask for.',
    '',
    ...lines,
    '- `<one> then <another>`: one after the other, in one turn',
    '- anything else: a short answer',
  ].join('\n');
}
