/** `/model`, `/mode` and `/settings` with the real CLI: what the model is asked for is what was chosen. */
import { expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import { ofBot, SLOW, useSystem } from '../stage.ts';

const use = useSystem();

/** The requests of the conversation itself with this prompt. */
const asked = (words: string) =>
  use.stage.system.model.requests.filter((request) => request.prompt.includes(words));

it('/model holds live, over a restart of the runner, and /model default takes it back', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const thread = await stage.begin(owner, 'say: first words');
  await stage.says(thread, /^first words[\s\S]*context/);
  const before = asked('first words')[0]?.model;
  expect(before).toMatch(/opus/);

  const answer = await stage.command(owner, thread.id, 'model', { model: 'haiku' });
  expect(answer.text).toContain('Haiku');
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: second words' });
  await stage.says(thread, /^second words[\s\S]*context/);
  expect(asked('second words')[0]?.model).toMatch(/haiku/);
  expect((await stage.command(owner, thread.id, 'status')).text).toContain('Haiku');

  const [runner] = runners;
  await runner?.stop();
  const offline = await stage.command(owner, thread.id, 'model', { model: 'sonnet' });
  expect(offline.text).toMatch(/Sonnet/);
  runner?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: third words' });
  await stage.says(thread, /^third words[\s\S]*context/);
  expect(asked('third words')[0]?.model).toMatch(/sonnet/);

  await stage.command(owner, thread.id, 'model', { model: 'default' });
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: fourth words' });
  await stage.says(thread, /^fourth words[\s\S]*context/);
  expect(asked('fourth words')[0]?.model).toBe(before);
}, 120_000);

it('/mode holds in the middle of a turn and over a restart; one that is not allowed is refused with the reason', async () => {
  const { stage } = use;
  const { owner, runners, guild } = stage.system;
  const thread = await stage.begin(owner, 'write one.txt then write two.txt');
  const card = await stage.card(thread, 'one.txt');
  const taken = await stage.command(owner, thread.id, 'mode', { mode: 'acceptEdits' });
  expect(taken.text).toMatch(/acceptEdits[\s\S]*this turn/);
  expect((await stage.press(owner, card, 'Allow')).failed).toBeUndefined();
  await stage.says(thread, /context/);
  expect(stage.count(thread, /🔐.*two\.txt/), 'nobody was asked for the edit').toBe(0);

  const refused = await stage.command(owner, thread.id, 'mode', { mode: 'bypassPermissions' });
  expect(refused.text).toMatch(/refused[\s\S]*laptop[\s\S]*default, plan, acceptEdits/);
  const stranger = guild.addMember({ name: 'sam' });
  const other = await stage.command(stranger, thread.id, 'mode', { mode: 'plan' });
  expect(other.text).not.toContain('Mode:');

  await runners[0]?.stop();
  runners[0]?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'write three.txt then say: after the restart' });
  await stage.says(thread, /after the restart[\s\S]*context/);
  expect((await stage.command(owner, thread.id, 'status')).text).toContain('acceptEdits');

  await stage.command(owner, thread.id, 'mode', { mode: 'default' });
  await stage.command(owner, thread.id, 'ask', { prompt: 'write four.txt' });
  await stage.press(owner, await stage.card(thread, 'four.txt'), 'Deny');

  await stage.command(owner, thread.id, 'end');
  expect((await stage.command(owner, thread.id, 'mode', { mode: 'plan' })).text).toContain('ended');
}, 120_000);

it('a mode is wished before the first turn, and given back to the runner’s own setting', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, '');
  expect((await stage.command(owner, thread.id, 'mode', { mode: 'plan' })).text).toContain('first turn');
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: planning' });
  await stage.says(thread, /^planning[\s\S]*context/);
  expect((await stage.command(owner, thread.id, 'status')).text).toMatch(/· plan ·/);
  await stage.command(owner, thread.id, 'mode', { mode: 'runner' });
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: no more plans' });
  await stage.says(thread, /^no more plans[\s\S]*context/);
  expect((await stage.command(owner, thread.id, 'status')).text).toMatch(/· default ·/);
}, 60_000);

const mode = async (thread: Channel) => {
  const { stage } = use;
  const { text } = await stage.command(stage.system.owner, thread.id, 'status');
  return /Opus 5\.5 · (\w+) ·/.exec(text)?.[1];
};
const plan = (thread: Channel) =>
  use.stage.discord.waitFor(
    () => ofBot(thread).findLast((message) => message.buttons.some(({ label }) => label === 'Approve')),
    { ...SLOW, what: 'a plan to approve' },
  );

it('a plan of Claude’s own, or one that was wished, is over when it was approved: the mode of before is back', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const thread = await stage.begin(owner, 'plan');
  const own = await plan(thread);
  await expect.poll(() => mode(thread), { timeout: SLOW.timeoutMs }).toBe('plan');
  await stage.press(owner, own, 'Approve');
  await expect.poll(() => mode(thread), { timeout: SLOW.timeoutMs }).toBe('default');
  await stage.says(thread, /context/);

  await stage.command(owner, thread.id, 'mode', { mode: 'plan' });
  await stage.command(owner, thread.id, 'ask', { prompt: 'plan once more' });
  const asked = await stage.discord.waitFor(
    () => {
      const found = ofBot(thread).findLast((one) => one.buttons.some(({ label }) => label === 'Approve'));
      return found === undefined || found.id === own.id ? undefined : found;
    },
    { ...SLOW, what: 'the second plan' },
  );
  expect(await mode(thread)).toBe('plan');
  await stage.press(owner, asked, 'Approve');
  await expect.poll(() => mode(thread), { timeout: SLOW.timeoutMs }).toBe('default');
  await runners[0]?.stop();
  runners[0]?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: no plan any more' });
  await stage.says(thread, /^no plan any more[\s\S]*context/);
  expect(await mode(thread)).toBe('default');
}, 120_000);

it('/settings is a panel for the one who asks: each menu changes what it says, and the panel with it', async () => {
  const { stage } = use;
  const { owner } = stage.system;
  const thread = await stage.begin(owner, 'say: settle');
  await stage.says(thread, /^settle[\s\S]*context/);
  const panel = await stage.command(owner, thread.id, 'settings');
  expect(panel.onlyFor).toBe('olga');
  expect(panel.selects.map((select) => select.placeholder)).toEqual([
    'Model',
    'Mode',
    'Effort',
    'Shown',
    'Notifies me',
  ]);
  const actor = stage.discord.user(owner);
  const menu = (placeholder: string) =>
    panel.selects.find((select) => select.placeholder === placeholder)?.customId ?? '';
  const chosen = await actor.select(panel.id, ['low'], { customId: menu('Effort') });
  expect(chosen.failed).toBeUndefined();
  await expect
    .poll(() => stage.discord.message(panel.id)?.text, { timeout: SLOW.timeoutMs })
    .toMatch(/Effort: \*\*low\*\*/);
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: with little effort' });
  await stage.says(thread, /^with little effort[\s\S]*context/);
  expect(asked('with little effort')[0]?.raw).toMatch(/"effort":\s*"low"/);

  const quiet = await stage.command(owner, thread.id, 'settings', { verbosity: 'quiet', notify: 'none' });
  const shown = quiet.selects.flatMap(({ options }) => options.filter((option) => option.default === true));
  expect(shown.map((option) => option.value)).toEqual(['default', 'runner', 'low', 'quiet', 'none']);

  const forged = await actor.forge({
    messageId: panel.id,
    customId: menu('Mode'),
    componentType: 3,
    values: ['bypassPermissions'],
  });
  expect((await forged.final()).text).toContain('refused');
}, 60_000);
