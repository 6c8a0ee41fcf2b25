/** The CLI's own faults, through the whole system: what the person reads, and that the session goes on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ofBot } from '../stage.ts';
import { useFaults } from './use.ts';

const use = useFaults();

it('cli: SIGKILL in the middle of a turn is told with what can be done, and the next prompt goes on', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:400:25 cli-kill');
  await stage.says(thread, 'wwwww3');
  const prompt = stage.stub
    .read()
    .find((entry) => entry.event === 'prompt' && entry.text.includes('cli-kill'));
  if (prompt === undefined) throw new Error('the stub was not asked');
  process.kill(prompt.pid, 'SIGKILL');
  const told = await stage.says(thread, /ended unexpectedly/);
  expect(told.buttons.slice(0, 2).map(({ label }) => label)).toEqual(['Continue', 'Discard']);
  await stage.stillWorks(thread);
  expect(stage.prompts('cli-kill')).toBe(1);
  await stage.buttonless(thread);
});

it('cli: exit 1 on start fails the prompt with the CLI’s own words, and the next try starts', async () => {
  const { stage } = use;
  const good = readFileSync(stage.stub.bin, 'utf8');
  const version =
    "if (process.argv.includes('--version')) { console.log('2.1.330 (Claude Code)'); process.exit(0); }\n";
  writeFileSync(stage.stub.bin, `${version}console.error('the disk is on fire'); process.exit(1);\n`);
  const thread = await stage.begin(stage.owner, 'cli-exit');
  await stage.says(thread, /could not be started[\s\S]*the disk is on fire/);
  writeFileSync(stage.stub.bin, good);
  await stage.stillWorks(thread);
  expect(stage.prompts('cli-exit')).toBe(0);
});

it('cli: a turn that hangs is ended by /stop, and the session goes on', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'hang cli-hang');
  await stage.says(thread, /cli-hang[\s\S]*stub-model/);
  await stage.command(stage.owner, thread.id, 'stop');
  await stage.says(thread, /stopped it/);
  await stage.stillWorks(thread);
});

it('cli: garbage on stdout changes nothing', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'garbage stream:10:5 garbage ask:1');
  await stage.press(stage.owner, await stage.card(thread, 'echo'), 'Allow');
  await stage.finished(thread, 'Decided: allow');
  expect(thread.show()).not.toMatch(/not json|nobody-knows/);
  await stage.stillWorks(thread);
});

it('cli: a storm of retries is told in few words', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'retries:10 retries:10 stream:10:5');
  await stage.finished(thread, 'wwwww9');
  expect(
    ofBot(thread).filter(({ text }) => !text.startsWith('**olga**') && /overloaded|retr|again/i.test(text))
      .length,
  ).toBeLessThanOrEqual(1);
  await stage.stillWorks(thread);
});

it('cli: a turn that begins by itself asks after the result, and the answer reaches it', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'later cli-later');
  const card = await stage.card(thread, 'echo');
  await stage.press(stage.owner, card, 'Allow');
  await stage.finished(thread, 'Decided: allow');
  await stage.stillWorks(thread);
});

it('cli: prompts that come while a turn runs are neither folded into it nor merged', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'wait:600 cli-first');
  for (const words of ['cli-second', 'cli-third', 'cli-fourth']) await stage.ask(thread, words);
  await stage.finished(thread, 'Echo: cli-fourth');
  const events = stage.stub.read().flatMap((entry) => {
    if (entry.event === 'prompt') return /cli-(first|second|third|fourth)/.exec(entry.text)?.[0] ?? [];
    return [];
  });
  expect(events).toEqual(['cli-first', 'cli-second', 'cli-third', 'cli-fourth']);
  const [of] = stage.stub.read().filter((e) => e.event === 'prompt' && e.text.includes('cli-first'));
  const story = stage.stub
    .read()
    .filter((e) => e.session === of?.session && ['prompt', 'result'].includes(e.event));
  expect(story.map((e) => e.event)).toEqual(Array(4).fill(['prompt', 'result']).flat());
});

it('cli: /clear in a prompt is words for the model: the conversation keeps its id over a restart of the runner', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, '/clear');
  await stage.finished(thread, 'Echo: /clear');
  await stage.runner.stop('SIGKILL');
  stage.runner.start();
  await stage.stillWorks(thread);
  const sessions = stage.stub
    .read()
    .filter((e) => e.event === 'prompt')
    .slice(-2)
    .map((e) => e.session);
  expect(new Set(sessions).size).toBe(1);
});
