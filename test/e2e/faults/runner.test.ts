/** The fault table, rows 9, 10 and 26: the runner dies, is away, or drowns in what a CLI says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ofBot } from '../stage.ts';
import { useFaults } from './use.ts';

const use = useFaults();

it('row 9: SIGKILL of the runner in the middle of a turn: it is told once, nothing runs twice, the queue goes on', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:400:25 row-9-running');
  await stage.says(thread, 'wwwww3');
  await stage.ask(thread, 'row-9-waiting');
  await stage.runner.stop('SIGKILL');
  stage.runner.start();
  await stage.says(thread, /restarted in the middle/);
  await stage.finished(thread, 'Echo: row-9-waiting');
  expect(stage.count(thread, /restarted in the middle/)).toBe(1);
  expect([stage.prompts('row-9-running'), stage.prompts('row-9-waiting')]).toEqual([1, 1]);
  await stage.buttonless(thread);
  const words = ofBot(thread).flatMap((m) => [...m.text.matchAll(/\bw+\d+\b/g)].map(([word]) => word));
  expect(new Set(words).size, 'no word is shown twice').toBe(words.length);
});

it('row 9: runner and workerd are killed at once in the middle of a text: no button is left on what nobody remembers', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:400:25 row-9-both');
  await stage.says(thread, 'wwwww3');
  const gone = stage.runner.stop('SIGKILL');
  await stage.crash();
  await gone;
  stage.runner.start();
  await stage.says(thread, /restarted in the middle/);
  await stage.stillWorks(thread);
  await stage.buttonless(thread);
});

it('row 9: SIGKILL of the runner while a permission is open: the card is void, and a late click decides nothing', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'ask:1 row-9-permission');
  const card = await stage.card(thread, 'echo');
  await stage.runner.stop('SIGKILL');
  const late = stage.press(stage.owner, card, 'Allow');
  stage.runner.start();
  await late;
  await stage.says(thread, /restarted in the middle/);
  await stage.discord.waitFor(() => stage.discord.message(card.id)?.buttons.length === 0, {
    what: 'the card to lose its buttons',
  });
  await stage.stillWorks(thread);
  expect(stage.stub.read().filter((entry) => entry.event === 'decision')).toEqual([]);
});

it('row 10: what is asked while no runner is there survives workerd’s death, and runs once when one comes', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'row-10');
  await stage.finished(thread, 'Echo: row-10');
  await stage.runner.stop();
  await stage.ask(thread, 'row-10-kept');
  await stage.says(thread, /row-10-kept[\s\S]*offline/);
  await stage.crash();
  stage.runner.start();
  await stage.finished(thread, 'Echo: row-10-kept');
  expect(stage.prompts('row-10-kept')).toBe(1);
});

it('row 26: a CLI that floods: the runner’s memory stays bounded, and another session is answered meanwhile', async () => {
  const { stage } = use;
  const other = await stage.begin(stage.owner, 'row-26');
  await stage.finished(other, 'Echo: row-26');
  const before = peakMb(stage.runner.pid);
  const thread = await stage.begin(stage.owner, 'flood:50');
  await stage.says(thread, /file/);
  await stage.stillWorks(other);
  await stage.finished(thread, 'Flooded.');
  expect(peakMb(stage.runner.pid) - before, 'MB above what it took before').toBeLessThan(60);
  expect(stage.count(thread, 'Flooded.')).toBe(1);
});

/** The most memory that it ever had. proc(5). */
function peakMb(pid: number | null): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
