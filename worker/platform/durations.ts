/**
 * Every wait of the Worker and its objects, in milliseconds. Tests that run the whole Worker shorten them with the var
 * `HEDDLE_DURATIONS` (a JSON object of some of these names); it is read only where Discord is a stand-in on this machine.
 */
export const DURATIONS = {
  /** The answer to an interaction is late after this. Discord allows 3 s, network both ways included. */
  answerRaceMs: 1_800,
  /** A second delivery of an interaction gets the stored answer for this long. */
  answerKeptMs: 24 * 60 * 60_000,
  /** A pairing link is good for this long. */
  pairingCodeMs: 10 * 60_000,
  /** A paired runner that nobody confirmed is forgotten after this. */
  pairingConfirmMs: 60 * 60_000,
  /** Wrong pairing codes of a guild are counted over this long. */
  pairingWindowMs: 10 * 60_000,
  /** A key that was replaced still opens links for this long: sessions hear of the new one in their turn. */
  keyGraceMs: 60 * 60_000,
  /** A runner whose socket closed is shown as offline after this: a reconnect is not news. */
  presenceGraceMs: 15_000,
  /** While anything is undelivered, an object looks again after this, whatever became of the last try. */
  safetyMs: 30_000,
  /** The Guild looks at a session that reported nothing for this long, and again this long after what waits there is due. */
  lookAfterMs: 10 * 60_000,
  /** First and largest wait before something that failed for the time being is tried again; it doubles between them. */
  retryFirstMs: 1_000,
  retryMaxMs: 5 * 60_000,
  /** A start that Discord keeps from getting on is given up, with words, after this. */
  startGiveUpMs: 15 * 60_000,
  /** A prompt that could not be started until then, because its runner is away, is dropped visibly. */
  promptWaitMs: 24 * 60 * 60_000,
  /** A prompt that should start at once is shown as waiting when it has not after this. */
  promptShownMs: 3_000,
  /** A request that nobody answered pauses its turn after this. */
  requestWaitMs: 24 * 60 * 60_000,
  /** The same for a question and for a plan, which may need some thought. */
  questionWaitMs: 7 * 24 * 60 * 60_000,
  /** Who is asked is reminded once, after this. */
  reminderMs: 15 * 60_000,
  /** A decision that is not on the CLI's stdin after this is shown as waiting for the runner. */
  decisionLateMs: 10_000,
  /** A turn whose runner stays away this long is given up. */
  runnerGoneMs: 24 * 60 * 60_000,
  /** The runner says within this what undoing a turn would change, and that it is done; a process may have to be started first. */
  undoWaitMs: 60_000,
  /** The runner says within this what is in a worktree, or that it is gone; a large one takes a while. */
  worktreeWaitMs: 3 * 60_000,
  /** "End the running turn and begin anew?" can be answered for this long: as long as its interaction's token lives. */
  renewalMs: 15 * 60_000,
  /** Of several cards within this, only the first notifies. */
  notifyGapMs: 60_000,
  /** A turn that took longer notifies when it is done. */
  longTurnMs: 60_000,
  /** While a turn runs, its link is looked at this often; a socket silent for `linkSilentMs` is taken for dead. */
  linkPollMs: 60_000,
  linkSilentMs: 90_000,
  /** The same while all that is open on a runner waits for people: a click is never more than this behind a socket that died unseen. */
  linkIdlePollMs: 15 * 60_000,
  /** The unit of the rhythm in which a thread is read for plain messages, and how long after its last activity it is read at all. */
  listenMs: 5_000,
  listenForMs: 2 * 60 * 60_000,
  /** The answer to a click waits this long for the decision to reach Claude, so that it can say so. */
  deliveredWaitMs: 400,
  /** An answer waits this long for the Guild to say whether the runner is there. */
  presenceWaitMs: 700,
};

export type Durations = Readonly<Record<keyof typeof DURATIONS, number>>;

/** The durations in force. A bad override is ignored as a whole, and one outside of loopback is not looked at. */
export function durations(env: {
  readonly DISCORD_API_URL: string;
  readonly HEDDLE_DURATIONS?: string;
}): Durations {
  if (env.HEDDLE_DURATIONS === undefined || !isLoopback(env.DISCORD_API_URL)) return DURATIONS;
  return parseOverride(env.HEDDLE_DURATIONS) ?? DURATIONS;
}

function parseOverride(text: string): Durations | null {
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given !== 'object' || given === null) return null;
    const known = Object.keys(DURATIONS);
    const entries = Object.entries(given);
    const good = entries.every(
      ([name, value]) =>
        known.includes(name) && typeof value === 'number' && Number.isFinite(value) && value >= 0,
    );
    return good ? { ...DURATIONS, ...Object.fromEntries(entries) } : null;
  } catch {
    return null;
  }
}

/** Whether a URL's host is this machine. */
export function isLoopback(url: string): boolean {
  try {
    const { hostname } = new URL(url);
    return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  } catch {
    return false;
  }
}
