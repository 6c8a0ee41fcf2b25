/**
 * Ctrl-C and its relatives end the playground in order, and only this file decides how: miniflare adds listeners of its
 * own that end the process at once, with the runner still alive.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof SIGNALS)[number];

export interface Stopping {
  /** Resolves at the first signal. */
  readonly asked: Promise<StopSignal>;
  /** Call when everything has ended. */
  release(): void;
}

/** `again`: the person is out of patience. */
export function listenForStop(again: () => void): Stopping {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let count = 0;
  const onSignal = (signal: StopSignal): void => {
    count += 1;
    if (count === 1) resolve(signal);
    else again();
  };
  const onNew = (event: string | symbol, listener: unknown): void => {
    const signal = SIGNALS.find((name) => name === event);
    if (signal !== undefined && listener !== onSignal)
      queueMicrotask(() => process.off(signal, listener as () => void));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('newListener', onNew);
  return {
    asked: promise,
    release: () => {
      process.off('newListener', onNew);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
