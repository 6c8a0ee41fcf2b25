/** Lets people and weather loose on the whole system for a while, lets it come to rest, and balances the books. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../simulation/random.ts';
import { Ledger } from './ledger.ts';
import type { ChaosOptions } from './options.ts';
import { Person } from './people.ts';
import { type Account, type Books, reconcile } from './reconcile.ts';
import { ChaosStage } from './stage.ts';
import { readJournal, readSessions, readTranscripts } from './stored.ts';
import { Weather } from './weather.ts';

/** Each has a CLI process, and one that is being ended beside it for a moment. */
const PEOPLE = 3;
/** On a machine that does other things as well. */
const REST_MS = 90_000;
const LOOK_EVERY_MS = 250;
const REQUESTS_SHOWN = 60;

export interface ChaosReport {
  readonly account: Account;
  readonly differences: readonly string[];
  readonly stops: number;
  /** How often a session was ended and resumed. */
  readonly ends: number;
  readonly weather: Readonly<Record<string, number>>;
  /** What the threads show, when there are differences. */
  readonly shown: string;
}

export async function chaos({
  seconds,
  seed,
  mutations = [],
  restMs = REST_MS,
}: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed);
  const ledger = new Ledger();
  const stage = await ChaosStage.start(mutations);
  try {
    const people: Person[] = [];
    for (let n = 0; n < PEOPLE; n += 1)
      people.push(await Person.begin(stage, ledger, new Random(random.int(0, 2 ** 31))));
    const weather = new Weather(stage, ledger, new Random(random.int(0, 2 ** 31)), people);
    const untilMs = performance.now() + seconds * 1000;
    const over = () => performance.now() >= untilMs;
    await all([weather.rage(over), ...people.map((person) => person.live(over))]);
    const { account, differences } = await rest(stage, ledger, people, restMs);
    const { violations } = stage.system.discord;
    return {
      account,
      differences: [...differences, ...violations.map((words) => `Discord would have refused: ${words}`)],
      stops: ledger.stops,
      ends: ledger.ends,
      weather: Object.fromEntries(ledger.weather),
      shown:
        differences.length === 0
          ? ''
          : [
              ...people.map((person) => person.thread.show()),
              stage.runner.output.slice(-5_000),
              requests(stage),
            ].join('\n\n'),
    };
  } finally {
    await stage.stop();
  }
}

/** Asks each thread one last thing, answers what is open, and waits until the books balance or nothing more can be hoped for. */
async function rest(stage: ChaosStage, ledger: Ledger, people: readonly Person[], restMs: number) {
  const untilMs = performance.now() + restMs;
  for (const person of people) {
    person.forget();
    while ((await person.ask('say')).told === 'lost' && performance.now() < untilMs)
      await setTimeout(LOOK_EVERY_MS);
  }
  for (;;) {
    for (const person of people) await person.decideAll();
    const found = reconcile(books(stage, ledger, people));
    if (found.differences.length === 0 || performance.now() > untilMs) return found;
    await setTimeout(LOOK_EVERY_MS);
  }
}

function books({ system, runner, shown }: ChaosStage, ledger: Ledger, people: readonly Person[]): Books {
  const sessions = readSessions(join(system.folder, 'objects'));
  const journal = readJournal(join(runner.setup.home, 'journal.db'));
  const marks = join(system.folder, 'projects', `${runner.setup.name}-demo`, 'marks.txt');
  const { CLAUDE_CONFIG_DIR: config = '' } = runner.setup.env;
  return {
    ledger,
    threads: people.flatMap(({ thread }) => {
      const session = sessions.get(thread.id);
      if (session === undefined) throw new Error(`nothing is stored of ${thread.name}`);
      return [{ id: thread.id, session, runner: journal.get(thread.id) ?? null, shown: shown(thread) }];
    }),
    fed: readTranscripts(config),
    marks: existsSync(marks) ? readFileSync(marks, 'utf8').split('\n') : [],
  };
}

/** What was asked of Discord last. */
function requests({ system }: ChaosStage): string {
  return system.discord.log
    .filter(({ dir }) => dir === 'in')
    .slice(-REQUESTS_SHOWN)
    .map(({ t_ms, method, path, status }) => `${Math.round(t_ms)} ${method} ${path} ${status}`)
    .join('\n');
}

/** Waits for all of them also when one fails, so that nothing goes on behind the report. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
