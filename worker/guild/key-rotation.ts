/**
 * A runner replaces its key: the old one signs for the new one, so nothing about it changes but that. For a while both open links, because
 * sessions hear of the new key in their turn; then the old one opens nothing, and what it opened is closed.
 */
import { fingerprint } from '../../protocol/fingerprint.ts';
import { type RotateRequest, rotateSubject } from '../../protocol/guild.ts';
import type { RunnerId } from '../../protocol/ids.ts';
import { authorize } from '../link/auth.ts';
import { log } from '../platform/log.ts';
import { keysOf } from './runners/runners.ts';
import type { Taking } from './services.ts';

export const KEY_TIMER = 'key:';

/** `refused`: the runner is not confirmed, or was removed. `used`: the key is another runner's. */
export type Rotated = 'ok' | 'unauthorized' | 'refused' | 'unknown' | 'used';

export async function rotateKey(
  services: Taking<'store' | 'runners' | 'timers' | 'directory' | 'pushes' | 'links' | 'durations' | 'later'>,
  request: RotateRequest,
  authorization: string | null,
): Promise<Rotated> {
  const { store, runners, timers, directory, pushes, links, durations, later } = services;
  const print = await fingerprint(request.publicKey);
  const who = await authorize(
    authorization,
    (id) => {
      const runner = runners.get(id);
      if (runner === null) return null;
      const { standing, origin, publicKey } = runner;
      // Asked again because the answer was lost, it is signed by the key that was replaced. That one replaces no other key.
      const publicKeys = publicKey === request.publicKey ? keysOf(runner) : [publicKey];
      return { runner: runner.id, publicKeys, standing, origin, subject: rotateSubject(request) };
    },
    Date.now(),
  );
  if (!who.ok) {
    log('guild.rotate.refused', { status: who.status, why: who.why });
    return who.status === 401 ? 'unauthorized' : who.status === 403 ? 'refused' : 'unknown';
  }
  const { runner } = who;
  const rotated = store.transaction((): Rotated => {
    const owner = runners.withKey(request.publicKey);
    if (owner !== null) return owner.id === runner ? 'ok' : 'used';
    runners.replaceKey(runner, request.publicKey, print);
    timers.set(timerOf(runner), Date.now() + durations.keyGraceMs);
    pushes.mark(directory.threadsOf(runner), Date.now());
    return 'ok';
  });
  links.keysChanged(runner);
  later(pushes.pump());
  return rotated;
}

/** The old key's time is over. */
export async function keyGraceOver(
  {
    store,
    runners,
    directory,
    pushes,
    links,
  }: Taking<'store' | 'runners' | 'directory' | 'pushes' | 'links'>,
  runner: RunnerId,
): Promise<void> {
  store.transaction(() => {
    runners.dropPreviousKey(runner);
    pushes.mark(directory.threadsOf(runner), Date.now());
  });
  links.keysChanged(runner);
  await pushes.pump();
}

function timerOf(runner: RunnerId): string {
  return `${KEY_TIMER}${runner}`;
}
