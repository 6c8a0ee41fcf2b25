/** The fault table, row 27: a runner's key is replaced. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type FaultStage, useFaults } from './use.ts';

const MAIN = join(import.meta.dirname, '../../../runner/main.ts');
const use = useFaults({ durations: { keyGraceMs: 2_000 } });

it('row 27: rotate gives the runner a new key: its session goes on, and the old key is refused', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'row-27-before');
  await stage.finished(thread, 'Echo: row-27-before');
  const file = pairingFile(stage);
  const old = readFileSync(file, 'utf8');
  const busy = await rotate(stage);
  expect([busy.code, busy.said]).toEqual([1, expect.stringContaining('Another Heddle runner')]);
  expect(readFileSync(file, 'utf8')).toBe(old);

  await stage.runner.stop();
  await stage.ask(thread, 'row-27-while-away');
  const { code, said } = await rotate(stage);
  expect([code, said]).toEqual([0, expect.stringContaining('has a new key')]);
  expect(said).toMatch(/\w{4}(-\w{4}){3}/);
  const from = stage.runner.output.length;
  stage.runner.start();
  await stage.runner.said('Online in', from);
  await stage.finished(thread, 'Echo: row-27-while-away');
  expect(stage.prompts('row-27-while-away')).toBe(1);

  const renewed = readFileSync(file, 'utf8');
  await stage.runner.stop();
  writeFileSync(file, old);
  // For two seconds it is good still.
  for (let said = ''; !said.includes('does not accept'); ) {
    const at = stage.runner.output.length;
    stage.runner.start();
    await stage.runner.said(/Online in|does not accept/, at);
    await stage.runner.stop();
    said = stage.runner.output.slice(at);
  }
  writeFileSync(file, renewed);
  stage.runner.start();
  await stage.stillWorks(thread);
});

function pairingFile(stage: FaultStage): string {
  const folder = join(stage.runner.setup.home, 'pairings');
  return join(folder, readdirSync(folder)[0] ?? '');
}

async function rotate(stage: FaultStage): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [MAIN, 'rotate'], {
    env: { ...process.env, ...stage.runner.setup.env, HEDDLE_HOME: stage.runner.setup.home },
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = (await once(child, 'exit')) as [number];
  return { code, said };
}
