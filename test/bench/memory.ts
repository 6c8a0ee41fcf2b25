/** What the packed runner itself occupies, without the CLI processes that it holds. */
import { execFileSync } from 'node:child_process';
import type { LocalRunner } from '../../playground/runner.ts';
import type { System } from '../../playground/system.ts';
import { Conversation } from './conversation.ts';
import { type Figure, figure } from './figure.ts';

const SESSIONS = 3;
const KIB = 1024;
const MB = 1_000_000;

export async function memory(system: System, runner: LocalRunner): Promise<Figure[]> {
  const conversations: Conversation[] = [];
  for (let n = 0; n < SESSIONS; n++) conversations.push(await Conversation.begin(system, 'hello'));
  await Promise.all(conversations.map((one) => one.turn('stream:100:10 tools:5:10')));
  return [
    figure('memory of the runner with a few sessions', residentBytes(runner.pid) / MB, 'MB', { under: 75 }),
  ];
}

/** The resident set of one process, without its children. */
function residentBytes(pid: number | null): number {
  if (pid === null) return Number.NaN;
  // `ps` of Linux and macOS alike gives KiB.
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * KIB;
}
