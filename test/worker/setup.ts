import { reset } from 'cloudflare:test';
import { afterAll } from 'vitest';

/** No object outlives its file: one whose alarm fails for ever, as a test may leave it, would keep workerd from ending. */
afterAll(reset);
