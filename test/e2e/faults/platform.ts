/** What Cloudflare does to a Worker and its objects, done to a local one. */
import { readdirSync, readFileSync } from 'node:fs';
import { type LocalWorker, WORKER_NAME } from '../../../playground/worker.ts';

/** The object's memory goes; its sockets stay (`hibernate`) or close with 1006 (`close`). */
export async function evict(
  { miniflare }: LocalWorker,
  className: string,
  name: string,
  webSockets: 'hibernate' | 'close',
): Promise<void> {
  await miniflare.unsafeEvictDurableObject(WORKER_NAME, className, { name, webSockets });
}

/** SIGKILL of workerd. Miniflare starts another, at the same address and on the same storage. */
export function killWorkerd(): void {
  for (const pid of workerds()) process.kill(pid, 'SIGKILL');
}

/** The workerd processes that this process started. */
function workerds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        // proc(5): what follows the name is field 3; the parent is field 4.
        const parent = Number(after.split(' ')[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd';
      } catch {
        return false;
      }
    });
}
