import { afterEach, expect, it, vi } from 'vitest';
import type { DiscordError } from '../../../worker/discord/errors.ts';
import { archiver } from '../../../worker/session/effects/archiver.ts';
import { Play, STARTER } from './play.ts';

afterEach(() => vi.useRealTimers());

/** A session that was ended, and a Discord that answers with what the test says. */
function stage(answers: (DiscordError | null)[]) {
  const play = new Play().open();
  play.ask('hello');
  play.end(play.begin());
  play.act(STARTER, { do: 'end' });
  const calls: boolean[] = [];
  const seen = { settled: true, during: () => {} };
  const work = archiver({
    state: () => play.state,
    settled: async () => seen.settled,
    set: async (_thread, archived) => {
      calls.push(archived);
      seen.during();
      const error = answers.shift() ?? null;
      return error === null
        ? { ok: true, value: {} as never, bucket: null }
        : { ok: false, error, bucket: null };
    },
    done: (gen) => play.step({ kind: 'archived', gen }),
  });
  const pump = async () => {
    void work.pump();
    void work.pump();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { play, calls, seen, pump };
}

it('archives once, when all is shown', async () => {
  const { calls, seen, pump } = stage([]);
  seen.settled = false;
  await pump();
  expect(calls).toEqual([]);
  seen.settled = true;
  await pump();
  await pump();
  expect(calls).toEqual([true]);
});

it('tries again what may work later, not at once; and lets be what Discord does not allow', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { play, calls, pump } = stage([
    { kind: 'transient', status: 500, retryAfterMs: 0 },
    { kind: 'rateLimited', retryAfterMs: 60_000, global: false, scope: 'user' },
    { kind: 'forbidden', code: 50013, text: 'no' },
  ]);
  await pump();
  await pump();
  expect(calls).toHaveLength(1);
  vi.setSystemTime(Date.now() + 6_000);
  await pump();
  vi.setSystemTime(Date.now() + 6_000);
  await pump();
  expect(calls).toHaveLength(2);
  vi.setSystemTime(Date.now() + 60_000);
  await pump();
  await pump();
  expect(calls).toHaveLength(3);
  expect(play.state.conversation?.ended?.toArchive).toBe(false);
});

it('opens the thread again when somebody asked while Discord archived it', async () => {
  const { play, calls, seen, pump } = stage([]);
  seen.during = () => {
    if (calls.length === 1) play.ask('wait');
  };
  await pump();
  expect(calls).toEqual([true, false]);
  expect(play.state.conversation?.ended).toBeNull();
});
