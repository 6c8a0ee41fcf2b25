import { reset } from 'cloudflare:test';
import { afterAll, afterEach, vi } from 'vitest';

/** What a test put in the place of something goes with it. */
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** No object outlives its file: one whose alarm fails for ever, as a test may leave it, would keep workerd from ending. */
afterAll(reset);
