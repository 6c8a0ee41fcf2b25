/** Undo with the real CLI: what Claude changed comes back, after it was shown and somebody said yes; also when its process has gone. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SLOW, type Stage, useSystem } from '../stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'heddle-undo-'));
const notes = join(folder, 'notes.txt');
const use = useSystem({}, { projects: { demo: folder } });

async function edited(stage: Stage) {
  const { owner } = stage.system;
  writeFileSync(notes, 'hello\n');
  const thread = await stage.begin(owner, 'edit notes.txt');
  await stage.press(owner, await stage.card(thread, 'notes.txt'), 'Allow');
  await stage.says(thread, /1 file/);
  expect(readFileSync(notes, 'utf8')).not.toBe('hello\n');
  return thread;
}

it('shows what would change, undoes it on a yes, and refuses a stranger and a second yes', async () => {
  const { stage } = use;
  const { owner, guild } = stage.system;
  const stranger = guild.addMember({ name: 'mallory' });
  const thread = await edited(stage);
  const done = await stage.says(thread, /1 file/);
  await stage.press(owner, done, 'Undo');
  const offer = await stage.says(thread, 'Undo the file changes of the last turn?');
  expect(offer.text).toContain('notes.txt');
  expect(readFileSync(notes, 'utf8'), 'only shown').not.toBe('hello\n');
  const refused = await stage.press(stranger, offer, 'Undo the changes');
  expect(refused.ephemeral).toBe(true);
  await stage.press(owner, offer, 'Undo the changes');
  await stage.says(thread, 'undid the last turn');
  await expect.poll(() => readFileSync(notes, 'utf8'), { timeout: SLOW.timeoutMs }).toBe('hello\n');
  const again = await stage.command(owner, thread.id, 'undo', { confirm: true });
  expect(again.text).toContain('over');
});

it('works after the process was ended and comes back', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await edited(stage);
  const [runner] = stage.system.runners;
  await runner?.stop('SIGKILL');
  runner?.start();
  await stage.command(owner, thread.id, 'undo');
  await stage.says(thread, 'Undo the file changes of the last turn?');
  await stage.command(owner, thread.id, 'undo', { confirm: true });
  await stage.says(thread, 'undid the last turn');
  expect(readFileSync(notes, 'utf8')).toBe('hello\n');
});
