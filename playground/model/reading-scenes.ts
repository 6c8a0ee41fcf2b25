/** Scenes about what a thread shows: files, pictures, tables, very long texts. */
import { call, say, talk } from './blocks.ts';
import { resultWords } from './content.ts';
import type { Scene } from './scene.ts';

/** 120 by 60 pixels: bars of a chart. */
const CHART_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAHgAAAA8CAIAAAAiz+n/AAAAkklEQVR42u3WuwkAIBBEQcu0AfuHE3NbEBTxM/DSDW6iS1GbNpQQgAYt0KCfKpcYDDRo0AIN+ryDQYMGDRo0aNCgQYMGPQG9eQsaNGjQoEGDBn0T9EX/LGjQoEGDBg0aNOinDgYNGjRo0KBBgwYNeik0LNCgbUGDBg0LNGhb0KBBwwIN2hY0aNCwQIO2BQ36x20HRuCGNKfa/lsAAAAASUVORK5CYII=';

const TABLES = [
  '# What there is',
  '',
  '#### A deeper heading',
  '',
  '| file | lines | tests |',
  '|:--|--:|:-:|',
  '| auth.ts | 120 | ✅ |',
  '| 日本語.ts | 8 | ❌ |',
  '',
  '| package | what it does | licence | size |',
  '|---|---|---|--:|',
  '| hono | routes of the Worker | MIT | 18 kB |',
  '| valibot | schemas on both ends | MIT | 4 kB |',
  '',
  '- [x] read the code',
  '- [ ] write the tests',
  '  - unit',
  '    1. render',
  '    2. rules',
  '',
  '> A quote with **bold** words.',
  '',
  '---',
  '',
  '```diff',
  '-const a = 1;',
  '+const a = 2;',
  '```',
  '',
  '1. First, with code:',
  '   ```sh',
  '   npm test',
  '   ```',
  '2. Second, with a [link](https://example.com/docs/page).',
  '',
  'مرحبا بالعالم, 你好，世界, 👨‍👩‍👧 and `@everyone`.',
].join('\n');

/** About 20,000 characters. */
function endlessText(): string {
  const lines = Array.from(
    { length: 300 },
    (_, at) => `${at + 1}. Step ${at + 1} of a very long answer, told in full.`,
  );
  return `# An endless answer\n\n${lines.join('\n')}\n\nThat was the end of it.`;
}

export const READING_SCENES: readonly Scene[] = [
  {
    name: 'send',
    usage: 'send <file>',
    help: 'hands over a file of the project to the thread (`send_file`); needs a permission',
    pattern: /\bsend\s+(\S+)/i,
    beats: ([path = '']) => [
      call(['mcp__heddle__send_file', { path, caption: `Here is ${path}` }]),
      talk(({ returns }) => `Sending ${resultWords(returns)}`),
    ],
  },
  {
    name: 'picture',
    usage: 'picture',
    help: 'makes a picture in the project and names it; the command needs a permission',
    pattern: /\bpicture\b/i,
    beats: () => [
      say('I draw a chart.'),
      call(['Bash', { command: `echo ${CHART_PNG} | base64 -d > chart.png`, description: 'Draw a chart' }]),
      say('The chart is in `chart.png`.'),
    ],
  },
  {
    name: 'todo',
    usage: 'todo',
    help: 'keeps a to-do list of three and does the first',
    pattern: /\b(?:todo|to-do)\b/i,
    beats: () => [
      say('I make a list.'),
      call(
        [
          'TaskCreate',
          { subject: 'Look around', description: 'See what is there', activeForm: 'Looking around' },
        ],
        ['TaskCreate', { subject: 'Write it down', description: 'Write notes', activeForm: 'Writing' }],
        ['TaskCreate', { subject: 'Check it', description: 'Read the notes again', activeForm: 'Checking' }],
      ),
      call(['TaskUpdate', { taskId: '1', status: 'in_progress' }]),
      call(['Bash', { command: 'ls', description: 'List files' }]),
      call(
        ['TaskUpdate', { taskId: '1', status: 'completed' }],
        ['TaskUpdate', { taskId: '2', status: 'in_progress' }],
      ),
      say('The first is done.'),
    ],
  },
  {
    name: 'tables',
    usage: 'tables',
    help: 'tables, lists, quotes, code and scripts of all kinds in one answer',
    pattern: /\btables\b/i,
    beats: () => [say(TABLES)],
  },
  {
    name: 'endless',
    usage: 'endless',
    help: 'a text that is too long for a thread: its end is shown, the whole comes as a file',
    pattern: /\bendless\b/i,
    beats: () => [say(endlessText())],
  },
];
