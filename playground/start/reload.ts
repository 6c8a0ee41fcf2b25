/** Reloads what runs here when its source is saved: the Worker by a new deployment, the page in every browser that shows it. */
import { watch } from 'node:fs';
import { join } from 'node:path';

/** An editor saves a file in several steps, and a change of branch writes many files. Milliseconds without a further one. */
const SETTLE_MS = 150;

export interface Part {
  /** As a person calls it: `Worker`, `page`. */
  readonly name: string;
  /** Folders below the root; everything in them counts. */
  readonly folders: readonly string[];
  /** Rejects with what the compiler says; then what ran before goes on. */
  reload(): Promise<void>;
}

export interface Reloading {
  /** Absolute. */
  readonly root: string;
  readonly print: (line: string) => void;
  /** Aborted: nothing is watched any more. */
  readonly ending: AbortSignal;
}

export function reloadOnSave(part: Part, { root, print, ending }: Reloading): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reloads = Promise.resolve();
  const reload = async (): Promise<void> => {
    if (ending.aborted) return;
    try {
      await part.reload();
      print(`${part.name}: reloaded.`);
    } catch (error) {
      if (!ending.aborted)
        print(
          `${part.name}: not reloaded, the one before goes on. ${error instanceof Error ? error.message : error}`,
        );
    }
  };
  const saved = (): void => {
    clearTimeout(timer);
    // One after another: a save during a reload makes one more.
    timer = setTimeout(() => {
      reloads = reloads.then(reload);
    }, SETTLE_MS);
  };
  for (const folder of part.folders) {
    const watcher = watch(join(root, folder), { recursive: true, signal: ending }, saved);
    watcher.on('error', () => {
      if (!ending.aborted) print(`${part.name}: ${folder}/ cannot be watched, so a save there does nothing.`);
    });
  }
  ending.addEventListener('abort', () => clearTimeout(timer));
}
