/** What was allowed for a session holds in its next process, and in that of nobody else. */
import { expect, it } from 'vitest';
import { ofBot, useSystem } from '../stage.ts';

const use = useSystem();

it('a rule of this session outlives Claude’s process and the runner, and ends with the session', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const command = { prompt: 'run: node -e "1" holds' };
  const thread = await stage.begin(owner, command.prompt);
  const card = await stage.card(thread, 'node -e');
  const shown = (await stage.press(owner, card, 'Always…')).message;
  if (shown === undefined) throw new Error('no rule was shown');
  await stage.discord.user(owner).click(shown.id, 'This session');
  await stage.says(thread, /The command[\s\S]*context/);
  await runners[0]?.stop();
  runners[0]?.start();
  await stage.command(owner, thread.id, 'ask', command);
  await stage.discord.waitFor(() => stage.count(thread, /The command[\s\S]*context/) === 2, {
    timeoutMs: 30_000,
    what: 'the second run',
  });
  expect(ofBot(thread).filter(({ buttons }) => buttons.some(({ label }) => label === 'Allow'))).toEqual([]);

  await stage.command(owner, thread.id, 'end');
  await stage.command(owner, thread.id, 'ask', command);
  await stage.press(owner, await stage.card(thread, 'node -e'), 'Deny');
  await stage.discord.waitFor(() => stage.count(thread, /The command/) === 3, {
    timeoutMs: 30_000,
    what: 'the end of the third',
  });
});
