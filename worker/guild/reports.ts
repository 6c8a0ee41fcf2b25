import type { RunnerId, UserId } from '../../protocol/ids.ts';
import type { RunnerAccess } from '../domain/access.ts';
import type { ReportReceipt, SessionReport } from '../domain/contract.ts';
import type { Taking } from './services.ts';
import { sessionCard } from './starts/session-card.ts';

/** A Session's report: the directory, its card and its runner's set of sessions follow. An older one than is known changes nothing. */
export function takeReport(
  services: Taking<
    'guild' | 'store' | 'durations' | 'directory' | 'runners' | 'links' | 'looks' | 'cards' | 'later'
  >,
  report: SessionReport,
): ReportReceipt {
  const { store, directory, links, looks, cards, later } = services;
  const { thread, summary } = report;
  const done = store.transaction(() => {
    const before = directory.workers(thread);
    if (!directory.take(report, looks.reported(Date.now()))) return null;
    const after = directory.workers(thread);
    const changed = [...before, ...after].filter((id) => before.includes(id) !== after.includes(id));
    if (changed.length > 0) links.wantedChanged(Date.now());
    else if (summary.work && summary.state.is !== 'waiting') links.works(Date.now());
    return { changed, parent: sessionCard(services, thread, summary) };
  });
  for (const runner of done?.changed ?? []) links.sendWanted(runner);
  if (done?.parent) later(cards.pump(done.parent));
  return receipt(services, summary.runner);
}

function receipt({ runners }: Taking<'runners'>, id: RunnerId): ReportReceipt {
  const runner = runners.get(id);
  if (runner === null) return { presence: { online: false, sinceMs: null }, access: NOBODY };
  return { presence: runner.presence, access: runners.access(runner) };
}

/** A runner that this guild does not know: nobody may do anything on it, unless the session has heard otherwise from a guild that did. */
const NOBODY: RunnerAccess = {
  owner: '' as UserId,
  ownerName: '',
  members: [],
  roles: [],
  removed: true,
  rev: 0,
};
