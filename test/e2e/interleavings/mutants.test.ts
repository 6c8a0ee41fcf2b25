/** Each check that the interleavings are there for is taken out of the Worker once: they must notice, and must not without. */
import { describe, expect, it } from 'vitest';
import type { Mutation } from '../../../playground/worker.ts';
import { Bell } from './bell.ts';
import { Crew } from './crew.ts';
import type { Finding } from './oracle.ts';
import { play } from './play.ts';
import { schedule } from './schedule.ts';

const SEED = 20_261_122;
const LANES = 6;
/** Enough for each mutant many times over. */
const BOUND = 72;
const TIMEOUT_MS = 240_000;
/** What a mutant breaks may keep a round from its end; the rounds after it are played all the same. */
const MUTANT_STUCK_MS = 12_000;
const MUTANT_HANGS_MAX = 6;

interface Mutant {
  readonly name: string;
  readonly mutations: readonly Mutation[];
  /** The rule that it breaks. It may break others before, as the timing has it. */
  readonly caughtBy: Finding['rule'];
}

const MUTANTS: readonly Mutant[] = [
  {
    name: 'the gen check skipped',
    mutations: [
      {
        file: 'worker/session/rules/rules.ts',
        from: 'if (gen !== p.c.gen)',
        to: 'if (gen < 0)',
      },
      {
        file: 'worker/session/rules/requests/deciding.ts',
        from: 'if (request.gen !== d.state.conversation?.gen)',
        to: 'if (d.state.conversation === null)',
      },
    ],
    caughtBy: 'wrong reason',
  },
  {
    name: 'the person check skipped',
    mutations: [
      {
        file: 'worker/session/rules/rules.ts',
        from: 'if (!permission.ok) {',
        to: 'if (!permission.ok && a.member.id === conversation.starter.id) {',
      },
    ],
    caughtBy: 'wrong person',
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
        file: 'worker/session/rules/rules.ts',
        from: 'if (!comesFromHere(a, thread)) return',
        to: 'if (a.place.guild !== thread.guild) return',
      },
      {
        file: 'worker/session/rules/requests/deciding.ts',
        from: 'if (request.message !== null && request.message !== message)',
        to: 'if (id.tag === null)',
      },
      {
        file: 'worker/session/rules/requests/deciding.ts',
        from: 'if (request.inputHash.slice(0, HASH_TAG_LENGTH) !== readTag(id.tag).hash)',
        to: 'if (request.inputHash.slice(0, HASH_TAG_LENGTH) === null)',
      },
    ],
    caughtBy: 'wrong session',
  },
];

/** The rules that are broken, up to the one that is looked for. */
async function broken(mutations: readonly Mutation[], rule?: Finding['rule']): Promise<readonly Finding[]> {
  const isMutant = rule !== undefined;
  const crew = await Crew.start(mutations, isMutant ? new Bell(MUTANT_STUCK_MS) : new Bell());
  try {
    const { findings } = await play(crew, schedule(SEED, LANES, BOUND), SEED, {
      judged: 'each round',
      ...(isMutant
        ? { hangsMax: MUTANT_HANGS_MAX, enough: (all) => all.some((one) => one.rule === rule) }
        : {}),
    });
    return findings;
  } finally {
    await crew.stop();
  }
}

describe('a random interleaving catches', () => {
  it.each(MUTANTS)('$name', { timeout: TIMEOUT_MS }, async ({ mutations, caughtBy }) => {
    const findings = await broken(mutations, caughtBy);
    expect(
      findings.map(({ rule }) => rule),
      JSON.stringify(findings),
    ).toContain(caughtBy);
  });

  it('nothing in the Worker as it is, with the same seed', { timeout: TIMEOUT_MS }, async () => {
    expect(await broken([]), `seed ${SEED}`).toEqual([]);
  });
});
