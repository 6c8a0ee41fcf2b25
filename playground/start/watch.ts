/** Watches the parts that are processes of their own, and says in the page and in the terminal when one ends. */
import type { LocalRunner } from '../runner.ts';
import type { Health } from '../web/health.ts';

/** How often the Worker is asked whether it is there; it answers in a millisecond. */
const WORKER_POLL_MS = 2_000;
const WORKER_TIMEOUT_MS = 5_000;
/** A person reads this: the end of what it said, in characters. */
const LAST_WORDS_MAX = 300;

export interface Watch {
  readonly health: Health;
  readonly print: (line: string) => void;
  /** Aborted: what ends from now on is meant to. */
  readonly ending: AbortSignal;
}

export function watchRunner(runner: LocalRunner, { health, print, ending }: Watch): void {
  const { name } = runner.setup;
  const part = `runner ${name}`;
  let meant = false;
  const turn = async (on: boolean): Promise<void> => {
    if (on) {
      runner.start();
      follow();
    } else {
      meant = true;
      await runner.stop();
    }
  };
  const follow = (): void => {
    meant = false;
    health.say(part, null);
    health.runner(name, true, turn);
    void runner.ended().then(() => {
      health.runner(name, false, turn);
      if (meant || ending.aborted) return;
      const words = `The runner “${name}” has ended by itself. Prompts wait until it is back: press Start beside its name.`;
      health.say(part, words);
      print(`${words}\nIt said last:\n${runner.output.slice(-LAST_WORDS_MAX).trim()}`);
    });
  };
  follow();
}

/** workerd that ends by itself is started again by miniflare; when that fails, a person has to know. */
export function watchWorker(origin: string, { health, print, ending }: Watch): void {
  let well = true;
  const look = async (): Promise<void> => {
    const here = await fetch(origin, { signal: AbortSignal.timeout(WORKER_TIMEOUT_MS) }).then(
      (answer) => answer.body?.cancel().then(() => true) ?? true,
      () => false,
    );
    if (ending.aborted || here === well) return;
    well = here;
    const words =
      'The Worker (workerd) does not answer. Nothing is lost; if this stays, run npm start again.';
    health.say('worker', here ? null : words);
    print(here ? 'The Worker answers again.' : words);
  };
  const timer = setInterval(() => void look(), WORKER_POLL_MS);
  ending.addEventListener('abort', () => clearInterval(timer));
}
