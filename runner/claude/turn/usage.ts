/** What one turn cost, from the CLI's running totals. */
import type { Usage } from '../../../protocol/events.ts';
import type { ModelUsage, ResultLine } from '../line/wire.ts';

export interface TurnCost {
  readonly costUsd: number;
  readonly usage: Record<string, Usage>;
}

type Spent = Pick<ModelUsage, 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'costUsd'>;
const ZERO: Spent = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 0 };

/** More than any turn costs. What a broken CLI says beyond it would make the event one that nobody takes. */
const COST_MAX_USD = 1e6;

/**
 * Claude: `modelUsage` is cumulative; it may start again at 0 (a new process of an older CLI, `/clear`) or go down (a kill
 * before it was saved). `model_usage_since_last_result` is this turn's exactly, where the CLI sends it.
 */
export class CostMeter {
  #seen = new Map<string, ModelUsage>();
  #seenTotalUsd = 0;
  /** False: the first total of a resumed conversation may hold earlier turns. */
  #baseKnown: boolean;

  constructor(resumed: boolean) {
    this.#baseKnown = !resumed;
  }

  take(result: ResultLine): TurnCost {
    const turn = result.modelsSinceLast ?? (this.#baseKnown ? this.#deltas(result.models) : share(result));
    const unnamed = turn.length === 0 && this.#baseKnown ? this.#unnamed(result) : 0;
    this.#baseKnown = true;
    this.#seen = new Map(result.models.map((model) => [model.model, model]));
    this.#seenTotalUsd = result.totalCostUsd;
    let costUsd = unnamed;
    const usage: Record<string, Usage> = {};
    for (const model of turn) {
      const { input, output, cacheRead, cacheWrite } = model;
      const cost = Math.min(COST_MAX_USD, model.costUsd);
      costUsd += cost;
      // Not by assignment: a model may be called `__proto__`.
      Object.defineProperty(usage, model.model, {
        value: { input, output, cacheRead, cacheWrite, costUsd: cost },
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return { costUsd: Math.min(COST_MAX_USD, costUsd), usage };
  }

  #deltas(models: readonly ModelUsage[]): ModelUsage[] {
    return models.map((now) => {
      const seen: Spent = this.#seen.get(now.model) ?? ZERO;
      const reset = now.costUsd < seen.costUsd || now.output < seen.output || now.input < seen.input;
      const base = reset ? ZERO : seen;
      return {
        ...now,
        input: now.input - base.input,
        output: now.output - base.output,
        cacheRead: Math.max(0, now.cacheRead - base.cacheRead),
        cacheWrite: Math.max(0, now.cacheWrite - base.cacheWrite),
        costUsd: now.costUsd - base.costUsd,
      };
    });
  }

  /** Of a CLI that names no models, and has a total all the same. */
  #unnamed({ models, modelsSinceLast, totalCostUsd: now }: ResultLine): number {
    if (models.length > 0 || modelsSinceLast !== null) return 0;
    return Math.min(COST_MAX_USD, now < this.#seenTotalUsd ? now : now - this.#seenTotalUsd);
  }
}

/**
 * The first turn of a resumed conversation, where only totals are told and nobody knows what they hold: the turn's own tokens say how
 * much of them is its part. That leaves subagents out where the totals do hold earlier turns.
 */
function share({ models, turnTokens }: ResultLine): ModelUsage[] {
  const all = models.reduce(
    (sum, { input, output, cacheRead, cacheWrite }) => sum + input + output + cacheRead + cacheWrite,
    0,
  );
  if (all === 0 || turnTokens === 0) return [];
  const part = Math.min(1, turnTokens / all);
  return models.map((model) => ({
    ...model,
    input: Math.round(model.input * part),
    output: Math.round(model.output * part),
    cacheRead: Math.round(model.cacheRead * part),
    cacheWrite: Math.round(model.cacheWrite * part),
    costUsd: model.costUsd * part,
  }));
}

/** How full the context window is, 0 to 1; undefined when the CLI does not say how large it is. */
export function contextFraction(
  result: ResultLine,
  model: string | null,
  contextTokens: number,
): number | undefined {
  const own = result.models.find((usage) => usage.model === model);
  const usage = own ?? (result.models.length === 1 ? result.models[0] : undefined);
  if (usage === undefined || usage.contextWindow === 0 || contextTokens === 0) return undefined;
  return Math.min(1, contextTokens / usage.contextWindow);
}
