/** What happens to a whole round while people ask and click: the runner sleeps or is killed, workerd is killed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Crew } from './crew.ts';
import type { Weather } from './schedule.ts';
import type { Storm } from './story.ts';

/** `begun`: enough is under way for it to matter. */
export async function happen(crew: Crew, weather: Weather, begun: () => boolean): Promise<void> {
  if (weather === 'calm') return;
  await crew.bell.until(begun, () => 'the round to begin');
  switch (weather) {
    case 'sleep':
      return sleep(crew);
    case 'kill':
      return kill(crew);
    case 'crash':
      return crash(crew);
  }
}

/** The machine's lid is closed until everybody has an answer without it. */
async function sleep(crew: Crew): Promise<void> {
  const { pid } = crew.runner;
  if (pid === null) return;
  process.kill(pid, 'SIGSTOP');
  try {
    await answered(crew);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function kill(crew: Crew): Promise<void> {
  const { runner } = crew;
  const storm: Storm = {
    ...{ what: 'kill', thread: null, round: crew.round },
    ...{ begin: crew.tick(), end: Number.POSITIVE_INFINITY },
  };
  crew.storms.push(storm);
  await runner.stop('SIGKILL');
  await answered(crew);
  runner.start();
  await runner.said(/Online in(?![\s\S]*\[exit)/);
  storm.end = crew.tick();
}

/** The cloud's half dies: what it had in memory is gone, and each socket with it; what it stored is not. */
async function crash(crew: Crew): Promise<void> {
  const pids = workerds();
  if (pids.length === 0) return;
  const storm: Storm = {
    ...{ what: 'crash', thread: null, round: crew.round },
    ...{ begin: crew.tick(), end: Number.POSITIVE_INFINITY },
  };
  crew.storms.push(storm);
  const { restarts } = crew;
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await crew.bell.until(
    () => crew.restarts > restarts,
    () => 'workerd to run again',
  );
  await answered(crew);
  storm.end = crew.tick();
}

/** The workerd processes that this process started; none where there is no proc(5). */
function workerds(): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ');
        // proc(5): what follows the name is field 3; the parent is field 4.
        const parent = after.split(' ')[1];
        return (
          parent === String(process.pid) && readFileSync(`/proc/${name}/comm`, 'utf8').trim() === 'workerd'
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

function answered(crew: Crew): Promise<void> {
  return crew.bell.until(
    () => crew.underWay === 0,
    () => `${crew.underWay} answers`,
  );
}
