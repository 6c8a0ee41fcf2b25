/** What the CLI processes do, checked as it happens: no prompt twice, no decision that nobody made, no conversation in two processes. */

import type { Verdict } from '../../protocol/commands.ts';
import type { ClaudeSessionId, ProcessId, RunnerId } from '../../protocol/ids.ts';
import { SIMULATED } from './durations.ts';
import type { Asked, Truth } from './models/claude.ts';
import type { World } from './world.ts';

export function truthOf(world: World, runner: RunnerId): Truth {
  const { ledger } = world;
  const holders = new Map<ClaudeSessionId, ProcessId>();
  return {
    ran(text, prompt, process) {
      world.note(`${runner} claude ${process.slice(0, 8)} runs ${text} as ${prompt}`);
      // Not a person's words but Heddle's, after Continue.
      if (!/^p\d+z$/.test(text)) return;
      const runs = (ledger.runs.get(text) ?? 0) + 1;
      ledger.runs.set(text, runs);
      if (runs > 1) world.fail('3 never twice', `the prompt ${text} was run ${runs} times`);
      if (!ledger.askings.has(text)) world.fail('3 never twice', `nobody asked ${text}`);
    },
    ended(turn, as) {
      ledger.ends.set(turn, as);
      world.note(`${runner} claude ended ${turn}: ${as}`);
    },
    decided(asked, verdict) {
      world.note(`${runner} claude takes ${verdict.behavior} for ${asked.token}`);
      ledger.decided.push({ asked, verdict, atMs: world.clock.nowMs });
      justify(world, asked, verdict);
    },
    holds(session, process) {
      const holder = holders.get(session);
      if (holder !== undefined && holder !== process)
        world.fail('1 right session', 'two processes have the same Claude conversation');
      holders.set(session, process);
    },
    released(session, process) {
      if (holders.get(session) === process) holders.delete(session);
    },
    said(text) {
      ledger.said.push(text);
    },
  };
}

/** The buttons that may lead to each verdict. */
const VERBS_OF: Readonly<Record<Verdict['behavior'], ReadonlySet<string>>> = {
  allow: new Set(['allow', 'edits', 'rule', 'pick', 'answer', 'approve', 'approveedits']),
  deny: new Set(['deny', 'denywhy', 'changeplan']),
};

/**
 * Each decision that reaches a CLI is one click of one person who read exactly that request, or Heddle's own no: to one that nobody
 * answered in time, or that was open when a person stopped what runs.
 */
function justify(world: World, asked: Asked, verdict: Verdict): void {
  const { ledger, clock } = world;
  const verbs = VERBS_OF[verdict.behavior];
  const click = [...ledger.clicks.values()].find(
    (one) => one.accepted && !one.used && verbs.has(one.verb) && one.read.includes(asked.token),
  );
  if (click !== undefined) {
    click.used = true;
    return;
  }
  const waitMs = asked.asks === 'permission' ? SIMULATED.requestWaitMs : SIMULATED.questionWaitMs;
  const expired = clock.nowMs - asked.openedMs >= waitMs;
  if (verdict.behavior === 'deny' && (expired || ledger.stopped.has(asked.request))) return;
  world.fail('1 right session', `nobody decided ${verdict.behavior} on ${asked.token}`);
}
