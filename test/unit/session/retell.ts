/** A capture of the real CLI as the thread shows it: the runner's events through the session's rules to the messages. */

import type { Event } from '../../../protocol/events.ts';
import type { PromptId } from '../../../protocol/ids.ts';
import type { Slot } from '../../../worker/domain/slot.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import type { Context, Input } from '../../../worker/session/state/input.ts';
import { View } from '../../../worker/session/view/view.ts';
import { type Captured, type Replayed, readCapture, replay } from '../claude/replay.ts';
import { labelOf } from '../render/show.ts';
import { Play, STARTER } from './play.ts';

/** The capture's prompts in their order, by the id that the CLI knew them by. */
function promptTexts(lines: readonly Captured[], given: ReadonlySet<string>): Map<string, string> {
  const ids = [...given];
  const texts = lines
    .filter((line) => line.dir === 'in' && line.msg?.type === 'user' && line.msg.shouldQuery !== false)
    .map((line) => ({ id: line.msg.uuid as string | undefined, text: textOf(line.msg.message.content) }));
  const named = new Map(texts.flatMap(({ id, text }) => (id === undefined ? [] : [[id, text] as const])));
  const rest = texts.filter(({ id }) => id === undefined);
  return new Map(ids.map((id) => [id, named.get(id) ?? rest.shift()?.text ?? '…']));
}

function textOf(content: Captured): string {
  if (typeof content === 'string') return content;
  return content.map((block: Captured) => (block.type === 'text' ? block.text : `[${block.type}]`)).join(' ');
}

class Retelling extends Play {
  /** The next prompt's id is the capture's. */
  wanted: string | null = null;
  #ids = 0;
  override readonly context = (): Context => ({
    nowMs: this.nowMs,
    uuid: () => {
      this.#ids += 1;
      const id = this.wanted ?? `00000000-0000-4000-8000-${String(this.#ids).padStart(12, '0')}`;
      this.wanted = null;
      return id;
    },
    durations: DURATIONS,
    linkUp: true,
    settled: () => false,
    inputOf: (request, parts) => {
      const have = this.inputs.get(request) ?? [];
      return have.length === parts ? have.join('') : null;
    },
  });
}

export interface Moment {
  readonly of: string;
  readonly slots: readonly Slot[];
}

/** The whole thread at the end, and what stood last in it whenever Claude waited for a person. */
export function retell(name: string): Moment[] {
  const lines = readCapture(name);
  const played: Replayed = replay(lines);
  const texts = promptTexts(lines, played.given);
  const play = new Retelling();
  play.open();
  const moments: Moment[] = [];
  const slots = () => new View().slots(play.state, Number.MAX_SAFE_INTEGER, () => true);
  for (const said of played.events) {
    // What the end of a capture adds is not the CLI's.
    if (said.kind === 'processEnded') continue;
    if ((said.kind === 'turnBegan' || said.kind === 'turnEnded') && said.prompt !== null) {
      if (texts.has(said.prompt)) askAs(play, said.prompt, texts.get(said.prompt) ?? '');
      texts.delete(said.prompt);
    }
    if (said.kind === 'requestSettled' && said.outcome.as === 'delivered') answer(play, said.request, lines);
    play.step({ kind: 'event', event: { ...said, gen: play.gen } as Event } satisfies Input);
    if (said.kind === 'requestOpened') moments.push({ of: `asks: ${said.name}`, slots: slots().slice(-2) });
  }
  return [...moments, { of: 'the whole thread', slots: slots() }];
}

function askAs(play: Retelling, id: PromptId, text: string): void {
  play.wanted = id;
  play.ask(text === '' ? '…' : text, STARTER);
  play.wanted = null;
}

/** What the person of the capture answered. */
function answer(play: Play, request: string, lines: readonly Captured[]): void {
  const open = [...play.state.requests.values()].find((each) => each.request === request);
  if (open === undefined || open.decidedMs !== null) return;
  const line = lines.find(
    (each) =>
      each.dir === 'in' && each.msg?.type === 'control_response' && each.msg.response.request_id === request,
  );
  const { behavior, updatedInput, updatedPermissions, message } = line?.msg.response.response ?? {};
  const about = { ref: open.ref, tag: open.inputHash.slice(0, 16) };
  const allowed = behavior === 'allow';
  const entry = play.requests().find(({ ref }) => ref === open.ref);
  switch (entry?.asks) {
    case 'question': {
      const given = Object.values<Captured>(updatedInput?.answers ?? {});
      const fields = given.map((words, n) => [`words${n}`, String(words)] as const);
      return void play.press(STARTER, 'answer', { ...about, fields: Object.fromEntries(fields) });
    }
    case 'plan': {
      if (!allowed)
        return void play.press(STARTER, 'changeplan', { ...about, fields: { change: String(message) } });
      const edits = updatedPermissions !== undefined && entry.edits !== undefined;
      return void play.press(STARTER, edits ? 'approveedits' : 'approve', about);
    }
    default:
      play.press(STARTER, allowed ? 'allow' : 'deny', about);
  }
}

/** As a person reads it: each message between lines, its buttons in brackets. Ids and clocks of the capture are left out. */
export function asText(moments: readonly Moment[]): string {
  return moments
    .map(
      ({ of, slots }) =>
        `════ ${of}\n${slots
          .filter((slot) => slot.deleted !== true)
          .map(message)
          .join('')}`,
    )
    .join('\n');
}

function message(slot: Slot): string {
  const bell = slot.kind === 'plain' && slot.notify !== null ? '🔔 @sam ' : '';
  const files = slot.kind === 'plain' ? slot.files.map((file) => `  📎 ${file.name}`) : [];
  const buttons = slot.rows.map((row) => `  ${row.map((button) => `[${labelOf(button)}]`).join(' ')}`);
  const text = slot.content.replace(/<t:\d+:(\w)>/g, '<t:…:$1>');
  return `┌──\n${[...`${bell}${text}`.split('\n').map((line) => `│ ${line}`.trimEnd()), ...files, ...buttons].join('\n')}\n`;
}
