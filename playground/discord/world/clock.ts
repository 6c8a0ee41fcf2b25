/**
 * The emulator's clock: real time plus an offset that a test may advance, so that the 15 minutes of a token, the hour
 * of an edit and the days of a thread's archive can pass at once. The 3 s of an answer are real time: they measure
 * the program under test, not the calendar.
 */
export interface Clock {
  /** Milliseconds since the epoch, as this Discord sees them. */
  now(): number;
  /** Moves this Discord's time forward, in milliseconds. */
  advance(ms: number): void;
}

/** A stopped clock moves by `advance` only: then no rate limit depends on how fast the machine is. */
export function createClock(stopped = false): Clock {
  const startMs = Date.now();
  let offsetMs = 0;
  return {
    now: () => (stopped ? startMs : Date.now()) + offsetMs,
    advance(ms) {
      if (ms < 0) throw new RangeError('time goes forward only');
      offsetMs += ms;
    },
  };
}
