/** `/claude`: Claude's own slash commands with the real CLI. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SLOW, useSystem } from '../stage.ts';

const use = useSystem({}, { main: join(import.meta.dirname, '../hurried-runner.ts') });

const idOf = (status: string) => /claude --resume ([0-9a-f-]{36})/.exec(status)?.[1] ?? '';

it('/claude compact, clear and a command of one’s own; clear changes what is resumed, not the counts', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const commands = join(stage.system.userHome('laptop'), '.claude/commands');
  mkdirSync(commands, { recursive: true });
  writeFileSync(
    join(commands, 'greet.md'),
    '---\ndescription: Greets\nargument-hint: <name>\n---\nsay: hello $ARGUMENTS\n',
  );

  const thread = await stage.begin(owner, 'say: remember the plum');
  await stage.says(thread, /^remember the plum[\s\S]*context/);
  const first = idOf((await stage.command(owner, thread.id, 'status')).text);

  const offered = async (typed: string) =>
    (await stage.discord.user(owner).autocomplete(thread.id, 'claude', 'command', { command: typed }))
      .choices;
  await expect
    .poll(async () => (await offered('greet')).map(({ value }) => value), { timeout: SLOW.timeoutMs })
    .toEqual(['greet']);
  expect((await offered('greet'))[0]?.name).toContain('<name>');
  expect((await offered('config')).filter(({ value }) => value === 'config')).toEqual([]);

  await stage.command(owner, thread.id, 'claude', { command: 'greet', arguments: 'Ann' });
  await stage.says(thread, /^hello Ann[\s\S]*context/);

  await stage.command(owner, thread.id, 'claude', { command: 'compact', arguments: 'keep the plum' });
  await stage.says(thread, 'summarized');

  await stage.command(owner, thread.id, 'claude', { command: 'clear' });
  await stage.says(thread, 'empty now');
  await stage.command(owner, thread.id, 'ask', { prompt: 'recall' });
  await stage.says(thread, 'Nothing was asked before.');
  const status = (await stage.command(owner, thread.id, 'status')).text;
  expect(idOf(status)).not.toBe(first);
  expect(status).toContain('5 turns');

  await runners[0]?.stop();
  runners[0]?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'recall again' });
  await stage.says(thread, /Asked before: .recall/);
}, 120_000);

it('what needs a terminal, is Heddle’s own, or is not there, is refused with words; a look-alike is text', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: hello');
  await stage.says(thread, /^hello[\s\S]*context/);
  const config = await stage.command(owner, thread.id, 'claude', {
    command: 'config',
    arguments: 'theme=dark',
  });
  expect(config.text).toMatch(/needs Claude’s terminal/);
  const model = await stage.command(owner, thread.id, 'claude', { command: '/model', arguments: 'haiku' });
  expect(model.text).toMatch(/is not run here/);
  await stage.command(owner, thread.id, 'claude', { command: 'nosuch' });
  await stage.says(thread, /has no command/);
  expect((await stage.command(owner, thread.id, 'claude', { command: 'rm -rf' })).text).toContain('no name');
  await stage.command(owner, thread.id, 'ask', { prompt: '/clear' });
  await stage.says(thread, /You said: .\/clear/);
}, 60_000);
