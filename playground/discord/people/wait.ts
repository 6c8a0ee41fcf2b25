import type { World } from '../world/world.ts';

export interface WaitOptions {
  /** Real milliseconds; default 10 s. */
  readonly timeoutMs?: number;
  /** What is waited for, in words, for the error. */
  readonly what?: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Resolves with the first value of `look` that is neither undefined, null nor false, looking now and after every
 * change. Rejects on the timeout with what was waited for and what was there instead.
 */
export function waitFor<T>(
  world: World,
  look: () => T,
  show: () => string,
  options: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, what = 'the expected state' } = options;
  return new Promise((resolve, reject) => {
    let pending = false;
    let lastError: unknown;
    const finish = () => {
      clearTimeout(timer);
      world.events.off('change', onChange);
    };
    const check = () => {
      pending = false;
      let value: T;
      try {
        value = look();
      } catch (error) {
        lastError = error;
        return;
      }
      if (value === undefined || value === null || value === false) return;
      finish();
      resolve(value as NonNullable<Exclude<T, false>>);
    };
    // Looked at after the change is complete, not in the middle of it.
    const onChange = () => {
      if (pending) return;
      pending = true;
      queueMicrotask(check);
    };
    const timer = setTimeout(() => {
      finish();
      const cause = lastError === undefined ? '' : `\nlast error: ${String(lastError)}`;
      reject(new Error(`not within ${timeoutMs} ms: ${what}\n${show()}${cause}`));
    }, timeoutMs);
    world.events.on('change', onChange);
    check();
  });
}
