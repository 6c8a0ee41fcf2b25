/** The invariants: after each step what must always hold, at the end what must have become of everything. */

import type { Slot } from '../../worker/domain/slot.ts';
import type { Entry } from '../../worker/domain/transcript.ts';
import { summarize } from '../../worker/session/state/state.ts';
import { View } from '../../worker/session/view/view.ts';
import { Ledger, Violation } from './ledger.ts';
import type { Channel, Message } from './models/discord.ts';
import { RINGS_KEPT } from './platform/object-host.ts';
import type { SimThread, World } from './world.ts';

/** A due alarm may be this late by itself. */
const SLACK_MS = 1_000;
/** Twenty rings take longer than this, or they are about nothing. */
const CIRCLE_MS = 5_000;

/** After each step. */
export function check(world: World): void {
  if (world.violation !== null) throw world.violation;
  for (const thread of world.threads.values()) {
    hasTimer(world, thread);
    isWatched(world, thread);
    ringsSeldom(world, thread);
  }
}

/** Until when each thing waits that waits here. */
function waitsOf({ queue, renewals, requests }: SimThread['state']): number[] {
  return [
    ...[...queue.values()].map(({ untilMs }) => untilMs),
    ...[...renewals.values()].map(({ untilMs }) => untilMs),
    ...[...requests.values()].filter(({ decidedMs }) => decidedMs === null).map(({ untilMs }) => untilMs),
  ];
}

/** 5: an alarm may be lost with nobody to touch the session, so the Guild is to look at whatever waits, or is being told of it. */
function isWatched({ guild }: World, { state, id }: SimThread): void {
  const { thread } = state;
  if (thread === null || thread.rev > thread.reportedRev || guild.looks.has(id)) return;
  if (waitsOf(state).length > 0)
    throw new Violation('5 every state has an exit', `${id} waits, and the Guild does not look at it`);
}

/** 5: whatever waits has an alarm, no later than when it is due. */
function hasTimer(world: World, { host, state, id }: SimThread): void {
  if (host.ringing || host.retrying) return;
  const waits = waitsOf(state);
  const dueMs = Math.min(...waits);
  if (waits.length === 0) return;
  const alarmMs = host.storage.alarmMs;
  if (alarmMs !== null && alarmMs <= Math.max(dueMs, world.clock.nowMs) + SLACK_MS) return;
  throw new Violation(
    '5 every state has an exit',
    `${id} waits until ${dueMs - world.clock.nowMs} ms from now, and its alarm is ${alarmMs === null ? 'not set' : `set to ${alarmMs - world.clock.nowMs}`}`,
  );
}

/** 8: an alarm costs a request and a row, so it does not ring in circles. */
function ringsSeldom(world: World, { host, id }: SimThread): void {
  const [first] = host.rings;
  const last = host.rings.at(-1);
  if (host.rings.length < RINGS_KEPT || first === undefined || last === undefined) return;
  if (last - first < CIRCLE_MS)
    world.fail('8 it fits the free plan', `${id} rang ${RINGS_KEPT} times within ${last - first} ms`);
}

/** When everything has worked for long enough that nothing may wait any more. */
export function checkEnd(world: World): void {
  for (const thread of world.threads.values()) {
    if (thread.state.conversation === null) continue;
    atRest(world, thread);
    allEvents(world, thread);
    reported(world, thread);
    if (!world.discord.channel(thread.id).gone) shown(world, thread);
  }
  prompts(world);
  for (const process of world.processes.values())
    if (process.alive && process.heard && (process.busy || process.openRequests > 0))
      world.fail('5 every state has an exit', `process ${process.id} works for nobody`);
}

function atRest(world: World, { state, host, id }: SimThread): void {
  const left = {
    turns: state.turns.size,
    queue: state.queue.size,
    requests: state.requests.size,
    renewals: state.renewals.size,
  };
  if (Object.values(left).some((n) => n > 0))
    throw new Violation('5 every state has an exit', `${id} still waits: ${JSON.stringify(left)}`);
  const c = state.conversation;
  const runner = world.runners.find((one) => one.id === c?.runner);
  if (c === null || c.ended !== null || c.access.removed || runner === undefined || world.lost.has(c.runner))
    return;
  const waiting = host.storage.rows('SELECT n, text FROM link_out WHERE runner = ? ORDER BY n', c.runner);
  const [link] = host.storage.rows('SELECT stream FROM link WHERE runner = ?', c.runner);
  const taken = runner.received(id, String(link?.stream));
  const never = waiting
    .filter(({ n, text }) => {
      // Of a conversation that is over the runner hears when the thread has work for it again.
      const { gen } = JSON.parse(String(text)) as { gen: number };
      return Number(n) > taken && gen === c.gen;
    })
    .map(({ text }) => String(text).slice(0, 60));
  if (never.length > 0) world.fail('3 never lost', `${runner.name} never took of ${id}: ${never.join()}`);
}

function allEvents({ ledger, lost, processes }: World, { state, id }: SimThread): void {
  const c = state.conversation;
  if (c === null || c.ended !== null || lost.has(c.runner)) return;
  void processes;
  const key = Ledger.key(c.runner, id, c.gen);
  const [written, applied] = [ledger.journalled.get(key) ?? [], ledger.applied.get(key) ?? []];
  if (written.length !== applied.length)
    throw new Violation(
      '3 never lost',
      `of ${written.length} events of ${key} ${applied.length} were applied`,
    );
}

/** What else a report says goes along with it, and is worth no report of its own. */
function reported({ guild }: World, { state, id }: SimThread): void {
  const known: Readonly<Record<string, unknown>> = { ...guild.reports.get(id)?.summary };
  for (const [field, value] of Object.entries(summarize(state) ?? {}))
    if (JSON.stringify(known[field]) !== JSON.stringify(value))
      throw new Violation('5 every state has an exit', `the Guild does not know the ${field} of ${id}`);
}

function entriesOf({ host }: SimThread): Entry[] {
  return host.storage
    .rows('SELECT body FROM entry ORDER BY seq')
    .map(({ body }) => JSON.parse(String(body)) as Entry);
}

/** 3: every prompt that a person was told is taken is in the thread, in a state that is an end. */
function prompts(world: World): void {
  const { ledger } = world;
  for (const asking of ledger.askings.values()) {
    const thread = world.thread(asking.thread);
    const entries = entriesOf(thread);
    const own = entries.filter((e) => (e.kind === 'prompt' || e.kind === 'queued') && e.text === asking.text);
    const ran = ledger.runs.get(asking.text) ?? 0;
    if (own.length === 0) {
      if (asking.acknowledged || ran > 0)
        throw new Violation('3 never lost', `${asking.text} was taken, and the thread knows nothing of it`);
      continue;
    }
    const prompt = own.find((e) => e.kind === 'prompt');
    const queued = own.find((e) => e.kind === 'queued');
    if (prompt === undefined) {
      if (queued?.kind !== 'queued' || queued.state === 'waiting' || queued.state === 'started')
        throw new Violation('3 never lost', `${asking.text} still waits`);
      if (ran > 0)
        throw new Violation('3 never lost', `${asking.text} was run, and the thread says it was not`);
    } else if (prompt.kind === 'prompt') ended(world, asking.text, prompt, entries);
    if (!world.discord.channel(asking.thread).gone) inThread(world, thread, asking.text);
  }
}

function ended(
  { ledger }: World,
  text: string,
  prompt: Extract<Entry, { kind: 'prompt' }>,
  entries: readonly Entry[],
): void {
  const ends = entries.filter((e) => e.kind === 'end' && e.turn === prompt.turn);
  const [end] = ends;
  const isOver = prompt.state === 'ended' || prompt.state === 'running';
  if (!isOver || ends.length !== 1 || end?.kind !== 'end')
    throw new Violation('3 never lost', `the turn of ${text} is ${prompt.state} and has ${ends.length} ends`);
  const truth = ledger.ends.get(prompt.turn);
  if (ledger.forced.has(prompt.turn)) return;
  if (end.outcome.as === 'done' ? truth !== 'done' : truth === 'done')
    throw new Violation('3 never lost', `${text} ended as ${truth}, and the thread says ${end.outcome.as}`);
}

function inThread({ discord, ledger }: World, { id }: SimThread, token: string): void {
  const there = discord.channel(id).messages.some((one) => one.bot && one.content.includes(token));
  if (!there && !ledger.moderated.some((content) => content.includes(token)))
    throw new Violation('3 never lost', `no message of ${id} shows ${token}`);
}

/** 3: the thread shows exactly what it should, each message once, in order. */
function shown(world: World, thread: SimThread): void {
  const { clock, discord, ledger } = world;
  const channel = discord.channel(thread.id);
  const there = channel.messages.filter((one) => one.bot && !one.deleted);
  const rows = thread.host.storage.rows('SELECT slot, state, message, incarnation FROM delivery');
  for (const message of there)
    if (!rows.some((row) => row.message === message.id))
      throw new Violation('3 never twice', `nobody knows of a message: ${message.content.slice(0, 100)}`);
  const above: Placed[] = [];
  for (const slot of new View().slots(thread.state, clock.nowMs + 10_000, () => true)) {
    const row = rows.find((one) => one.slot === slot.key);
    if (slot.deleted === true) {
      // One that was never posted needs no deleting.
      if (row !== undefined && row.message !== null)
        throw new Violation('3 never lost', `${slot.key} should be deleted and is ${String(row.state)}`);
      continue;
    }
    if (row?.state === 'gone') continue;
    const message = channel.messages.find((one) => one.id === row?.message);
    // A moderator deleted it, and nothing has changed since that would have told us.
    if (message?.deleted === true) continue;
    if (message === undefined)
      throw new Violation(
        '3 never lost',
        `${slot.key} is not shown: ${JSON.stringify(row ?? null)} ${slot.content.slice(0, 80)}`,
      );
    if (row?.state === 'posted' && !message.content.endsWith(slot.content.trimEnd().slice(-1_500)))
      throw new Violation(
        '3 never lost',
        `${slot.key} shows\n${message.content}\ninstead of\n${slot.content}`,
      );
    if (Number(row?.incarnation) > 0) continue;
    const misplaced = above.find((one) => BigInt(one.message.id) > BigInt(message.id));
    if (misplaced !== undefined && !grewBefore(thread, { slot, message }, misplaced))
      throw new Violation(
        '3 in order',
        `${slot.key} stands above ${misplaced.slot.key}, which came before it`,
      );
    above.push({ slot, message });
  }
  texts(channel, thread, ledger);
}

interface Placed {
  readonly slot: Slot;
  readonly message: Message;
}

/**
 * Discord has no way to move a message: what comes beside a turn while its text grows is posted below that text, and stands before it in
 * the transcript, where a text comes when it is finished. Beside it are the queue, notes, and what a background agent asks meanwhile
 * (Claude: such a request comes at any time; it names no turn).
 */
function grewBefore({ state, writtenMs }: SimThread, text: Placed, other: Placed): boolean {
  const turn = /^t\.(.+)\.m\d+$/.exec(text.slot.key)?.[1];
  if (turn === undefined) return false;
  for (const [seq, entry] of state.entries) {
    if (keyBeside(entry, turn) !== other.slot.key) continue;
    return (writtenMs.get(seq) ?? 0) >= text.message.sentMs;
  }
  return false;
}

function keyBeside(entry: Entry, turn: string): string | null {
  switch (entry.kind) {
    case 'queued':
      return `q.${entry.prompt}`;
    case 'note':
      return `n.${entry.id}`;
    case 'request':
      return entry.turn === turn ? null : `r.${entry.ref}`;
    default:
      return null;
  }
}

/** Each text that Claude finished, once. */
function texts(channel: Channel, thread: SimThread, ledger: Ledger): void {
  const there = channel.messages.filter((one) => one.bot && !one.deleted).map((one) => one.content);
  for (const entry of entriesOf(thread)) {
    if (entry.kind !== 'text') continue;
    const token = entry.text.split(' ')[0] ?? '';
    if (!/^s\d+z$/.test(token)) continue;
    const times = there.filter((content) => content.includes(token)).length;
    if (times === 1 || ledger.moderated.some((content) => content.includes(token))) continue;
    throw new Violation(times === 0 ? '3 never lost' : '3 never twice', `${token} is shown ${times} times`);
  }
}
