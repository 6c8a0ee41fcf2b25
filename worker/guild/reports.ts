import type { RunnerId, UserId } from '../../protocol/ids.ts';
import type { RunnerAccess } from '../access.ts';
import type { ReportReceipt, SessionReport } from '../contract.ts';
import type { Rooms } from './rooms.ts';
import { sessionCard } from './session-card.ts';

/** A Session's report: the directory, its card and its runner's set of sessions follow. An older one than is known changes nothing. */
export function takeReport(rooms: Rooms, report: SessionReport): ReportReceipt {
  const { store, directory, links, cards, later } = rooms;
  const { thread, gen, summary } = report;
  const before = new Set(directory.wanted(summary.runner));
  const done = store.transaction(() => {
    if (!directory.take(report)) return null;
    const changed = before.has(thread) !== directory.wanted(summary.runner).includes(thread);
    if (changed) links.wantedChanged(Date.now());
    const parent = directory.latestGen(thread) === gen ? sessionCard(rooms, thread, summary) : null;
    return { changed, parent };
  });
  if (done?.changed) links.sendWanted(summary.runner);
  if (done?.parent) later(cards.pump(done.parent));
  return receipt(rooms, summary.runner);
}

function receipt({ runners }: Rooms, id: RunnerId): ReportReceipt {
  const runner = runners.get(id);
  if (runner === null) return { presence: { online: false, sinceMs: null }, access: NOBODY };
  return { presence: runner.presence, access: runners.access(runner) };
}

/** A runner that this guild does not know: nobody may do anything on it. */
const NOBODY: RunnerAccess = {
  owner: '' as UserId,
  ownerName: '',
  members: [],
  roles: [],
  removed: true,
  rev: 0,
};
