/** `/resume` of a conversation that was begun in a terminal: offered to the runner's owner alone, and gone on with in a thread. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { modelEnvironment } from '../../../playground/model/environment.ts';
import { ofBot, useSystem } from '../stage.ts';

const CLAUDE = join(import.meta.dirname, '../../../node_modules/.bin/claude');
const use = useSystem({}, null);

let claudeSession = '';

/** What the runner's owner did in a terminal before there was a runner. */
async function inTerminal(prompt: string): Promise<string> {
  const { system } = use.stage;
  const cwd = system.makeFolder('laptop-demo');
  const home = system.userHome('laptop');
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env.PATH, ...modelEnvironment(system.model.url, home) };
  const args = ['-p', '--output-format=json', prompt];
  const { stdout } = await promisify(execFile)(CLAUDE, args, { cwd, env });
  const told: unknown = JSON.parse(stdout);
  const id = String((told as { session_id?: string }).session_id);
  const projects = join(home, '.claude', 'projects');
  for (const folder of readdirSync(projects)) {
    const file = join(projects, folder, `${id}.jsonl`);
    // Claude: without a terminal it says that a program had the conversation; this one stands for a person's.
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replaceAll('"entrypoint":"sdk-cli"', '"entrypoint":"cli"'),
    );
  }
  return id;
}

beforeAll(async () => {
  claudeSession = await inTerminal('say: spoken in a terminal');
  await use.stage.system.addRunner();
});

const choices = async (who = use.stage.system.owner) =>
  (await use.stage.discord.user(who).autocomplete(use.stage.system.channel.id, 'resume', 'session')).choices;

it('offers it to the owner of the runner, and to nobody else, shared or not', async () => {
  const { stage } = use;
  const { owner, guild, channel } = stage.system;
  const [choice] = await choices();
  expect(choice?.name).toMatch(/^say: spoken in a terminal · demo · \d+ min ago · terminal$/);
  const bob = guild.addMember({ name: 'bob' });
  await stage.discord.user(owner).command(channel.id, 'runner share', { runner: 'laptop', member: bob.id });
  expect(await choices(bob)).toEqual([]);
  const forged = await stage.command(bob, channel.id, 'resume', { session: String(choice?.value) });
  expect(forged.text).toMatch(/no such session/);
  const unknown = String(choice?.value).replace(claudeSession, '00000000-0000-4000-8000-000000000000');
  expect((await stage.command(owner, channel.id, 'resume', { session: unknown })).text).toMatch(/no such/);
  expect(channel.threads).toEqual([]);
});

it('goes on with it in a thread, knows what was said, and is then a session like any other', async () => {
  const { stage } = use;
  const { owner, channel } = stage.system;
  const [choice] = await choices();
  const session = String(choice?.value);
  const answer = await stage.command(owner, channel.id, 'resume', { session });
  expect(answer.text).toMatch(/Starting → <#\d+>/);
  const thread = await stage.discord.waitFor(() => channel.threads[0], { what: 'the thread' });
  await stage.says(thread, /goes on with “say: spoken in a terminal”/);
  await stage.command(owner, thread.id, 'ask', { prompt: 'recall' });
  expect((await stage.says(thread, /^Asked before:[\s\S]*context/)).text).toContain('spoken in a terminal');
  expect((await stage.command(owner, thread.id, 'status')).text).toContain(
    `claude --resume ${claudeSession}`,
  );

  // A second thread for the same conversation would fork it silently.
  const before = new Set(channel.threads.map(({ id }) => id));
  const again = await stage.command(owner, channel.id, 'resume', { session });
  const second = channel.threads.find(({ id }) => !before.has(id));
  if (second === undefined) expect(again.text).toMatch(/no such session/);
  else {
    await stage.command(owner, second.id, 'ask', { prompt: 'say: never' });
    await stage.says(second, /Another thread on this runner has this Claude conversation/);
    expect(ofBot(second).some(({ text }) => text.startsWith('never'))).toBe(false);
  }
});
