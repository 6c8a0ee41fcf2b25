/** After a crash: the recorded processes are ended before anybody resumes their Claude conversations. */
import { errorName } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { RecordedProcess } from '../journal/journal-sessions.ts';
import type { HostContext } from './host-context.ts';

/** Resolves when they are gone, or cannot be ended. Until then `exits` keeps their conversations from every thread. */
export async function endRecorded(
  { exits, claude }: HostContext,
  processes: readonly RecordedProcess[],
  log: Log,
): Promise<void> {
  const gone = Promise.withResolvers<void>();
  for (const { claudeSession } of processes) exits.set(claudeSession, gone.promise);
  for (const { process, record } of processes) {
    if (record === null) continue;
    try {
      await claude.endOrphan(record);
    } catch (error) {
      log('orphan-failed', { process, error: errorName(error) });
    }
  }
  for (const { claudeSession } of processes)
    if (exits.get(claudeSession) === gone.promise) exits.delete(claudeSession);
  gone.resolve();
}
