/** `/status` in a channel: the sessions of the server, filtered and paged, and what they cost. */
import type { ThreadId } from '../../protocol/ids.ts';
import type { Member } from '../domain/access.ts';
import type { Answer, SessionSummary } from '../domain/contract.ts';
import { errorName, log } from '../platform/log.ts';
import { type ListedSession, SESSIONS_A_PAGE, sessionList } from '../render/panels/session-list.ts';
import { say } from './runners/words.ts';
import type { Taking } from './services.ts';
import type { KnownSession } from './sessions/directory.ts';
import { filterTag, isWanted, type Wanted } from './sessions/filter.ts';

/** How long the list waits for what the running sessions do at this moment. Discord gives 3 s for all. */
const GLANCE_MS = 700;

export async function listSessions(
  services: Taking<'directory' | 'sums' | 'env' | 'runners'>,
  member: Member,
  want: Wanted,
  page: number,
  kind: 'private' | 'update',
): Promise<Answer> {
  const { directory, sums } = services;
  if (!directory.any()) return say('There are no sessions in this server yet. `/new` begins one.');
  const all = directory.list().filter(({ summary }) => isWanted(summary, want));
  const pages = Math.max(1, Math.ceil(all.length / SESSIONS_A_PAGE));
  const at = Math.min(Math.max(0, Math.trunc(page) || 0), pages - 1);
  const shown = all.slice(at * SESSIONS_A_PAGE, (at + 1) * SESSIONS_A_PAGE);
  const person = want.person ?? member.id;
  const who = person === member.id ? 'You' : (all[0]?.summary.starter.name ?? 'They');
  const { text, rows } = sessionList({
    sessions: await Promise.all(shown.map((session) => asOfNow(services, session))),
    page: at,
    pages,
    count: all.length,
    active: all.filter(({ summary }) => summary.state.is !== 'ended').length,
    tag: filterTag(want),
    sums: [
      { who, ...sums.of(person) },
      { who: 'This server', active: directory.active(), ...sums.of(null) },
    ],
    newest: directory.newest()?.thread ?? null,
  });
  return { kind, text, rows };
}

/** What a running session does changes too often to be reported, so it is asked. One that does not answer is shown as it was. */
async function asOfNow(
  { env, runners }: Taking<'env' | 'runners'>,
  { thread, summary }: KnownSession,
): Promise<ListedSession> {
  const now = summary.state.is === 'running' ? await glance(env, thread) : null;
  return {
    thread,
    summary: now?.gen === summary.gen ? now : summary,
    runner: runners.get(summary.runner)?.name ?? '',
  };
}

async function glance(env: Env, thread: ThreadId): Promise<SessionSummary | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), GLANCE_MS);
  });
  try {
    return await Promise.race([env.SESSION.getByName(thread).glance(), late]);
  } catch (error) {
    log('guild.glance.failed', { error: errorName(error) });
    return null;
  } finally {
    clearTimeout(timer);
  }
}
