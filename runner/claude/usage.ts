/** What one turn cost, from the CLI's running totals. */
import type { Usage } from '../../protocol/session.ts';
import type { ModelUsage, ResultLine } from './wire.ts';

export interface TurnCost {
  readonly costUsd: number;
  readonly usage: Record<string, Usage>;
}

const ZERO = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, costUsd: 0 };

/**
 * Claude: `modelUsage` is cumulative; it may start again at 0 (a new process of an older CLI, `/clear`) or go down (a kill
 * before it was saved). `model_usage_since_last_result` is this turn's exactly, where the CLI sends it.
 */
export class CostMeter {
  #seen = new Map<string, ModelUsage>();
  /** False: the first total of a resumed conversation may hold earlier turns, so it says nothing about this one. */
  #baseKnown: boolean;

  constructor(resumed: boolean) {
    this.#baseKnown = !resumed;
  }

  take(result: ResultLine): TurnCost {
    const turn = result.modelsSinceLast ?? (this.#baseKnown ? this.#deltas(result.models) : []);
    this.#baseKnown = true;
    this.#seen = new Map(result.models.map((model) => [model.model, model]));
    let costUsd = 0;
    const usage: Record<string, Usage> = {};
    for (const model of turn) {
      costUsd += model.costUsd;
      const { input, output, cacheRead, cacheWrite } = model;
      // Not by assignment: a model may be called `__proto__`.
      Object.defineProperty(usage, model.model, {
        value: { input, output, cacheRead, cacheWrite },
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return { costUsd, usage };
  }

  #deltas(models: readonly ModelUsage[]): ModelUsage[] {
    return models.map((now) => {
      const seen = this.#seen.get(now.model) ?? ZERO;
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
