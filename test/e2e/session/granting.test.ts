/** Always… and Accept all edits, with the real CLI: the rule really stops the second request, and is kept where the CLI keeps it. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Member } from '../../../playground/discord/people/guild-handle.ts';
import type { InteractionOutcome } from '../../../playground/discord/people/outcome.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { trustIn } from '../../../playground/start/scratch.ts';
import { ofBot, useSystem } from '../stage.ts';

const use = useSystem({ durations: { reminderMs: 1_500 } }, null);
let stranger: Member;
let sam: Member;
let project = '';

beforeAll(async () => {
  const { system } = use.stage;
  stranger = system.guild.addMember({ name: 'mallory' });
  sam = system.guild.addMember({ name: 'sam' });
  project = system.makeFolder('laptop-demo');
  mkdirSync(system.userHome('laptop'), { recursive: true });
  trustIn(join(system.userHome('laptop'), '.claude'), project);
  await system.addRunner({ projects: { demo: project } });
  await system.discord.user(system.owner).command(system.channel.id, 'runner share', { member: sam.id });
});

const user = (member?: Member) => use.stage.discord.user(member ?? use.stage.system.owner);
const done = (file: string) => existsSync(join(project, file));
const labels = (message: ShownMessage | undefined) => message?.buttons.map((b) => b.label);

/** The private answer to Always…. */
async function panel(card: ShownMessage, who?: Member): Promise<ShownMessage> {
  const outcome = await user(who).click(card.id, 'Always…');
  expect(outcome.failed).toBeUndefined();
  expect(outcome.ephemeral).toBe(true);
  if (outcome.message === undefined) throw new Error('no answer');
  return outcome.message;
}

function expectRefused(outcome: InteractionOutcome, words: RegExp): void {
  expect(outcome.failed).toBeUndefined();
  expect(outcome.ephemeral, 'for the one who did it alone').toBe(true);
  expect(outcome.text).toMatch(words);
}

describe('Always…', () => {
  it('This session: shows the exact rule, allows the request, and the next one like it is not asked', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: node -e "1" session');
    const card = await stage.card(thread, 'node -e');
    expect(labels(card)).toEqual(['Allow', 'Always…', 'Deny', 'Deny + reason']);
    const shown = await panel(card);
    expect(shown.text).toMatch(/Rule: `Bash\(node -e[^`]*\)`/);
    expect(labels(shown)).toEqual(['This session', 'This project on laptop', 'Cancel']);
    const chosen = await user().click(shown.id, 'This session');
    expect(chosen.failed).toBeUndefined();
    await stage.says(thread, /✓ olga allowed Bash[\s\S]*always in this session/);
    await stage.says(thread, /The command/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'run: node -e "1" session' });
    await stage.discord.waitFor(() => stage.count(thread, /The command/) === 2, { what: 'the second run' });
    expect(stage.count(thread, /🔐/), 'no second card').toBe(0);
    expect(existsSync(join(project, '.claude', 'settings.local.json'))).toBe(false);
    const other = await stage.begin(owner, 'run: node -e "1" session');
    await stage.press(owner, await stage.card(other, 'node -e'), 'Deny');
    await stage.says(other, /The command/);
  });

  it('Cancel leaves the card; the forged scopes are refused; a stranger sees nothing', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: npm run cancelled');
    thread.addMember(stranger);
    const card = await stage.card(thread, 'npm run cancelled');
    const shown = await panel(card);
    const id = shown.buttons.find((b) => b.label === 'This session')?.customId ?? '';
    expectRefused(await user(stranger).click(card.id, 'Always…'), /olga/);
    const forge = (who: Member, customId: string) => user(who).forge({ messageId: card.id, customId });
    expectRefused(await forge(stranger, id), /olga/);
    expectRefused(await forge(owner, id.replace(/_s$/, '_z')), /no rule/);
    expectRefused(await forge(owner, id.replace(/_s$/, '')), /no rule/);
    expectRefused(
      await forge(owner, id.replace(/[0-9a-f]{16}_s$/, `${'0'.repeat(16)}_s`)),
      /not what Claude asks/,
    );
    expectRefused(
      await forge(owner, id.replace(':rule:', ':edits:').replace(/_s$/, '')),
      /cannot be accepted/,
    );
    await user().click(shown.id, 'Cancel');
    expect(labels(stage.discord.message(card.id))).toContain('Allow');
    await stage.press(owner, card, 'Deny');
    await stage.says(thread, /olga denied/);
    expectRefused(await forge(owner, id), /already denied|over/);
    await stage.says(thread, /The command/);
  });

  it('a guest keeps a rule for their session, and not for the project', async () => {
    const { stage } = use;
    const thread = await stage.begin(sam, 'run: npm run guest');
    const card = await stage.card(thread, 'npm run guest');
    const shown = await panel(card, sam);
    expect(labels(shown)).toEqual(['This session', 'Cancel']);
    const id = shown.buttons.find((b) => b.label === 'This session')?.customId ?? '';
    expectRefused(
      await user(sam).forge({ messageId: card.id, customId: id.replace(/_s$/, '_p') }),
      /may not/,
    );
    await user(sam).click(shown.id, 'This session');
    await stage.says(thread, /✓ sam allowed/);
    await stage.says(thread, /The command/);
    expect(existsSync(join(project, '.claude', 'settings.local.json'))).toBe(false);
  });

  it('This project: the CLI writes the rule, and another session is not asked', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: npm run kept');
    const shown = await panel(await stage.card(thread, 'npm run kept'));
    await user().click(shown.id, 'This project on laptop');
    await stage.says(thread, /✓ olga allowed Bash[\s\S]*always in this project/);
    await stage.says(thread, /The command/);
    const settings: unknown = JSON.parse(
      readFileSync(join(project, '.claude', 'settings.local.json'), 'utf8'),
    );
    expect(settings).toMatchObject({ permissions: { allow: ['Bash(npm run *)'] } });
    const other = await stage.begin(owner, 'run: npm run kept');
    await stage.says(other, /The command/);
    expect(stage.count(other, /🔐|allowed/)).toBe(0);
  });
});

describe('Accept all edits', () => {
  it('says that it is a change of mode, and the next edit is not asked', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'write one.txt then write two.txt');
    const card = await stage.card(thread, 'one.txt');
    expect(labels(card)).toEqual(['Allow', 'Accept all edits', 'Deny', 'Deny + reason']);
    expect(card.text).toMatch(/changes the mode to `acceptEdits` for this session/);
    await stage.press(owner, card, 'Accept all edits');
    await stage.says(thread, /✓ olga allowed Write one\.txt · edits accepted/);
    await stage.discord.waitFor(() => done('two.txt'), { timeoutMs: 30_000, what: 'the second file' });
    expect([done('one.txt'), stage.count(thread, /🔐/)]).toEqual([true, 0]);
  });

  it('edits and rules outlive the restart of the runner', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    const thread = await stage.begin(owner, 'run: node -e "2" kept');
    await user().click((await panel(await stage.card(thread, 'node -e'))).id, 'This session');
    await stage.says(thread, /The command/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'write a.txt' });
    await stage.press(owner, await stage.card(thread, 'a.txt'), 'Accept all edits');
    await stage.says(thread, /Writing worked/);
    const [runner] = runners;
    if (runner === undefined) throw new Error('no runner');
    await runner.stop();
    runner.start();
    await stage.command(owner, thread.id, 'ask', { prompt: 'write b.txt' });
    await stage.discord.waitFor(() => done('b.txt'), {
      timeoutMs: 30_000,
      what: 'the edit after the restart',
    });
    await stage.command(owner, thread.id, 'ask', { prompt: 'run: node -e "2" kept' });
    await stage.discord.waitFor(() => stage.count(thread, /The command/) === 2, {
      timeoutMs: 30_000,
      what: 'the command after the restart',
    });
    expect(stage.count(thread, /🔐/)).toBe(0);
  });

  it('is not offered in a guest’s session, and refused when forged', async () => {
    const { stage } = use;
    const thread = await stage.begin(sam, 'write guest.txt');
    const card = await stage.card(thread, 'guest.txt');
    expect(labels(card)).toEqual(['Allow', 'Deny', 'Deny + reason']);
    const id = card.buttons.find((b) => b.label === 'Allow')?.customId ?? '';
    expectRefused(
      await user(sam).forge({ messageId: card.id, customId: id.replace(':allow:', ':edits:') }),
      /cannot be accepted/,
    );
    await user(sam).click(card.id, 'Deny');
    await stage.says(thread, /sam denied/);
    expect(done('guest.txt')).toBe(false);
  });
});

describe('what a card says', () => {
  it('names risks, and reminds once until it is decided', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: curl http://127.0.0.1:1/ ; rm -f /tmp/heddle-no-such-file');
    const card = await stage.card(thread, 'curl');
    expect(card.text).toMatch(/⚠️ outside the project: \/tmp\/heddle-no-such-file · network · deletes/);
    const reminder = await stage.says(thread, /🔔 Claude still waits for you: 🔐 \*\*Bash\*\*/);
    expect(reminder.notified).toEqual(['olga']);
    expect(reminder.buttons.map((b) => b.url)).toEqual([expect.stringContaining(card.id)]);
    await stage.press(owner, card, 'Deny');
    await stage.discord.waitFor(() => stage.discord.message(reminder.id)?.deleted !== false, {
      what: 'the reminder to go',
    });
    await stage.says(thread, /The command/);
    expect(ofBot(thread).filter((m) => m.text.includes('🔔 Claude still'))).toEqual([]);
  });
});
