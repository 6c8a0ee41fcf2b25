/** What turns cost, from totals that grow, fall, start again, and are cut off. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Usage } from '../../../protocol/events.ts';
import { decodeLine as decode } from '../../../runner/claude/line/decode.ts';
import type { ModelUsage, ResultLine } from '../../../runner/claude/line/wire.ts';
import { CostMeter } from '../../../runner/claude/turn/usage.ts';

const CAPTURES = fileURLToPath(new URL('../../fixtures/claude', import.meta.url));

function line(more: Partial<ResultLine> = {}): ResultLine {
  const decoded = decode(JSON.stringify({ type: 'result', subtype: 'success' }));
  if (decoded.type !== 'result') throw new Error('not a result');
  return { ...decoded, ...more };
}

const model = (name: string, tokens: number, costUsd: number): ModelUsage => ({
  model: name,
  input: tokens,
  output: tokens * 2,
  cacheRead: tokens * 3,
  cacheWrite: tokens * 4,
  costUsd,
  contextWindow: 200_000,
});

/** A conversation as an honest CLI has it: what each turn cost, and where its totals start again. */
const story = fc.array(
  fc.record({
    tokens: fc.integer({ min: 0, max: 1000 }),
    costUsd: fc.integer({ min: 0, max: 400 }).map((cents) => cents / 128),
    name: fc.constantFrom('opus', 'sonnet', '__proto__', 'constructor'),
    /** `clear`: the totals start at 0. `restart`: a new process, whose totals do. */
    before: fc.constantFrom('nothing', 'nothing', 'nothing', 'clear', 'restart'),
  }),
  { maxLength: 30 },
);

class Cli {
  #totals = new Map<string, ModelUsage>();

  clear(): void {
    this.#totals.clear();
  }

  turn(name: string, tokens: number, costUsd: number, exact: boolean): ResultLine {
    const spent = model(name, tokens, costUsd);
    const known = this.#totals.get(name) ?? model(name, 0, 0);
    this.#totals.set(name, {
      ...known,
      input: known.input + spent.input,
      output: known.output + spent.output,
      cacheRead: known.cacheRead + spent.cacheRead,
      cacheWrite: known.cacheWrite + spent.cacheWrite,
      costUsd: known.costUsd + spent.costUsd,
    });
    const models = [...this.#totals.values()];
    return line({
      models,
      totalCostUsd: models.reduce((sum, { costUsd: one }) => sum + one, 0),
      turnTokens: tokens * 10,
      modelsSinceLast: exact ? [spent] : null,
    });
  }
}

describe('a session whose totals are clear', () => {
  it.each([true, false])('costs the sum of its turns (the CLI says each turn by itself: %s)', (exact) => {
    fc.assert(
      fc.property(story, (turns) => {
        const cli = new Cli();
        let meter = new CostMeter(false);
        let told = 0;
        let output = 0;
        for (const { tokens, costUsd, name, before } of turns) {
          if (before !== 'nothing') cli.clear();
          if (before === 'restart') meter = new CostMeter(true);
          const result = cli.turn(name, tokens, costUsd, exact);
          const took = meter.take(result);
          if (before === 'clear' && !exact) {
            // A total that started again and is above the old one at once looks like one that grew: less is counted, never more.
            expect(took.costUsd).toBeLessThanOrEqual(costUsd + 1e-9);
            continue;
          }
          // A turn of no tokens has no part of a total.
          const expected = before === 'restart' && !exact && tokens === 0 ? 0 : costUsd;
          told += took.costUsd - expected;
          output += Object.values(took.usage).reduce((sum, { output: one }) => sum + one, 0) - tokens * 2;
        }
        expect(told).toBeCloseTo(0, 6);
        expect(output).toBe(0);
      }),
    );
  });
});

describe('totals that make no sense', () => {
  const wild = fc.record({
    name: fc.constantFrom('a', 'b', '__proto__', ''),
    numbers: fc.array(fc.oneof(fc.double(), fc.integer(), fc.constant(1e300), fc.constant('x')), {
      minLength: 6,
      maxLength: 6,
    }),
    since: fc.boolean(),
    named: fc.boolean(),
    restarted: fc.boolean(),
  });

  it('cost something that the protocol takes, and never less than nothing', () => {
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 20 }), (turns) => {
        let meter = new CostMeter(false);
        for (const { name, numbers, since, named, restarted } of turns) {
          if (restarted) meter = new CostMeter(true);
          const [inputTokens, outputTokens, cacheReadInputTokens, cacheCreationInputTokens, costUSD, total] =
            numbers;
          const usage = {
            inputTokens,
            outputTokens,
            cacheReadInputTokens,
            cacheCreationInputTokens,
            costUSD,
          };
          const byModel = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(usage)}}`);
          const text = JSON.stringify({
            type: 'result',
            subtype: 'success',
            total_cost_usd: total,
            usage: { input_tokens: inputTokens, output_tokens: outputTokens },
            ...(named ? { modelUsage: byModel } : {}),
            ...(since ? { model_usage_since_last_result: byModel } : {}),
          });
          const decoded = decode(text);
          if (decoded.type !== 'result') throw new Error('not a result');
          const took = meter.take(decoded);
          expect(Number.isFinite(took.costUsd)).toBe(true);
          expect(took.costUsd).toBeGreaterThanOrEqual(0);
          for (const one of Object.values(took.usage)) expect(v.safeParse(Usage, one).success).toBe(true);
        }
      }),
    );
  });
});

describe('the first turn of a resumed conversation', () => {
  it('of a CLI that begins at 0 is all of the total', () => {
    const took = new CostMeter(true).take(line({ models: [model('m', 10, 1)], turnTokens: 100 }));
    expect(took).toMatchObject({ costUsd: 1, usage: { m: { input: 10, costUsd: 1 } } });
  });

  it('of one whose total goes on is its part of it', () => {
    const took = new CostMeter(true).take(line({ models: [model('m', 40, 4)], turnTokens: 100 }));
    expect(took).toMatchObject({ costUsd: 1, usage: { m: { input: 10 } } });
  });

  it('is nothing for a command that asked no model', () => {
    expect(new CostMeter(true).take(line({ models: [model('m', 40, 4)] }))).toEqual({
      costUsd: 0,
      usage: {},
    });
  });
});

it('a CLI that names no model has its total counted', () => {
  const meter = new CostMeter(false);
  const costs = [1, 3, 0.5].map((totalCostUsd) => meter.take(line({ totalCostUsd })).costUsd);
  expect(costs).toEqual([1, 2, 0.5]);
});

/** Tokens that the captured model charged for; each turn's own `usage` leaves subagents out, so a turn may cost more. */
describe('captures of the real CLI', () => {
  const names = readdirSync(CAPTURES).filter((name) => name.endsWith('.jsonl'));

  it.each(names)('%s: each turn costs what the CLI says of it, also when only totals are read', (name) => {
    const results = readFileSync(join(CAPTURES, name), 'utf8')
      .split('\n')
      .flatMap((text) => {
        if (text === '') return [];
        const { dir, msg } = JSON.parse(text);
        const decoded = dir === 'out' ? decode(JSON.stringify(msg)) : null;
        return decoded?.type === 'result' ? [decoded] : [];
      });
    const meter = new CostMeter(false);
    const blind = new CostMeter(false);
    let total = 0;
    for (const result of results) {
      const took = meter.take(result).costUsd;
      const since = result.modelsSinceLast;
      if (since !== null)
        expect(took).toBeCloseTo(
          since.reduce((sum, one) => sum + one.costUsd, 0),
          9,
        );
      const guessed = blind.take({ ...result, modelsSinceLast: null }).costUsd;
      // The first total of a process that was resumed holds what was before it.
      if (total > 0 || since === null) expect(guessed).toBeCloseTo(took, 9);
      total += took;
    }
  });
});
