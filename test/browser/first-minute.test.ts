/** What a person does first, with everything real but Discord and the model: `npm start`, the page on a phone, Ctrl-C. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { descendants, type ProcessInfo, processInfo } from '../../runner/claude/process/tree.ts';
import { startBrowser } from './browser.ts';

/** Everything is slow on a machine that runs other tests beside this one. */
const PATIENCE_MS = 60_000;
const START = fileURLToPath(new URL('../../playground/start/start.js', import.meta.url));

let playground: ChildProcess;
let output = '';
let browser: Browser;
let page: Page;
const orphans: ProcessInfo[] = [];

beforeAll(async () => {
  playground = spawn(process.execPath, [START, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    };
    playground.stdout?.on('data', take);
    playground.stderr?.on('data', take);
    playground.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
  browser = await startBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
});

afterAll(async () => {
  await browser?.close();
  if (playground.exitCode === null && playground.signalCode === null) {
    playground.kill('SIGKILL');
    await once(playground, 'exit');
  }
});

/** The pids below the playground whose command line has this text. */
async function pidsOf(text: string): Promise<number[]> {
  const below = await descendants(playground.pid ?? 0, null);
  const list = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return below
    .map(({ pid }) => pid)
    .filter((pid) => list.some((line) => Number.parseInt(line, 10) === pid && line.includes(text)));
}

test('a prompt that needs a permission: /new, Allow, the answer', async () => {
  await page.getByRole('button', { name: 'Slash commands' }).click();
  await page.getByRole('option', { name: /^\/new / }).click();
  await page.getByLabel('prompt').fill('run: touch woven.txt; echo woven $((6 * 7))');
  await page.keyboard.press('Enter');
  // The private answer links the thread.
  await page.locator('.only-you button.mention').first().click();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page
    .getByText(/The command.*woven 42/s)
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: 'Allow', exact: true }).count()).toBe(0);
  // Nothing is wider than the phone.
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

test('a runner that dies is said, and is started again from the page', async () => {
  const [runner] = await pidsOf('runner/main.ts');
  expect(runner).toBeDefined();
  // Its Claude is nobody's child from now on.
  orphans.push(...(await descendants(runner ?? 0, null)));
  process.kill(runner ?? 0, 'SIGKILL');
  await page.getByText('has ended by itself').waitFor();
  await page.getByRole('button', { name: 'Channels and people' }).click();
  await page.getByRole('button', { name: 'Start the runner' }).click();
  await page.getByText('laptop: running').waitFor();
  await page.getByText('has ended by itself').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Close the channels' }).click();
});

test('Ctrl-C ends everything that was started, in the middle of a turn', async () => {
  await page.locator('#say').fill('/ask run: tail -f /dev/null');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await expect.poll(() => pidsOf('tail -f /dev/null'), { timeout: PATIENCE_MS }).not.toHaveLength(0);
  expect(await pidsOf('workerd')).not.toHaveLength(0);
  expect(await pidsOf('runner/main.ts')).not.toHaveLength(0);
  const tree = [...(await descendants(playground.pid ?? 0, null)), ...orphans];
  const gone = once(playground, 'exit');
  playground.kill('SIGINT');
  const [code] = await gone;
  expect(code, output).toBe(0);
  const left = await Promise.all(
    tree.map(async ({ pid, started }) => ((await processInfo(pid))?.started === started ? pid : null)),
  );
  expect(left.filter((pid) => pid !== null)).toEqual([]);
  await page.getByText('The playground has stopped').waitFor();
});
