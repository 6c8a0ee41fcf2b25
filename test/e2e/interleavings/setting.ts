/** Nobody waits for Discord's limits here; what they do to Heddle has tests of its own. Requests in a window. */
export const LIMITS = {
  create: 1000,
  edit: 1000,
  delete: 1000,
  channel: 1000,
  webhook: 1000,
  read: 1000,
  thread: 1000,
  member: 1000,
  global: 10_000,
};

/** What a dead workerd leaves undone is taken up by its alarms; half a minute would be long here. */
export const DURATIONS = { safetyMs: 1000, retryFirstMs: 100, retryMaxMs: 1000 };

/** Who answers in time is another test's question; a machine that does ten things at once must not decide this one. Milliseconds. */
export const ANSWER_WITHIN_MS = 30_000;
