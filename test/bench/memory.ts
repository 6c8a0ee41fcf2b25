/** What the packed runner itself occupies, without the CLI processes that it holds. */
import type { LocalRunner } from '../../playground/runner.ts';
import type { System } from '../../playground/system.ts';
import { Conversation } from './conversation.ts';
import { type Figure, figure } from './figure.ts';
import { residentBytes } from './many.ts';

const SESSIONS = 3;
const MB = 1_000_000;

export async function memory(system: System, runner: LocalRunner): Promise<Figure[]> {
  const conversations: Conversation[] = [];
  for (let n = 0; n < SESSIONS; n++) conversations.push(await Conversation.begin(system, 'hello'));
  await Promise.all(conversations.map((one) => one.turn('stream:100:10 tools:5:10')));
  return [
    figure('memory of the runner with a few sessions', residentBytes(runner.pid) / MB, 'MB', { under: 75 }),
  ];
}
