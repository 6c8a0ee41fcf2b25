/** A session that is ended while its turn talks: what people have read stays, and nothing can be pressed that is over. */
import { expect, it } from 'vitest';
import { ofBot } from '../stage.ts';
import { useFaults } from './use.ts';

const use = useFaults();

it('/end in the middle of a text keeps what was read of it, and no Stop; /resume goes on below', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:400:25 end-in-text');
  await stage.says(thread, 'wwwww3');
  await stage.command(stage.owner, thread.id, 'end');
  await stage.says(thread, /olga ended the session/);
  await stage.discord.waitFor(() => ofBot(thread).every(({ buttons }) => !buttons.some(isStop)), {
    what: 'the Stop to go',
  });
  expect(stage.count(thread, 'wwwww3')).toBe(1);
  await stage.discord.waitFor(() => thread.archived, { what: 'the thread to be archived' });
  await stage.command(stage.owner, stage.system.channel.id, 'resume', { session: thread.id });
  await stage.says(thread, /olga resumed/);
  await stage.stillWorks(thread);
  expect(stage.count(thread, 'wwwww3')).toBe(1);
});

it('/end of a turn whose text nobody remembers any more leaves no message with a Stop', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:400:25 end-forgotten');
  await stage.says(thread, 'wwwww3');
  const gone = stage.runner.stop('SIGKILL');
  await stage.crash();
  await gone;
  await stage.command(stage.owner, thread.id, 'end');
  await stage.says(thread, /olga ended the session/);
  await stage.discord.waitFor(() => ofBot(thread).every(({ buttons }) => !buttons.some(isStop)), {
    what: 'the Stop to go',
  });
  stage.runner.start();
});

function isStop({ label }: { readonly label?: string }): boolean {
  return label === 'Stop';
}
