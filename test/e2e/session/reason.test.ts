/** Deny + reason: the form, and the words that Claude gets. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useSystem } from '../stage.ts';

const use = useSystem();

it('what is filled in reaches Claude with the denial, and the card says it', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'run: touch reason.txt');
  const card = await stage.card(thread, 'touch reason.txt');
  const opened = await stage.press(owner, card, 'Deny + reason');
  expect(opened.modal?.title).toBe('Deny');
  const sent = await stage.discord.user(owner).submit(opened, { reason: 'make a *folder* instead' });
  expect(sent.failed).toBeUndefined();
  await stage.says(thread, /olga denied .*make a .*folder.* instead/);
  await stage.says(thread, /The command/);
  expect(JSON.stringify(stage.system.model.requests.at(-1))).toContain('make a *folder* instead');
  expect(existsSync(join(stage.system.folder, 'projects', 'laptop-demo', 'reason.txt'))).toBe(false);
  expect(stage.discord.message(card.id)?.buttons.map((b) => b.label)).not.toContain('Allow');
  const late = await stage.discord.user(owner).submit(opened, { reason: 'too late' });
  expect(late.text).toMatch(/olga already denied this/);
});
