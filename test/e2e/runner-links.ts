import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from '../../playground/system.ts';

/** The first runner's open connections to the Worker: one to the Guild, one for each session that has work or had some a moment ago. */
export function linksOf({ runners, worker }: System): number {
  const port = Number(new URL(worker.origin).port);
  const folder = `/proc/${runners[0]?.pid}/fd`;
  const own = new Set(
    readdirSync(folder).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, fd)))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => {
    const columns = row.trim().split(/\s+/);
    const remote = Number.parseInt(columns[2]?.split(':')[1] ?? '', 16);
    return remote === port && columns[3] === '01' && own.has(columns[9] ?? '');
  }).length;
}
