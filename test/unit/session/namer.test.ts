import { describe, expect, it } from 'vitest';
import type { DiscordError } from '../../../worker/discord/errors.ts';
import type { RestChannel, RestResult } from '../../../worker/discord/rest-types.ts';
import { namer, toRename } from '../../../worker/session/effects/namer.ts';
import { isWorking, MOVED_MS, typing } from '../../../worker/session/effects/typing.ts';
import { Play, STARTER, THREAD } from './play.ts';

const ok = (name: string, archived = false): RestResult<RestChannel> => ({
  ok: true,
  value: { id: THREAD, type: 11, parent: null, name, archived, locked: false },
  bucket: null,
});
const failed = (error: DiscordError): RestResult<RestChannel> => ({ ok: false, error, bucket: null });
const LIMITED: DiscordError = { kind: 'rateLimited', retryAfterMs: 1, scope: 'user', global: false };

function named(): Play {
  const play = new Play().open({ text: 'please fix the login test' });
  const turn = play.begin();
  play.event({ kind: 'titled', gen: play.gen, title: 'Flaky login test' });
  play.end(turn);
  return play;
}

function rig(play: Play, look: () => RestResult<RestChannel>, rename: () => RestResult<RestChannel>) {
  const names: string[] = [];
  let looks = 0;
  let atMs = 0;
  const work = namer({
    state: () => play.state,
    look: async () => {
      looks += 1;
      return look();
    },
    rename: async (_thread, name) => {
      names.push(name);
      return rename();
    },
    done: () => play.step({ kind: 'named' }),
    now: () => atMs,
  });
  const pump = async (nowMs: number) => {
    atMs = nowMs;
    await work.pump();
  };
  return { names, pump, looks: () => looks };
}

describe('the name of a thread', () => {
  it('is what Claude calls it, once', async () => {
    const play = named();
    const { names, pump } = rig(
      play,
      () => ok('please fix the login test'),
      () => ok('x'),
    );
    await pump(0);
    expect(names).toEqual(['Flaky login test']);
    await pump(1_000_000);
    expect(names).toHaveLength(1);
    expect(toRename(play.state)).toBeNull();
  });

  it('stays as a person gave it, in an archived thread, and where Heddle may not look', async () => {
    for (const look of [
      () => ok('mine'),
      () => ok('please fix the login test', true),
      () => failed({ kind: 'forbidden' } as DiscordError),
    ]) {
      const play = named();
      const { names, pump } = rig(play, look, () => ok('x'));
      await pump(0);
      expect(names).toEqual([]);
      expect(toRename(play.state), 'not asked again').toBeNull();
    }
  });

  it('is tried later when Discord has no time, and not before', async () => {
    const play = named();
    let limited = true;
    const { names, pump, looks } = rig(
      play,
      () => ok('please fix the login test'),
      () => (limited ? failed(LIMITED) : ok('x')),
    );
    await pump(0);
    await pump(1_000);
    expect(looks()).toBe(1);
    limited = false;
    await pump(10 * 60_000);
    expect(names).toHaveLength(2);
    expect(toRename(play.state)).toBeNull();
  });

  it('is left alone in a thread that Heddle did not make, and before Claude has a title', () => {
    const foreign = new Play().open({ text: 'please', madeThread: false });
    foreign.begin();
    foreign.event({ kind: 'titled', gen: foreign.gen, title: 'T' });
    expect(toRename(foreign.state)).toBeNull();
    expect(toRename(new Play().open({ text: 'please' }).state)).toBeNull();
  });
});

describe('typing', () => {
  const rig = (play: Play) => {
    const shown: number[] = [];
    let nowMs = 0;
    const work = typing({
      state: () => play.state,
      online: () => play.linkUp,
      show: async () => {
        shown.push(nowMs);
      },
      now: () => nowMs,
    });
    const at = (ms: number) => {
      nowMs = ms;
      return work.pump();
    };
    return { work, at, shown };
  };

  it('is shown while a turn runs, every eight seconds at most, and not right after something moved', async () => {
    const play = new Play().open();
    play.ask('do it');
    const { work, at, shown } = rig(play);
    for (const ms of [0, 1_000, 7_999, 8_000]) await at(ms);
    expect(shown).toEqual([0, 8_000]);
    work.waitUntil(15_000 + MOVED_MS);
    await at(16_000);
    await at(19_000);
    expect(shown).toEqual([0, 8_000, 19_000]);
  });

  it('is not shown while nobody works: idle, waiting for a person, stopping, offline, ended', async () => {
    const play = new Play().open();
    const { at, shown } = rig(play);
    expect(isWorking(play.state)).toBe(false);
    play.ask('do it');
    const turn = play.begin();
    expect(isWorking(play.state)).toBe(true);
    play.request('r1', turn);
    expect(isWorking(play.state)).toBe(false);
    play.press(STARTER, 'allow', { ref: play.requests()[0]?.ref ?? 0 });
    expect(isWorking(play.state)).toBe(true);
    play.linkUp = false;
    await at(0);
    expect(shown).toEqual([]);
    play.linkUp = true;
    play.act(STARTER, { do: 'stop' });
    expect(isWorking(play.state)).toBe(false);
  });
});
