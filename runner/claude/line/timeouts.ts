/** How long each step of a CLI process may take. One object, so that a test can make them short. */
export interface Timeouts {
  /** Spawn to the reply of `initialize`. */
  readonly startMs: number;
  /** `--version`. */
  readonly versionMs: number;
  /** A prompt to the beginning of its turn. After it the process is ended. */
  readonly promptMs: number;
  /** An interrupt to the end of the turn. After it the process is ended. */
  readonly interruptMs: number;
  /** A change of model, mode or effort to its reply. */
  readonly tuneMs: number;
  /** stdin closed to the exit of an idle process. After it SIGTERM. */
  readonly closeMs: number;
  /** SIGTERM to the exit. After it SIGKILL. */
  readonly termMs: number;
  /** Between two frames of live text. */
  readonly liveMs: number;
}

export const TIMEOUTS: Timeouts = {
  // Claude: with an unreachable network the reply to `initialize` took 17.6 s.
  startMs: 60_000,
  // Claude: about 0.1 s when the file is warm; a cold disk reads 200 MB first.
  versionMs: 20_000,
  // Claude: 0.1 s, but the person's own hooks run first, each up to 60 s. A second prompt of the same id never begins.
  promptMs: 180_000,
  // Claude: an interrupted turn ends within 40 ms; a tool that ignores SIGTERM takes seconds.
  interruptMs: 10_000,
  // Claude: some milliseconds; an unknown model is tried with the API first.
  tuneMs: 30_000,
  // Claude: an idle process exits within 50 ms of the end of stdin.
  closeMs: 2_000,
  // Claude: SIGTERM ends running tools first, then exits with 143.
  termMs: 3_000,
  // Faster than any reader, slower than a token.
  liveMs: 50,
};
