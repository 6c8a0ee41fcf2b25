/** What Cloudflare does to a Worker and its objects, done to the ones of a System. */
import { readdirSync, readFileSync } from 'node:fs';
import type { System } from '../../../playground/system.ts';
import type { Snowflake } from '../../../protocol/ids.ts';

/** The object's memory goes; its sockets stay (`hibernate`) or close with 1006 (`close`). */
export async function evict(
  system: System,
  kind: 'Guild' | 'Session',
  name: Snowflake,
  webSockets: 'hibernate' | 'close',
): Promise<void> {
  await system.worker.miniflare.unsafeEvictDurableObject('heddle', kind, { name, webSockets });
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
