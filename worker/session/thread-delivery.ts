/** What delivery needs to make Discord show a session's thread. */
import type { MessageId } from '../../protocol/ids.ts';
import { Delivery, type ParkReason } from '../discord/delivery.ts';
import { DiscordRest } from '../discord/rest.ts';
import { SqlDeliveryStore } from '../discord/store.ts';
import { log } from '../log.ts';
import { requestFileText } from '../render/input.ts';
import type { Slot, SlotKey } from '../render/slot.ts';
import type { Input } from './input.ts';
import type { State, Thread } from './state.ts';
import type { SessionStore } from './store.ts';

export interface ThreadHost {
  readonly slots: () => readonly Slot[];
  readonly file: (source: string) => string | null;
  readonly ringBy: (atMs: number) => void;
  readonly happened: (input: Extract<Input, { kind: 'parked' | 'shown' }>) => void;
  /** Why Heddle may not write there, as it is stored: an incarnation does not know what the last one ran into. */
  readonly parked: () => string | null;
}

export function restOf(env: Env): DiscordRest {
  return new DiscordRest({
    apiUrl: env.DISCORD_API_URL,
    token: env.DISCORD_BOT_TOKEN,
    applicationId: env.DISCORD_APPLICATION_ID,
  });
}

export function threadDelivery(env: Env, sql: SqlStorage, { thread }: Thread, host: ThreadHost): Delivery {
  const shown = (key: SlotKey, message: MessageId | null) => {
    const card = message === null ? null : cardOf(key, message);
    if (card !== null || host.parked() !== null) host.happened({ kind: 'shown', card });
  };
  return new Delivery({
    channel: thread,
    rest: restOf(env),
    store: new SqlDeliveryStore(sql),
    desired: () => ({ channel: thread, slots: host.slots() }),
    readFile: host.file,
    now: Date.now,
    schedule: host.ringBy,
    onParked: (reason) => {
      // That it goes on again, `onShown` tells.
      if (reason !== null) host.happened(parkedBy(reason));
    },
    onPosted: shown,
    onShown: (slot) => shown(slot.key, null),
    onNote: (note) => log('delivery.note', { note }),
  });
}

function parkedBy({ kind, text }: ParkReason): Extract<Input, { kind: 'parked' }> {
  return { kind: 'parked', why: text, gone: kind === 'channelGone' };
}

/** The request whose card it is, if it is one. */
function cardOf(key: SlotKey, message: MessageId): { ref: number; message: MessageId } | null {
  const ref = /^r\.(\d+)$/.exec(key)?.[1];
  return ref === undefined ? null : { ref: Number(ref), message };
}

/** The text of an attached file: the whole input of a request. */
export function requestFile(source: string, state: State, store: SessionStore): string | null {
  const ref = Number(/^request:(\d+)$/.exec(source)?.[1]);
  const request = state.requests.get(ref);
  const entry = request === undefined ? undefined : state.entries.get(request.seq);
  if (request === undefined || entry?.kind !== 'request') return null;
  const input = store.input(request.request, request.parts);
  return input === null ? null : requestFileText(entry.name, input);
}
