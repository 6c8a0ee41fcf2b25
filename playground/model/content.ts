/** The longer things that scenes say and do. */
import { type Beat, call, type Stage, type ToolReturn, talk } from './blocks.ts';

/** How much of a tool's output is repeated. */
const QUOTE_MAX = 400;

/** The end of a sentence about what tools returned. */
export function resultWords(returns: readonly ToolReturn[]): string {
  const first = returns[0];
  if (first === undefined) return 'gave nothing back.';
  const text = first.text.length > QUOTE_MAX ? `${first.text.slice(0, QUOTE_MAX)}…` : first.text;
  return first.failed ? `did not work: ${text}` : `worked:\n\n${fenced(text)}`;
}

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

const PARAGRAPH =
  'A thread is pulled through a heddle, and each one lifts its own. What passes beneath is a sentence that goes on for a while, so that lines wrap on a phone and a message fills up.';

/** About 7,000 characters: four Discord messages, with code blocks at places where a message is likely to end. */
export function longText(): string {
  const parts: string[] = ['# A long answer', ''];
  for (let part = 1; part <= 6; part++) {
    parts.push(`## Part ${part}`, '', `${PARAGRAPH} (${part}a)`, '', '```ts');
    for (let line = 1; line <= 14; line++)
      parts.push(
        `export const value${part}_${line} = compute(${part}, ${line}); // line ${line} of part ${part}`,
      );
    parts.push(
      '```',
      '',
      `- first point of part ${part}`,
      `- second point, with \`inline code\` and **bold**`,
      '',
    );
  }
  parts.push('That was all of it.');
  return parts.join('\n');
}

/** About 100 KB, no two lines the same. */
export function bigText(): string {
  return Array.from({ length: 2000 }, (_, at) => `line ${at + 1} of 2000: ${'·'.repeat(at % 30)} end\n`).join(
    '',
  );
}

/** Reads, then changes the first line; a file that is not there is written first. */
export function editBeats(file: string): readonly Beat[] {
  const missing = (stage: Stage) => stage.returns[0]?.failed !== false;
  return [
    talk(() => `I change the first line of ${file}.`),
    call(['Read', { file_path: file }]),
    {
      calls: true,
      play: (stage) => [
        missing(stage)
          ? { type: 'tool', name: 'Write', input: { file_path: file, content: 'first line\nsecond line\n' } }
          : { type: 'tool', name: 'Edit', input: editInput(file, stage.returns[0]?.text ?? '') },
      ],
    },
    talk(({ returns }) => `Changing ${file} ${returns[0]?.failed === false ? 'worked.' : 'did not work.'}`),
  ];
}

/** Claude: Read numbers its lines, `1<tab>text` (older: `     1→text`). */
function editInput(file: string, numbered: string): Record<string, unknown> {
  const lines = numbered
    .split('\n')
    .map((line) => /^\s*\d+(?:\t|→)(.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined);
  const old = lines.find((line) => line.trim() !== '') ?? 'first line';
  return { file_path: file, old_string: old, new_string: `${old} (edited)` };
}

export const PLAN = '# Plan: tidy up\n\n1. Read the notes\n2. Write the summary\n3. Run the tests\n';

const CHANGED_PLAN = '# Plan: tidy up, changed\n\n1. Write the tests\n2. Do the rest\n';

/** Claude: the plan goes into a file whose path the CLI tells the model; `ExitPlanMode` then takes it from there. */
const writePlan = (plan: string): Beat => ({
  calls: true,
  play: ({ transcript }) => {
    const path = [...transcript.matchAll(/(\/[^\s"'`\\<>]+\/plans\/[\w-]+\.md)/g)].at(-1)?.[1];
    return path === undefined
      ? [{ type: 'tool', name: 'ExitPlanMode', input: { plan } }]
      : [{ type: 'tool', name: 'Write', input: { file_path: path, content: plan } }];
  },
});

const APPROVED = talk(({ returns }) =>
  returns[0]?.failed === false ? 'The plan is approved; I would begin now.' : 'Then I do not do that.',
);

export function planBeats(): readonly Beat[] {
  return [call(['EnterPlanMode', {}]), writePlan(PLAN), call(['ExitPlanMode', {}]), APPROVED];
}

/** For a plan that is sent back once. */
export function replanBeats(): readonly Beat[] {
  return [
    call(['EnterPlanMode', {}]),
    writePlan(PLAN),
    call(['ExitPlanMode', {}]),
    talk(({ returns }) => `It came back: ${returns[0]?.text ?? ''}`),
    writePlan(CHANGED_PLAN),
    call(['ExitPlanMode', {}]),
    APPROVED,
  ];
}
