/** What a conversation has cost, by model, whatever a runner says of its turns. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { TurnEnded, type Usage } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { summarize } from '../../../worker/session/state/state.ts';
import { describe as describeSession } from '../../../worker/session/state/summary.ts';
import { Play, STARTER } from './play.ts';

const usage = (input: number, output: number, costUsd?: number): Usage => ({
  input,
  output,
  cacheRead: 0,
  cacheWrite: 0,
  ...(costUsd === undefined ? {} : { costUsd }),
});

function ends(play: Play, costUsd: number, byModel: Record<string, Usage>, context?: number): void {
  const turn = play.begin();
  play.event({ kind: 'text', gen: play.gen, turn, segment: 0, text: 'said' });
  play.event({
    kind: 'turnEnded',
    gen: play.gen,
    turn,
    prompt: null,
    outcome: { as: 'done' },
    durationMs: 1,
    costUsd,
    usage: byModel,
    ...(context === undefined ? {} : { context }),
  });
}

describe('the cost of a session', () => {
  it('is kept by model, with messages and context, and goes on after a resume', () => {
    const play = new Play().open();
    play.ask('first');
    ends(play, 0.5, { opus: usage(10, 5, 0.4), haiku: usage(3, 1, 0.1) }, 0.25);
    play.act(STARTER, { do: 'end' });
    play.act(STARTER, { do: 'resume' });
    play.ask('second');
    ends(play, 0.25, { opus: usage(1, 1, 0.25) });
    expect(describeSession(play.state)).toMatchObject({
      turns: 2,
      messages: 4,
      context: 0.25,
      costUsd: 0.75,
      tokens: { in: 14, out: 7 },
      models: [
        { model: 'opus', costUsd: 0.65, in: 11, out: 6 },
        { model: 'haiku', costUsd: 0.1, in: 3, out: 1 },
      ],
      inherited: { turns: 1, costUsd: 0.5, tokens: { in: 13, out: 6 } },
    });
  });

  it('of an older runner is that of its one model', () => {
    const play = new Play().open();
    play.ask('first');
    ends(play, 0.5, { opus: usage(10, 5) });
    expect(describeSession(play.state)?.models).toEqual([{ model: 'opus', costUsd: 0.5, in: 10, out: 5 }]);
  });

  it('by model adds up to the whole, and stays small', () => {
    const turns = fc.array(
      fc.dictionary(
        fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom('__proto__', 'constructor', 'opus')),
        fc.record({ cents: fc.nat(1000), tokens: fc.nat(1000) }),
        { maxKeys: 6 },
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(turns, (all) => {
        const play = new Play().open();
        for (const models of all) {
          play.ask('next');
          const byModel = Object.fromEntries(
            Object.entries(models).map(([name, one]) => [
              name,
              usage(one.tokens, one.tokens, one.cents / 100),
            ]),
          );
          const costUsd = Object.values(byModel).reduce((sum, one) => sum + (one.costUsd ?? 0), 0);
          ends(play, costUsd, byModel);
        }
        const { models = [], costUsd = 0 } = describeSession(play.state) ?? {};
        expect(models.length).toBeLessThanOrEqual(13);
        expect(models.reduce((sum, one) => sum + one.costUsd, 0)).toBeCloseTo(costUsd, 6);
        for (const { model } of models) expect(model.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 50 },
    );
  });

  it('is never taken when it is less than nothing, or no number', () => {
    const event = {
      kind: 'turnEnded',
      gen: 1,
      turn: '00000000-0000-4000-8000-000000000001',
      prompt: null,
      outcome: { as: 'done' },
      durationMs: 1,
      costUsd: 0,
      usage: { m: usage(1, 1, 0) },
    };
    expect(v.safeParse(TurnEnded, event).success).toBe(true);
    for (const costUsd of [-0.01, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(v.safeParse(TurnEnded, { ...event, costUsd }).success).toBe(false);
      expect(v.safeParse(TurnEnded, { ...event, usage: { m: usage(1, 1, costUsd) } }).success).toBe(false);
    }
  });
});

describe('what changes often', () => {
  it('makes no report of its own', () => {
    const play = new Play().open();
    play.ask('first');
    const turn = play.last('prompt').prompt as string as TurnId;
    play.begin();
    const rev = play.state.thread?.rev;
    play.event({
      kind: 'toolBegan',
      gen: play.gen,
      turn,
      tool: 't1',
      parent: null,
      name: 'Bash',
      class: 'command',
      summary: 'npm test',
    });
    expect(describeSession(play.state)?.doing).toBe('Bash npm test');
    play.event({ kind: 'toolEnded', gen: play.gen, turn, tool: 't1', outcome: 'done' });
    expect(describeSession(play.state)).not.toHaveProperty('doing');
    play.event({ kind: 'text', gen: play.gen, turn, segment: 0, text: 'words' });
    expect(play.state.thread?.rev).toBe(rev);
    expect(summarize(play.state)).not.toHaveProperty('model');
  });
});
