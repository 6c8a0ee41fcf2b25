/** A prompt whose runner stays away for too long is dropped, and the thread says so. */
import { expect, it } from 'vitest';
import { useSystem } from '../stage.ts';

const use = useSystem({ durations: { presenceGraceMs: 300, promptWaitMs: 5_000 } });

it('row 10: drops a prompt visibly that waited too long', async () => {
  const { stage } = use;
  const { owner, runners } = stage.system;
  const [runner] = runners;
  const thread = await stage.begin(owner, 'say: once more');
  await stage.says(thread, /^once more[\s\S]*context/);
  await runner?.stop();
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: too late' });
  await stage.says(thread, /expired|waited/i);
  runner?.start();
  await stage.command(owner, thread.id, 'ask', { prompt: 'say: fresh' });
  await stage.says(thread, /^fresh/);
  expect(stage.count(thread, /^too late/)).toBe(0);
});
