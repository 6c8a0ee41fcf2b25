/** Plain messages: who is heard, once, in order; and how often the thread is read for them. */
import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../../protocol/ids.ts';
import { snowflakeAt } from '../../../worker/discord/snowflake.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import { listenGapMs, takenOf } from '../../../worker/session/rules/prompts/listening.ts';
import type { Said } from '../../../worker/session/state/input.ts';
import { OWNER, Play, STARTER, STRANGER } from './play.ts';

const at = (play: Play, ms: number) => snowflakeAt(play.nowMs + ms);
const said = (play: Play, ms: number, author = STARTER, text = `at ${ms}`): Said => ({
  id: at(play, ms),
  author,
  text,
  files: [],
  refused: null,
});
const texts = (play: Play) => play.commands.flatMap((c) => (c.kind === 'prompt' ? [c.text] : []));
const hear = (play: Play, messages: readonly Said[], upTo = messages.at(-1)?.id ?? ('0' as MessageId)) =>
  play.step({ kind: 'heard', said: messages, upTo });

describe('plain messages', () => {
  it('of those who may ask become prompts, in order, each once', () => {
    const play = new Play().open();
    const messages = [said(play, 10), said(play, 20, OWNER)];
    expect(takenOf(hear(play, messages).state, messages)).toHaveLength(2);
    expect(texts(play)).toEqual(['[@sam] at 10']);
    expect(play.state.queue.size).toBe(1);
    hear(play, messages);
    expect(play.state.queue.size, 'read twice, taken once').toBe(1);
    hear(play, [...messages, said(play, 30)]);
    expect([...play.state.queue.values()].map(({ text }) => text)).toEqual(['at 20', 'at 30']);
  });

  it('of others are talk among people', () => {
    const play = new Play().open();
    const messages = [said(play, 10, STRANGER)];
    expect(takenOf(hear(play, messages).state, messages)).toEqual([]);
    expect(texts(play)).toEqual([]);
    hear(play, [said(play, 5)], at(play, 5));
    expect(texts(play), 'what was passed over is not taken later').toEqual([]);
  });

  it('from before the session, and of one that has ended, are not taken', () => {
    const play = new Play().open();
    hear(play, [said(play, -1000)]);
    expect(texts(play)).toEqual([]);
    play.act(STARTER, { do: 'end' });
    hear(play, [said(play, 50)]);
    expect(texts(play)).toEqual([]);
  });

  it('that cannot be read are answered with how to reach Claude, once', () => {
    const play = new Play().open();
    hear(play, [said(play, 10, STARTER, '')]);
    hear(play, [said(play, 20, STARTER, '')]);
    const notes = [...play.state.entries.values()].filter(
      (entry) => entry.kind === 'note' && entry.id.startsWith('unread'),
    );
    expect(notes).toHaveLength(1);
    hear(play, [said(play, 30, STRANGER, '')]);
    expect(texts(play)).toEqual([]);
  });

  it('are shown by the message itself: the turn does not repeat the words', () => {
    const play = new Play().open();
    hear(play, [said(play, 10)]);
    const prompt = [...play.state.entries.values()].find((entry) => entry.kind === 'prompt');
    expect(prompt).toMatchObject({ said: at(play, 10) });
  });
});

describe('files', () => {
  const file = { url: 'https://cdn.discordapp.com/a', name: 'a.png', type: 'image/png', bytes: 3 };

  it('go with the message, also without words; one that cannot keeps the message from being taken, visibly', () => {
    const play = new Play().open();
    hear(play, [{ ...said(play, 10, STARTER, ''), files: [file] }]);
    expect(play.last('prompt').files).toEqual([file]);
    const refused = { ...said(play, 20), refused: '**b.zip** is too large.' };
    expect(takenOf(hear(play, [refused]).state, [refused])).toEqual([]);
    expect(play.entries('note').some(({ text }) => text.includes('b.zip'))).toBe(true);
  });
});

describe('switched off', () => {
  it('nothing is heard, and switched on again only what comes then', () => {
    const play = new Play().open();
    play.act(STARTER, { do: 'settings', messages: 'off' });
    hear(play, [said(play, 10)]);
    expect(texts(play)).toEqual([]);
    expect(listenGapMs(play.state, play.nowMs, DURATIONS)).toBeNull();
    play.act(STARTER, { do: 'settings', messages: 'maybe' });
    expect(play.state.thread?.listens).toBe(false);
    play.act(STRANGER, { do: 'settings', messages: 'on' });
    expect(play.state.thread?.listens).toBe(false);
    play.later(1000);
    play.act(STARTER, { do: 'settings', messages: 'on' });
    expect(listenGapMs(play.state, play.nowMs, DURATIONS)).not.toBeNull();
    hear(play, [said(play, -1), said(play, 20)]);
    expect(texts(play)).toEqual(['at 20']);
  });
});

describe('the rhythm', () => {
  const gap = (play: Play, laterMs: number) => listenGapMs(play.state, play.nowMs + laterMs, DURATIONS);

  it('falls with the time since the last activity, and ends', () => {
    const play = new Play().open();
    expect(gap(play, 0)).toBe(5_000);
    const gaps = [0, 70_000, 6 * 60_000, 40 * 60_000].map((ms) => gap(play, ms) ?? 0);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(new Set(gaps).size).toBe(4);
    expect(gap(play, DURATIONS.listenForMs + 1)).toBeNull();
  });

  it('is none for an ended session, one that Discord closed to Heddle, and one that is switched off', () => {
    const play = new Play().open();
    expect(listenGapMs(play.state, play.nowMs, { ...DURATIONS, listenForMs: 0 })).toBeNull();
    play.act(STARTER, { do: 'end' });
    expect(gap(play, 0)).toBeNull();
  });

  it('fits the free plan: a burst of activity costs less than a hundred looks', () => {
    const play = new Play().open();
    let looks = 0;
    for (let later = 0; ; looks += 1) {
      const next = gap(play, later);
      if (next === null) break;
      later += next;
    }
    expect(looks).toBeLessThan(100);
  });
});
