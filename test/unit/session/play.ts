/** Plays a session by its rules alone. After each step the state is also rebuilt from the rows, as a wake from hibernation does. */
import { expect } from 'vitest';
import type { Command, CommandOf } from '../../../protocol/commands.ts';
import type { Event } from '../../../protocol/events.ts';
import type {
  ChannelId,
  Gen,
  GuildId,
  InteractionId,
  MessageId,
  ProcessId,
  ProjectName,
  RequestId,
  RunnerId,
  ThreadId,
  TurnId,
  UserId,
} from '../../../protocol/ids.ts';
import type { Member, RunnerAccess } from '../../../worker/domain/access.ts';
import type { Verb } from '../../../worker/domain/buttons.ts';
import type { Place, SessionDo, SessionOpen } from '../../../worker/domain/contract.ts';
import type { Entry, RequestEntry } from '../../../worker/domain/transcript.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import { apply } from '../../../worker/session/rules/rules.ts';
import type { Context, Input, Outcome, RuleAnswer } from '../../../worker/session/state/input.ts';
import { type Change, HEAD, HEAD_VERSION, type Head } from '../../../worker/session/state/rows.ts';
import { EMPTY, type State } from '../../../worker/session/state/state.ts';

export const GUILD = '100' as GuildId;
export const CHANNEL = '200' as ChannelId;
export const THREAD = '300' as ThreadId;
export const OWNER = member('1', 'olga');
export const STARTER = member('2', 'sam');
export const STRANGER = member('9', 'mallory');
export const RUNNER = 'r1' as RunnerId;
export const PROCESS = 'p1' as ProcessId;
export const HASH = 'ab'.repeat(32);

export function member(id: string, name: string): Member {
  return { id: id as UserId, name, roles: [], permissions: '0' };
}

export const ACCESS: RunnerAccess = {
  owner: OWNER.id,
  ownerName: OWNER.name,
  members: [STARTER.id],
  roles: [],
  removed: false,
  rev: 1,
};

export const IN_THREAD: Place = {
  guild: GUILD,
  channel: THREAD,
  channelType: 11,
  parent: CHANNEL,
  appPermissions: '0',
};

export class Play {
  state: State = EMPTY;
  nowMs = 1_700_000_000_000;
  linkUp = true;
  settled = true;
  readonly commands: Command[] = [];
  readonly inputs = new Map<string, string[]>();
  #id = 0;
  /** So many ids were made: one that goes on with what is stored begins after those. */
  uuids = 0;

  readonly context = (): Context => ({
    nowMs: this.nowMs,
    uuid: () => {
      this.uuids += 1;
      return `00000000-0000-4000-8000-${String(this.uuids).padStart(12, '0')}`;
    },
    durations: DURATIONS,
    linkUp: this.linkUp,
    settled: () => this.settled,
    inputOf: (request, parts) => {
      const have = this.inputs.get(request) ?? [];
      return have.length === parts ? have.join('') : null;
    },
  });

  step(input: Input): Outcome {
    const before = JSON.stringify(plain(this.state));
    const outcome = apply(this.state, input, this.context());
    expect(JSON.stringify(plain(this.state)), 'the rules changed the state that they were given').toBe(
      before,
    );
    expect(plain(reload(this.state, outcome.changes)), 'rows and state differ').toEqual(plain(outcome.state));
    const from = outcome.state.thread?.windowSeq ?? 0;
    const left = outcome.changes.flatMap((change) =>
      change.table === 'entry' && change.seq < from ? [change.seq] : [],
    );
    expect(left, 'changed entries that are not drawn any more').toEqual([]);
    this.state = outcome.state;
    this.commands.push(...outcome.commands);
    for (const change of outcome.changes) {
      if (change.table === 'inputs') this.inputs.delete(change.request);
      if (change.table === 'input') {
        const parts = this.inputs.get(change.part.request) ?? [];
        parts[change.part.part] = change.part.text;
        this.inputs.set(change.part.request, parts);
      }
    }
    return outcome;
  }

  open(over: Partial<SessionOpen> = {}): this {
    const open: SessionOpen = {
      id: this.id(),
      guild: GUILD,
      thread: THREAD,
      parent: CHANNEL,
      card: 'parent',
      madeThread: true,
      origin: 'https://heddle.example',
      runner: { id: RUNNER, name: 'laptop', publicKey: 'key', access: ACCESS, presence: { online: true } },
      project: 'api' as ProjectName,
      starter: STARTER,
      text: null,
      after: this.state.conversation?.gen ?? null,
      ...over,
    };
    this.step({ kind: 'open', open });
    return this;
  }

  act(who: Member, act: SessionDo, place: Place = IN_THREAD): RuleAnswer {
    const { answer } = this.step({ kind: 'act', act: { id: this.id(), member: who, place, act } });
    if (answer === null) throw new Error('no answer');
    return answer;
  }

  ask(text: string, who: Member = STARTER): RuleAnswer {
    return this.act(who, { do: 'ask', text });
  }

  press(
    who: Member,
    verb: Verb,
    over: {
      gen?: number;
      ref?: number;
      tag?: string;
      message?: MessageId;
      place?: Place;
      /** The form that this id opened is sent, with these texts. */
      fields?: Record<string, string>;
    } = {},
  ): RuleAnswer {
    const ref = over.ref ?? 0;
    const id = { verb, gen: over.gen ?? this.gen, ref, tag: over.tag ?? HASH.slice(0, 16) };
    const press = { do: 'press', id, message: over.message ?? card(ref) } as const;
    if (over.fields === undefined) return this.act(who, press, over.place);
    const fields = Object.fromEntries(Object.entries(over.fields).map(([name, text]) => [name, [text]]));
    return this.act(who, { ...press, fields }, over.place);
  }

  /** The words of a private answer; anything else fails the test. */
  refusal(answer: RuleAnswer): string {
    if (answer.kind !== 'private') throw new Error(`expected a refusal, got ${JSON.stringify(answer)}`);
    return answer.text;
  }

  event(event: Event): void {
    this.step({ kind: 'event', event });
  }

  /** The runner starts the turn that it was given. */
  begin(): TurnId {
    const turn = this.last('prompt').prompt as string as TurnId;
    this.event({
      kind: 'turnBegan',
      gen: this.gen,
      turn,
      prompt: this.last('prompt').prompt,
      model: 'sonnet',
      mode: 'default',
    });
    return turn;
  }

  end(turn: TurnId, as: 'done' | 'interrupted' = 'done'): void {
    this.event({
      kind: 'turnEnded',
      gen: this.gen,
      turn,
      prompt: null,
      outcome: { as },
      durationMs: 1000,
      costUsd: 0.01,
      usage: {},
    });
  }

  /** Claude asks; returns the number of the card. */
  request(
    name: string,
    turn: TurnId | null,
    over: Partial<Extract<Event, { kind: 'requestOpened' }>> = {},
    input: unknown = { command: 'npm test' },
  ): number {
    const request = name as RequestId;
    this.event({ kind: 'requestInput', gen: this.gen, request, part: 0, text: JSON.stringify(input) });
    this.event({
      kind: 'requestOpened',
      gen: this.gen,
      request,
      process: PROCESS,
      turn,
      asks: 'permission',
      tool: null,
      name: 'Bash',
      class: 'command',
      summary: 'npm test',
      description: '',
      inputHash: HASH,
      inputBytes: 22,
      inputParts: 1,
      suggestions: [],
      ...over,
    });
    const ref = this.requests().at(-1)?.ref ?? 0;
    this.step({ kind: 'shown', card: { ref, message: card(ref) } });
    return ref;
  }

  later(ms: number): void {
    this.nowMs += ms;
    this.step({ kind: 'clock' });
  }

  get gen(): Gen {
    return this.state.conversation?.gen ?? (1 as Gen);
  }

  entries<K extends Entry['kind']>(kind: K): Extract<Entry, { kind: K }>[] {
    return [...this.state.entries.values()].filter((e): e is Extract<Entry, { kind: K }> => e.kind === kind);
  }

  requests(): RequestEntry[] {
    return this.entries('request');
  }

  sent<K extends Command['kind']>(kind: K): CommandOf<K>[] {
    return this.commands.filter((c): c is CommandOf<K> => c.kind === kind);
  }

  last<K extends Command['kind']>(kind: K): CommandOf<K> {
    const command = this.sent(kind).at(-1);
    if (command === undefined) throw new Error(`no ${kind} was sent`);
    return command;
  }

  id(): InteractionId {
    this.#id += 1;
    return String(1000 + this.#id) as InteractionId;
  }
}

export function card(ref: number): MessageId {
  return `50${ref}` as MessageId;
}

/** What store.ts does with the rows. */
function reload(before: State, changes: readonly Change[]): State {
  const docs = new Map<string, unknown>();
  docs.set(HEAD, {
    version: HEAD_VERSION,
    thread: before.thread,
    conversation: before.conversation,
    turns: [...before.turns.values()],
  });
  for (const [id, queued] of before.queue) docs.set(`queue/${id}`, queued);
  for (const [id, request] of before.requests) docs.set(`request/${id}`, request);
  for (const [id, renewal] of before.renewals) docs.set(`renewal/${id}`, renewal);
  const entries = new Map(before.entries);
  for (const change of changes) {
    if (change.table === 'doc') {
      if (change.body === null) docs.delete(change.key);
      else docs.set(change.key, change.body);
    } else if (change.table === 'entry' && change.body !== null) entries.set(change.seq, change.body);
  }
  const pick = <T>(kind: string): T[] =>
    [...docs].filter(([key]) => key.startsWith(`${kind}/`)).map(([, body]) => body as T);
  const { thread, conversation, turns } = docs.get(HEAD) as Head;
  const by = <K, T>(rows: T[], key: (row: T) => K): Map<K, T> => new Map(rows.map((row) => [key(row), row]));
  type Row<M> = M extends ReadonlyMap<infer _K, infer T> ? T : never;
  return {
    thread,
    conversation,
    turns: by([...turns], (t) => t.turn),
    queue: by(pick<Row<State['queue']>>('queue'), (q) => q.prompt),
    requests: by(pick<Row<State['requests']>>('request'), (r) => r.ref),
    renewals: by(pick<Row<State['renewals']>>('renewal'), (r) => r.id),
    entries: new Map(
      [...entries].filter(([seq]) => seq >= (thread?.windowSeq ?? 1)).sort(([a], [b]) => a - b),
    ),
    lastSeq: Math.max(0, ...entries.keys()),
  };
}

function plain(state: State) {
  const sorted = <K, T>(map: ReadonlyMap<K, T>) =>
    [...map.entries()].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return {
    ...state,
    turns: sorted(state.turns),
    queue: sorted(state.queue),
    requests: sorted(state.requests),
    renewals: sorted(state.renewals),
    entries: [...state.entries.entries()],
  };
}
