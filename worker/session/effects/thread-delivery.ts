/** What delivery needs to make Discord show a session's thread. */
import type { MessageId } from '../../../protocol/ids.ts';
import { Delivery } from '../../discord/delivery.ts';
import { checkFiles } from '../../discord/prompt-files.ts';
import { DiscordRest } from '../../discord/rest.ts';
import { SqlDeliveryStore } from '../../discord/store.ts';
import type { ParkReason } from '../../discord/trouble.ts';
import type { Slot, SlotKey } from '../../domain/slot.ts';
import { log } from '../../platform/log.ts';
import { parseFileSlotKey } from '../../render/thread/file.ts';
import type { Input } from '../state/input.ts';
import type { Thread } from '../state/state.ts';
import type { ListenerOptions } from './listener.ts';

export interface ThreadHost {
  readonly slots: () => readonly Slot[];
  readonly file: (source: string) => string | Uint8Array | null;
  /** Something in the thread changed. */
  readonly moved: () => void;
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

/** Discord as the listener needs it. */
export function threadReader(
  env: Env,
): Pick<ListenerOptions, 'me' | 'messagesAfter' | 'rolesOf' | 'react' | 'files'> {
  const rest = restOf(env);
  return {
    me: rest.me,
    messagesAfter: (channel, after) => rest.saidAfter(channel, after),
    rolesOf: (guild, user) => rest.memberRoles(guild, user),
    react: (channel, message, emoji) => rest.react(channel, message, emoji),
    files: (attached) => checkFiles(env, attached),
  };
}

export function threadDelivery(env: Env, sql: SqlStorage, { thread }: Thread, host: ThreadHost): Delivery {
  const shown = (key: SlotKey, message: MessageId | null) => {
    const card = message === null ? null : cardOf(key, message);
    const file = message === null ? null : parseFileSlotKey(key);
    host.moved();
    if (card !== null || file !== null || host.parked() !== null)
      host.happened({ kind: 'shown', card, ...(file === null ? {} : { file }) });
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
