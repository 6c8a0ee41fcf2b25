/** From starting the CLI on a conversation that it has to the first word of its answer: through the runner's client, over the CLI alone. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { modelEnvironment } from '../../playground/model/environment.ts';
import { type Model, startModel } from '../../playground/model/server.ts';
import type { ClaudeSessionId, ProcessId, PromptId } from '../../protocol/ids.ts';
import type { ClaudeOptions } from '../../runner/claude/line/types.ts';
import { claudeArgv } from '../../runner/claude/process/argv.ts';
import { claudeEnvironment } from '../../runner/claude/process/environment.ts';
import { createClaude } from '../../runner/claude/process.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';
import { median } from './statistics.ts';

const BIN = join(import.meta.dirname, '../../node_modules/.bin/claude');
const PROMPT = 'stream 20x8@5';
const ROUNDS = { full: 12, quick: 4 };
/** Within a tenth of the CLI's own time. */
const AIM = { atMost: 1.1 } as const;

export async function resumes(run: Run): Promise<Figure[]> {
  if (!run.wants('resume')) return [];
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-bench-')));
  const model = await startModel();
  try {
    const options = optionsIn(home, model);
    await ours({ ...options, resume: false });
    const alone: number[] = [];
    const through: number[] = [];
    // In turns, so that what else the machine does meets both.
    for (let round = 0; round < (run.quick ? ROUNDS.quick : ROUNDS.full); round += 1) {
      alone.push(await bare(options));
      through.push(await ours(options));
    }
    const [cli, heddle] = [median(alone), median(through)];
    return [
      figure('resume to first delta, the CLI alone, median', cli, 'ms'),
      figure('resume to first delta, through the runner, median', heddle, 'ms'),
      figure('resume to first delta, through the runner over the CLI alone', heddle / cli, 'x', AIM),
    ];
  } finally {
    await model.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function optionsIn(home: string, model: Model): ClaudeOptions {
  const cwd = join(home, 'project');
  const heddleHome = join(home, 'heddle-home');
  mkdirSync(cwd);
  mkdirSync(heddleHome);
  return {
    bin: BIN,
    cwd,
    heddleHome,
    claudeSession: randomUUID() as string as ClaudeSessionId,
    resume: true,
    mode: 'default',
    settings: 'user',
    env: { PATH: process.env.PATH, ...modelEnvironment(model.url, home) },
    process: randomUUID() as string as ProcessId,
  };
}

/** Milliseconds. */
async function ours(options: ClaudeOptions): Promise<number> {
  let heard = () => {};
  let ended = () => {};
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const claude = createClaude(options, {
    onEvent: (event) => {
      if (event.kind === 'text') heard();
      if (event.kind === 'turnEnded') ended();
    },
    onLive: () => heard(),
    onExit: () => {
      heard();
      ended();
    },
  });
  const beganMs = performance.now();
  await claude.start();
  claude.prompt(randomUUID() as string as PromptId, PROMPT);
  await first;
  const tookMs = performance.now() - beganMs;
  await over;
  await claude.end('ended');
  return tookMs;
}

/** The same flags and environment, and everything on stdin at once. Milliseconds. */
async function bare(options: ClaudeOptions): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(options.bin, claudeArgv(options), {
    cwd: options.cwd,
    env: claudeEnvironment(options.env, options.settings),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const say = (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`);
  say({ type: 'control_request', request_id: 'bench', request: { subtype: 'initialize' } });
  say({
    type: 'user',
    uuid: randomUUID(),
    parent_tool_use_id: null,
    message: { role: 'user', content: PROMPT },
  });
  let tookMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    if (Number.isNaN(tookMs) && line.includes('"text_delta"')) tookMs = performance.now() - beganMs;
    if (line.startsWith('{"') && (JSON.parse(line) as { type?: string }).type === 'result') break;
  }
  child.stdin.end();
  await gone;
  return tookMs;
}
