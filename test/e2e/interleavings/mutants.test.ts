/** Each check that the interleavings are there for is taken out of the Worker once: they must notice, and must not without. */
import { describe, expect, it } from 'vitest';
import type { Mutation } from '../../../playground/worker.ts';
import { Crew } from './crew.ts';
import type { Finding } from './oracle.ts';
import { play } from './play.ts';
import { schedule } from './schedule.ts';

const SEED = 20_261_122;
const LANES = 6;
/** Enough for each mutant many times over. */
const BOUND = 72;
const TIMEOUT_MS = 240_000;

interface Mutant {
  readonly name: string;
  readonly mutations: readonly Mutation[];
}

const MUTANTS: readonly Mutant[] = [
  {
    name: 'the gen check skipped',
    mutations: [
      {
        file: 'worker/session/rules.ts',
        from: 'if (c === null || id.gen !== c.gen)',
        to: 'if (c === null)',
      },
      {
        file: 'worker/session/deciding.ts',
        from: 'if (request.gen !== d.state.conversation?.gen)',
        to: 'if (d.state.conversation === null)',
      },
    ],
  },
  {
    name: 'the person check skipped',
    mutations: [
      {
        file: 'worker/session/rules.ts',
        from: 'if (!permission.ok) {',
        to: 'if (!permission.ok && a.member.id === conversation.starter.id) {',
      },
    ],
  },
  {
    name: 'threads swapped: a click goes to the session that was clicked in before',
    mutations: [
      {
        file: 'worker/interactions/press.ts',
        from: "    case 'thread':\n      return threadOf(acting);",
        to: "    case 'thread': {\n      const there = before ?? threadOf(acting);\n      before = threadOf(acting);\n      return there;\n    }",
      },
      {
        file: 'worker/interactions/press.ts',
        from: '/** There are two ways to a Session',
        to: 'let before: ThreadId | null = null;\n/** There are two ways to a Session',
      },
      // With what would notice it out of the way as well.
      {
        file: 'worker/session/rules.ts',
        from: 'if (!comesFromHere(a, thread)) return',
        to: 'if (a.place.guild !== thread.guild) return',
      },
      {
        file: 'worker/session/deciding.ts',
        from: 'if (request.message !== null && request.message !== press.message)',
        to: 'if (press.tag === null)',
      },
      {
        file: 'worker/session/deciding.ts',
        from: 'if (request.inputHash.slice(0, HASH_TAG_LENGTH) !== press.tag)',
        to: 'if (request.inputHash.slice(0, HASH_TAG_LENGTH) === null)',
      },
    ],
  },
];

async function findings(mutations: readonly Mutation[]): Promise<readonly Finding[]> {
  const crew = await Crew.start(mutations);
  try {
    return (await play(crew, schedule(SEED, LANES, BOUND), SEED, 'each round')).findings;
  } finally {
    await crew.stop();
  }
}

describe('a random interleaving catches', () => {
  // Which rule it breaks first depends on timing; without it, none is broken (below).
  it.each(MUTANTS)('$name', { timeout: TIMEOUT_MS }, async ({ mutations }) => {
    expect(await findings(mutations)).not.toEqual([]);
  });

  it('nothing in the Worker as it is, with the same seed', { timeout: TIMEOUT_MS }, async () => {
    expect(await findings([]), `seed ${SEED}`).toEqual([]);
  });
});
