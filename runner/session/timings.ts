/** How long the runner waits for what. One object, so that a test can make them short. Milliseconds. */
export interface Timings {
  /** An idle CLI process ends after this. It comes back in half a second, and takes 100 MB meanwhile. */
  readonly idleMs: number;
  /** At the end, for the last events to be acked. What is not goes out at the next start. */
  readonly flushMs: number;
  /** How many processes live is told to the guilds this long after it changed. */
  readonly offerMs: number;
  /** An unused session link closes after this, so that a session that comes and goes keeps its socket. */
  readonly lingerMs: number;
}

export const TIMINGS: Timings = {
  idleMs: 10 * 60_000,
  flushMs: 1_500,
  offerMs: 5_000,
  lingerMs: 30_000,
};
