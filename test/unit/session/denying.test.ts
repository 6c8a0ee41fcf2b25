import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Verdict } from '../../../protocol/commands.ts';
import { WORDS_MAX } from '../../../protocol/limits.ts';
import { requestSlot } from '../../../worker/render/thread/request.ts';
import { OWNER, Play, STARTER, STRANGER } from './play.ts';

const asking = () => {
  const play = new Play().open();
  play.ask('fix the test');
  const turn = play.begin();
  return { play, turn, ref: play.request('req-1', turn) };
};

describe('Deny + reason', () => {
  it('opens a form whose text goes to Claude and onto the card', () => {
    const { play, ref } = asking();
    const opened = play.press(STARTER, 'denywhy', { ref });
    expect(opened).toMatchObject({ kind: 'modal', modal: { fields: [{ id: 'reason', required: true }] } });
    expect(play.sent('decide'), 'a form that is open decides nothing').toEqual([]);
    expect(play.press(STARTER, 'denywhy', { ref, fields: { reason: ' use bun ' } }).kind).toBe('decided');
    const { verdict } = play.last('decide');
    expect(verdict).toEqual({ behavior: 'deny', message: expect.stringMatching(/said no\..*: use bun$/) });
    const [entry] = play.requests();
    if (entry === undefined) throw new Error('no card');
    expect(requestSlot(entry, false, 'laptop').content).toContain('sam denied Bash npm test: “use bun”');
  });

  it('takes the longest reason, and denies when there is none', () => {
    const { play, turn, ref } = asking();
    play.press(STARTER, 'denywhy', { ref, fields: { reason: 'x'.repeat(9000) } });
    const { verdict } = play.last('decide');
    expect(v.safeParse(Verdict, verdict).success).toBe(true);
    expect(verdict.behavior === 'deny' && verdict.message.length).toBeGreaterThan(WORDS_MAX - 300);
    const second = play.request('req-2', turn);
    play.press(STARTER, 'denywhy', { ref: second, fields: {} });
    expect(play.last('decide')).toMatchObject({ request: 'req-2', verdict: { behavior: 'deny' } });
  });

  it('opens no form for a request that is over, and refuses one that was filled in too late', () => {
    const { play, ref } = asking();
    play.press(STARTER, 'denywhy', { ref });
    play.press(OWNER, 'allow', { ref });
    expect(play.refusal(play.press(STARTER, 'denywhy', { ref, fields: { reason: 'no' } }))).toMatch(
      /olga already allowed/,
    );
    expect(play.refusal(play.press(STARTER, 'denywhy', { ref }))).toMatch(/already allowed/);
    expect(play.sent('decide')).toHaveLength(1);
  });

  it.each([
    ['another input', { tag: 'ff'.repeat(8) }, /not what Claude asks/],
    ['an older conversation', { gen: 99 }, /earlier conversation/],
    ['an unknown request', { ref: 77 }, /over/],
  ])('refuses %s, in both halves', (_what, over, words) => {
    const { play, ref } = asking();
    expect(play.refusal(play.press(STARTER, 'denywhy', { ref, ...over }))).toMatch(words);
    expect(play.refusal(play.press(STARTER, 'denywhy', { ref, ...over, fields: { reason: 'x' } }))).toMatch(
      words,
    );
    expect(play.sent('decide')).toEqual([]);
  });

  it('is for those who may decide', () => {
    const { play, ref } = asking();
    expect(play.refusal(play.press(STRANGER, 'denywhy', { ref }))).toMatch(/not shared/);
    expect(play.refusal(play.press(STRANGER, 'denywhy', { ref, fields: { reason: 'x' } }))).toMatch(
      /not shared/,
    );
    expect(play.sent('decide')).toEqual([]);
  });
});
