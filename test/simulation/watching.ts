/** Each step of the session's rules, checked as it is committed. */
import * as v from 'valibot';
import { Event } from '../../protocol/events.ts';
import type { ThreadId } from '../../protocol/ids.ts';
import type { SessionDo } from '../../worker/domain/contract.ts';
import type { Input, Outcome } from '../../worker/session/state/input.ts';
import type { State } from '../../worker/session/state/state.ts';
import { Ledger } from './ledger.ts';
import type { Watcher } from './watch/watcher.ts';
import type { SimThread, World } from './world.ts';

export function watcherOf(world: World): Watcher {
  const { ledger } = world;
  return {
    ruled(life, before, input, ctx, outcome) {
      const thread = world.threads.get(life.replace('session-', '') as ThreadId);
      if (thread === undefined) throw new Error(`whose rules are these? ${life}`);
      thread.host.storage.onCommit(() => committed(world, thread, before, input, ctx.nowMs, outcome));
    },
    journalled(runner, scope, event) {
      const read = v.safeParse(Event, event);
      if (!read.success) return;
      list(ledger.journalled, Ledger.key(runner, scope, event.gen)).push(JSON.stringify(read.output));
    },
  };
}

function committed(
  world: World,
  thread: SimThread,
  before: State,
  input: Input,
  nowMs: number,
  { state, changes, answer }: Outcome,
): void {
  const { ledger } = world;
  ledger.inputs += 1;
  thread.state = state;
  for (const change of changes)
    if (change.table === 'entry' && !thread.writtenMs.has(change.seq))
      thread.writtenMs.set(change.seq, nowMs);
  world.note(
    `${thread.host.life.name} ${input.kind}${input.kind === 'event' ? ` ${input.event.kind}` : ''}${
      input.kind === 'act' ? ` ${input.act.member.name} ${input.act.act.do} -> ${answer?.kind}` : ''
    } t${state.turns.size} q${state.queue.size} r${state.requests.size}`,
  );
  if (input.kind === 'act') rightPerson(world, before, input, changes.length);
  if (input.kind === 'act' && stops(input.act.act))
    for (const request of before.requests.values())
      if (request.decidedMs === null && !state.requests.has(request.ref)) ledger.stopped.add(request.request);
  if (input.kind === 'act' && answer?.kind === 'decided') {
    const click = ledger.clicks.get(input.act.id);
    if (click !== undefined) {
      click.accepted = true;
      if (click.forged) world.fail('1 right session', 'a forged click was accepted');
    }
  }
  if (input.kind === 'event') inOrder(world, thread, before, input.event);
  for (const turn of before.turns.values())
    if (!state.turns.has(turn.turn)) {
      ledger.turns += 1;
      turnOver(world, turn.turn, before, input, nowMs);
    }
  const old = before.conversation;
  if (old !== null && (state.conversation?.gen !== old.gen || state.conversation.ended !== null))
    ledger.over.add(Ledger.key(old.runner, thread.id, old.gen));
}

function stops(act: SessionDo): boolean {
  return act.do === 'stop' || (act.do === 'press' && (act.id.verb === 'stop' || act.id.verb === 'sendnow'));
}

/** Without `may`: the runner's owner, and whoever began the session as long as the runner is shared with them. */
function rightPerson(
  world: World,
  before: State,
  input: Extract<Input, { kind: 'act' }>,
  changes: number,
): void {
  const c = before.conversation;
  if (c === null || changes === 0) return;
  const { id } = input.act.member;
  const { access } = c;
  const allowed =
    !access.removed && (id === access.owner || (id === c.starter.id && access.members.includes(id)));
  if (!allowed)
    world.fail('2 right person', `${input.act.member.name} did ${input.act.act.do} without the right to`);
}

/** The n-th event that is applied of a conversation is the n-th that its runner wrote down. */
function inOrder(world: World, thread: SimThread, before: State, event: Event): void {
  const { ledger } = world;
  const c = before.conversation;
  if (c === null || c.gen !== event.gen || c.ended !== null) return;
  const key = Ledger.key(c.runner, thread.id, c.gen);
  const applied = list(ledger.applied, key);
  const expected = list(ledger.journalled, key)[applied.length];
  const text = JSON.stringify(event);
  if ('turn' in event && event.turn !== null && ledger.cut.has(event.turn) && event.kind !== 'turnEnded')
    world.fail('3 never lost, never twice', `${event.kind} of a turn whose text was cut off`);
  if (expected !== text && isUnfinished(ledger, event)) return;
  if (expected !== text)
    world.fail(
      '3 never lost, never twice',
      `event ${applied.length + 1} of ${key} should be ${expected?.slice(0, 120)}, and is ${text.slice(0, 120)}`,
    );
  applied.push(text);
}

/**
 * What had been streamed when its process died, or when somebody ended the session: the Session itself makes a text of it, as the last
 * of its turn.
 */
function isUnfinished({ said, cut }: Ledger, event: Event): boolean {
  if (event.kind !== 'text' || !said.some((text) => text.startsWith(event.text))) return false;
  cut.add(event.turn);
  return true;
}

/** A turn ends by the runner's word, by a person, or after a day without the runner. Never by a socket. */
function turnOver(world: World, turn: string, before: State, input: Input, nowMs: number): void {
  const { ledger } = world;
  const c = before.conversation;
  switch (input.kind) {
    case 'event':
      if (input.event.kind === 'turnEnded' && input.event.turn === turn) return;
      break;
    case 'act':
    case 'open':
      ledger.forced.add(turn);
      return;
    case 'facts':
      ledger.forced.add(turn);
      if (input.access.removed) return;
      break;
    case 'parked':
      ledger.forced.add(turn);
      if (input.gone) return;
      break;
    case 'clock': {
      ledger.forced.add(turn);
      const away =
        c?.presence.online === false && c.presence.sinceMs !== null ? nowMs - c.presence.sinceMs : 0;
      if (away >= 24 * 3_600_000) return;
      break;
    }
    case 'linkUp':
    case 'reported':
      break;
  }
  world.fail('4 a socket is not a session', `a turn was ended by ${input.kind}`);
}

function list(map: Map<string, string[]>, key: string): string[] {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made: string[] = [];
  map.set(key, made);
  return made;
}
