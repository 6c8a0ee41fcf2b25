/** What a conversation has cost, turn by turn. */
import type { Event, EventOf, Usage } from '../../../../protocol/events.ts';
import type { ModelSpent, Spent } from '../../../domain/contract.ts';
import type { Conversation, Spending } from '../../state/conversation.ts';
import type { State } from '../../state/state.ts';

/** The rest is counted together, so that the head's row stays small whatever a runner says. */
const MODELS_MAX = 12;
const MODEL_MAX_CHARACTERS = 100;
const OTHERS = 'others';

/** All that the conversation has spent so far. */
export function spentOf({ spent: { turns, costUsd, tokens } }: Conversation): Spent {
  return { turns, costUsd, tokens };
}

type Ended = Extract<Event, { kind: 'turnEnded' }>;

/** The conversation's counts after this turn. */
export function afterTurn({ spent }: Conversation, e: EventOf<'turnEnded'>, state: State): Spending {
  const usage = sumUsage(Object.values(e.usage));
  return {
    ...spent,
    turns: spent.turns + 1,
    costUsd: spent.costUsd + e.costUsd,
    tokens: { in: spent.tokens.in + tokensIn(usage), out: spent.tokens.out + usage.output },
    models: byModel(spent.models, e),
    messages: spent.messages + messagesOf(e.turn, state),
  };
}

function byModel(known: readonly ModelSpent[], e: Ended): readonly ModelSpent[] {
  const all = new Map(known.map((one) => [one.model, one]));
  const used = Object.entries(e.usage);
  for (const [name, usage] of used) {
    const model = name.slice(0, MODEL_MAX_CHARACTERS);
    const key = all.has(model) || all.size < MODELS_MAX ? model : OTHERS;
    const before = all.get(key) ?? { model: key, costUsd: 0, in: 0, out: 0 };
    // An older runner says only what the turn cost, which is its one model's.
    const costUsd = usage.costUsd ?? (used.length === 1 ? e.costUsd : 0);
    all.set(key, {
      model: key,
      costUsd: before.costUsd + costUsd,
      in: before.in + tokensIn(usage),
      out: before.out + usage.output,
    });
  }
  return [...all.values()];
}

/** Prompts, and finished texts of Claude. Counted at the end of the turn, when the head is written anyway. */
function messagesOf(turn: Ended['turn'], { entries }: State): number {
  let count = 0;
  for (const entry of entries.values()) {
    if (entry.kind === 'text' && entry.turn === turn && !entry.joined) count += 1;
    if (entry.kind === 'prompt' && entry.turn === turn && entry.author !== null) count += 1;
  }
  return count;
}

function tokensIn({ input, cacheRead, cacheWrite }: Usage): number {
  return input + cacheRead + cacheWrite;
}

/** All models together. */
export function sumUsage(all: readonly Usage[]): Usage {
  return all.reduce(
    (a, b) => ({
      input: a.input + b.input,
      output: a.output + b.output,
      cacheRead: a.cacheRead + b.cacheRead,
      cacheWrite: a.cacheWrite + b.cacheWrite,
    }),
    { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  );
}
