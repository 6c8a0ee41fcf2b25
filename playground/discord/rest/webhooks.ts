import type { MessageId } from '../../../protocol/ids.ts';
import { type InteractionRecord, originOf } from '../core/interaction-store.ts';
import { createMessage, deleteMessage, editMessage } from '../core/messages.ts';
import { checkMessage } from '../validate/message.ts';
import { MESSAGE_FLAG } from '../world/bits.ts';
import { threadArchived, threadLocked, unknownMessage } from '../world/errors.ts';
import type { ChannelRecord, MessageRecord } from '../world/model.ts';
import { type Call, param, type Reply, type Route } from './router.ts';

const BASE = '/webhooks/{webhook_id}/{webhook_token}';

/** An interaction's follow-ups and `@original`: good for 15 minutes, after the first answer only. */
export const webhookRoutes: readonly Route[] = [
  { method: 'POST', path: BASE, bucket: 'webhook', auth: 'token', handle: followUp },
  ...[`${BASE}/messages/@original`, `${BASE}/messages/{message_id}`].flatMap((path): Route[] => [
    { method: 'GET', path, bucket: 'webhook', auth: 'token', handle: get },
    { method: 'PATCH', path, bucket: 'webhook', auth: 'token', handle: edit },
    { method: 'DELETE', path, bucket: 'webhook', auth: 'token', handle: remove },
  ]),
];

function interactionOf(call: Call): InteractionRecord {
  const { core } = call;
  return core.interactions.byWebhook(
    param(call, 'webhook_id'),
    core.applicationId,
    param(call, 'webhook_token'),
  );
}

/** The message that the path names; no `message_id` means `@original`. */
function find(call: Call): { record: InteractionRecord; channel: ChannelRecord; message: MessageRecord } {
  const { world } = call.core;
  const record = interactionOf(call);
  const wanted = call.params.message_id as MessageId | undefined;
  if (wanted !== undefined && !record.followUps.includes(wanted) && record.original?.messageId !== wanted)
    throw unknownMessage();
  const place =
    wanted === undefined || record.original?.messageId === wanted
      ? record.original
      : { channelId: record.channelId, messageId: wanted };
  if (place === undefined) throw unknownMessage();
  const channel = world.channel(place.channelId);
  const message = channel.messages.get(place.messageId);
  if (message === undefined || message.deleted) throw unknownMessage();
  return { record, channel, message };
}

function get(call: Call): Reply {
  const { message } = find(call);
  return { status: 200, body: call.core.wire.message(message, true) };
}

function edit(call: Call): Reply {
  const { world, wire } = call.core;
  const { record, channel, message } = find(call);
  const draft = checkMessage(call.body, 'original', call.files, message);
  if (channel.thread?.archived === true) throw threadArchived();
  if (record.original?.messageId === message.id) {
    record.loading = false;
    record.edits++;
  }
  editMessage(world, channel, message, draft, 'interaction');
  return { status: 200, body: wire.message(message, true) };
}

function remove(call: Call): Reply {
  const { world } = call.core;
  const { channel, message } = find(call);
  deleteMessage(world, channel, message);
  return { status: 204 };
}

/** Discord: the first follow-up of a deferred answer fills that in, and keeps its privacy. */
function followUp(call: Call): Reply {
  const { world, wire } = call.core;
  const record = interactionOf(call);
  const channel = world.channel(record.channelId);
  const draft = checkMessage(call.body, 'followUp', call.files);
  if (channel.thread?.locked === true && channel.thread.archived) throw threadLocked();
  const loading =
    record.loading && record.original !== undefined
      ? channel.messages.get(record.original.messageId)
      : undefined;
  if (loading !== undefined && !loading.deleted) {
    record.loading = false;
    record.edits++;
    editMessage(world, channel, loading, draft, 'interaction');
    return { status: 200, body: wire.message(loading, true) };
  }
  const ephemeral = ((draft.flags ?? 0) & MESSAGE_FLAG.EPHEMERAL) !== 0;
  const reference =
    record.original === undefined
      ? undefined
      : { messageId: record.original.messageId, channelId: record.original.channelId };
  const message = createMessage(world, channel, draft, {
    author: world.bot,
    type: reference === undefined ? 0 : 19,
    reference,
    ephemeralFor: ephemeral ? record.userId : undefined,
    interaction: originOf(record),
    mentionDefaults: 'interaction',
  });
  record.followUps.push(message.id);
  return { status: 200, body: wire.message(message, true) };
}
