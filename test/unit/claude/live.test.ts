import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TurnId } from '../../../protocol/ids.ts';
import { SEGMENT_MAX_BYTES } from '../../../protocol/limits.ts';
import type { ClaudeLive } from '../../../runner/claude/line/types.ts';
import { LiveText } from '../../../runner/claude/turn/live.ts';

const turn = 'turn-1' as TurnId;

describe('live text', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const frames: ClaudeLive[] = [];
    const live = new LiveText(
      (frame) => frames.push(frame),
      50,
      () => performance.now(),
    );
    return { frames, live, texts: () => frames.map(({ from, text }) => [from, text]) };
  }

  it('sends the first piece at once and then what has gathered, each 50 ms at most', () => {
    const { live, texts } = setUp();
    live.open(turn, 0, '');
    live.append('a');
    expect(texts()).toEqual([[0, 'a']]);
    live.append('b');
    live.append('c');
    vi.advanceTimersByTime(49);
    expect(texts()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(texts()).toEqual([
      [0, 'a'],
      [1, 'bc'],
    ]);
    vi.advanceTimersByTime(1000);
    expect(texts()).toHaveLength(2);
    live.append('d');
    expect(texts()[2]).toEqual([3, 'd']);
  });

  it('says nothing more of a segment whose finished text is out', () => {
    const { live, frames } = setUp();
    live.open(turn, 0, 'a');
    live.append('b');
    live.close();
    vi.advanceTimersByTime(1000);
    expect(frames).toHaveLength(1);
    live.append('c');
    vi.advanceTimersByTime(1000);
    expect(frames).toHaveLength(1);
    expect(live.whole).toBeNull();
  });

  it('takes back what was abandoned, if anybody saw it', () => {
    const { live, texts } = setUp();
    live.open(turn, 0, 'ab');
    live.abandon();
    live.abandon();
    expect(texts()).toEqual([
      [0, 'ab'],
      [0, ''],
    ]);
    live.open(turn, 0, 'cd');
    live.open(turn, 0, 'ef');
    vi.advanceTimersByTime(100);
    expect(texts().slice(2)).toEqual([[0, 'ef']]);
  });

  it('gives the whole to who comes back', () => {
    const { live } = setUp();
    expect(live.whole).toBeNull();
    live.open(turn, 3, 'ab');
    live.append('c');
    expect(live.whole).toEqual({ turn, segment: 3, from: 0, text: 'abc' });
  });

  it('stays within what one frame may hold', () => {
    const { live, frames } = setUp();
    live.open(turn, 0, '');
    for (let at = 0; at < 100; at++) {
      live.append('€'.repeat(1000));
      vi.advanceTimersByTime(50);
    }
    const text = frames.map((frame) => frame.text).join('');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SEGMENT_MAX_BYTES);
    expect(Buffer.byteLength(live.whole?.text ?? '')).toBeLessThanOrEqual(SEGMENT_MAX_BYTES);
  });
});
