/** The Worker's own waits, but for the longest: a week of virtual time costs more than it finds. */
import { DURATIONS } from '../../worker/platform/durations.ts';

const OVER = { questionWaitMs: DURATIONS.requestWaitMs };
export const SIMULATED = { ...DURATIONS, ...OVER };
/** As the Worker reads it. */
export const HEDDLE_DURATIONS = JSON.stringify(OVER);
