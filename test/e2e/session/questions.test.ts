/** Questions and plans, with the real CLI: buttons, menus and forms, and what Claude gets of them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { Member } from '../../../playground/discord/people/guild-handle.ts';
import type { InteractionOutcome } from '../../../playground/discord/people/outcome.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();
let stranger: Member;

beforeAll(() => {
  stranger = use.stage.system.guild.addMember({ name: 'mallory' });
});

/** The newest message with this button, or with a menu. */
function asks(thread: Channel, control: string, words: RegExp): Promise<ShownMessage> {
  return use.stage.discord.waitFor(
    () =>
      ofBot(thread).findLast(
        (m) =>
          words.test(m.text) &&
          (m.buttons.some((b) => b.label === control) || (control === 'menu' && m.selects.length > 0)),
      ),
    { ...SLOW, what: `${control} with ${words} in ${thread.name}` },
  );
}

const user = (member?: Member) => use.stage.discord.user(member ?? use.stage.system.owner);
const done = (file: string) => existsSync(join(use.stage.system.folder, 'projects', 'laptop-demo', file));

function expectRefused(outcome: InteractionOutcome, words: RegExp): void {
  expect(outcome.failed).toBeUndefined();
  expect(outcome.ephemeral, 'for the one who did it alone').toBe(true);
  expect(outcome.text).toMatch(words);
}

describe('questions', () => {
  it('an option’s button answers', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'question');
    const card = await asks(thread, 'SQLite', /Which database/);
    expect(card.notified).toEqual(['olga']);
    expect(card.text).toContain('- **Postgres**: The same as in production');
    expect(card.buttons.map((b) => b.label)).toEqual(['SQLite', 'Postgres', 'Other…']);
    await stage.press(stage.system.owner, card, 'Postgres');
    await stage.says(thread, /❓ Which database for the tests\? → Postgres \(olga\)/);
    await stage.says(thread, /About the question: worked:[\s\S]*"Postgres"/);
    expect(stage.discord.message(card.id)?.buttons.map((b) => b.label)).not.toContain('SQLite');
  });

  it('Other… takes words of one’s own', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'question');
    const card = await asks(thread, 'Other…', /Which database/);
    const opened = await user().click(card.id, 'Other…');
    const sent = await user().submit(opened, { 'Your answer': 'MySQL, *please*' });
    expect(sent.failed).toBeUndefined();
    await stage.says(thread, /→ MySQL, \\\*please\\\* \(olga\)/);
    await stage.says(thread, /About the question: worked:[\s\S]*MySQL, \*please\*/);
  });

  it('a menu answers a question of multiple choice', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'choices');
    const card = await asks(thread, 'menu', /Which checks/);
    await user().select(card.id, ['2', '0']);
    await stage.says(thread, /→ Unit, Lint \(olga\)/);
    await stage.says(thread, /About the question: worked:[\s\S]*Unit, Lint/);
  });

  it('one form answers several', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.system.owner, 'questions');
    const card = await asks(thread, 'Answer', /Which checks/);
    const opened = await user().click(card.id, 'Answer');
    const lacking = await user().submit(opened, { choice0: ['1'] });
    expectRefused(lacking, /Question 2 has no answer/);
    const again = await user().click(card.id, 'Answer');
    await user().submit(again, { choice0: ['1'], choice1: ['0', '1'], words1: 'and by hand' });
    await stage.says(
      thread,
      /→ Postgres\n-# ❓ Which checks should run\? → Unit, Browser, and by hand \(olga\)/,
    );
    await stage.says(thread, /About the question: worked:[\s\S]*Unit, Browser, and by hand/);
  });

  it('is refused to a stranger, for a forged option, on another card, and a second time; the form is checked anew', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'question');
    thread.addMember(stranger);
    const card = await asks(thread, 'SQLite', /Which database/);
    const id = card.buttons.find((b) => b.label === 'SQLite')?.customId ?? '';
    const opened = await user().click(card.id, 'Other…');
    expectRefused(await user(stranger).click(card.id, 'SQLite'), /olga/);
    expectRefused(await user(stranger).click(card.id, 'Other…'), /olga/);
    expectRefused(await user(stranger).submit(opened, { 'Your answer': 'mine' }), /olga/);
    const forge = (customId: string, values?: string[]) =>
      user().forge({
        messageId: card.id,
        customId,
        ...(values === undefined ? {} : { values, componentType: 3 }),
      });
    expectRefused(await forge(id.replace(/_0$/, '_7')), /not one of the options/);
    expectRefused(await forge(id.replace(/_0$/, ''), ['5']), /not one of the options/);
    expectRefused(await forge(id.replace(':pick:', ':approve:').replace(/_0$/, '')), /no plan/);
    expectRefused(await forge(id.replace(':pick:', ':allow:').replace(/_0$/, '')), /no permission/);
    const other = await stage.begin(owner, 'choices');
    const second = await asks(other, 'menu', /Which checks/);
    expectRefused(await user().forge({ messageId: second.id, customId: id }), /not what Claude asks/);
    await stage.press(owner, card, 'SQLite');
    await stage.says(thread, /→ SQLite \(olga\)/);
    expectRefused(await forge(id), /already|over/);
    expectRefused(
      await user().submit(opened, { 'Your answer': 'too late' }),
      /(already|over)[\s\S]*too late/,
    );
    await stage.says(thread, /About the question: worked:[\s\S]*SQLite/);
    await stage.command(owner, other.id, 'stop');
  });

  it('is void when the runner dies, and says so; a new turn asks anew', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    const thread = await stage.begin(owner, 'question');
    const card = await asks(thread, 'SQLite', /Which database/);
    const id = card.buttons.find((b) => b.label === 'SQLite')?.customId ?? '';
    const [runner] = runners;
    if (runner === undefined) throw new Error('no runner');
    await runner.stop('SIGKILL');
    runner.start();
    await stage.says(thread, /⊘/);
    expectRefused(await user().forge({ messageId: card.id, customId: id }), /over/);
    await stage.command(owner, thread.id, 'ask', { prompt: 'question' });
    await stage.press(owner, await asks(thread, 'SQLite', /Which database/), 'SQLite');
    await stage.says(thread, /→ SQLite \(olga\)/);
  });
});

describe('plans', () => {
  it('Approve: the plan stands above, silent, and Claude goes on, asking for each edit', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'plan then write approved.txt');
    const card = await asks(thread, 'Approve', /Plan ready: Plan: tidy up/);
    expect(card.notified).toEqual(['olga']);
    expect(card.buttons.map((b) => b.label)).toEqual(['Approve', 'Approve + accept edits', 'Change…']);
    const above = ofBot(thread).find((m) => m.text.includes('Read the notes'));
    expect(above?.notified).toEqual([]);
    expect(ofBot(thread).indexOf(above as ShownMessage)).toBeLessThan(
      ofBot(thread).findIndex((m) => m.id === card.id),
    );
    await stage.press(owner, card, 'Approve');
    await stage.says(thread, /📋 olga approved/);
    await stage.press(owner, await stage.card(thread, 'approved.txt'), 'Allow');
    await stage.says(thread, /Writing worked/);
    expect(done('approved.txt')).toBe(true);
  });

  it('Approve + accept edits: the edits that follow are not asked for', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'plan then write accepted.txt');
    await stage.press(owner, await asks(thread, 'Approve', /Plan ready/), 'Approve + accept edits');
    await stage.says(thread, /📋 olga approved · edits accepted/);
    await stage.says(thread, /Writing worked/);
    expect(done('accepted.txt')).toBe(true);
    expect(stage.count(thread, /🔐/)).toBe(0);
  });

  it('Change…: Claude gets the words and plans again', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'replan');
    const card = await asks(thread, 'Change…', /Plan ready/);
    const opened = await user().click(card.id, 'Change…');
    await user().submit(opened, { 'What should be different?': 'write the tests first' });
    await stage.says(thread, /📋 olga wants it changed: “write the tests first”/);
    await stage.says(thread, /It came back:[\s\S]*write the tests first/);
    const again = await asks(thread, 'Approve', /Plan ready: Plan: tidy up, changed/);
    await stage.press(owner, again, 'Approve');
    await stage.says(thread, /I would begin now/);
  });

  it('is refused to a stranger, and a second time; a guest’s session may not accept edits', async () => {
    const { stage } = use;
    const { owner, guild, channel } = stage.system;
    const sam = guild.addMember({ name: 'sam' });
    await stage.discord.user(owner).command(channel.id, 'runner share', { member: sam.id });
    const thread = await stage.begin(sam, 'plan');
    thread.addMember(stranger);
    const card = await asks(thread, 'Approve', /Plan ready/);
    expect(card.buttons.map((b) => b.label)).toEqual(['Approve', 'Change…']);
    const id = card.buttons.find((b) => b.label === 'Approve')?.customId ?? '';
    expectRefused(await user(stranger).click(card.id, 'Approve'), /sam|olga/);
    expectRefused(await user(stranger).click(card.id, 'Change…'), /sam|olga/);
    const edits = id.replace(':approve:', ':approveedits:');
    expectRefused(await user(sam).forge({ messageId: card.id, customId: edits }), /settings/);
    await user(sam).click(card.id, 'Approve');
    await stage.says(thread, /📋 sam approved/);
    expectRefused(await user(sam).forge({ messageId: card.id, customId: id }), /already|over/);
  });
});
