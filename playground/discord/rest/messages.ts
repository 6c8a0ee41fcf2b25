import type { Core } from '../core/core.ts';
import { createMessage, deleteMessage, editMessage } from '../core/messages.ts';
import { checkMessage } from '../validate/message.ts';
import { Problems, refuse } from '../validate/problems.ts';
import { CODE, DiscordError, RateLimited, threadArchived, unknownMessage } from '../world/errors.ts';
import type { ChannelRecord, MessageRecord } from '../world/model.ts';
import { may, requirePermissions, requireSendable } from '../world/permissions.ts';
import { compareSnowflakes, isSnowflake } from '../world/snowflake.ts';
import { type Call, param, type Reply, type Route } from './router.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Discord: Get Channel Messages. */
const LIST_DEFAULT = 50;
const LIST_MAX = 100;

export const messageRoutes: readonly Route[] = [
  { method: 'POST', path: '/channels/{channel_id}/messages', bucket: 'create', auth: 'bot', handle: create },
  { method: 'GET', path: '/channels/{channel_id}/messages', bucket: 'read', auth: 'bot', handle: list },
  {
    method: 'GET',
    path: '/channels/{channel_id}/messages/{message_id}',
    bucket: 'read',
    auth: 'bot',
    handle: get,
  },
  {
    method: 'PATCH',
    path: '/channels/{channel_id}/messages/{message_id}',
    bucket: 'edit',
    auth: 'bot',
    handle: edit,
  },
  {
    method: 'DELETE',
    path: '/channels/{channel_id}/messages/{message_id}',
    bucket: 'delete',
    auth: 'bot',
    handle: remove,
  },
  {
    method: 'PUT',
    path: '/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me',
    bucket: 'reaction',
    auth: 'bot',
    handle: react,
  },
];

function create(call: Call): Reply {
  const { core } = call;
  const { world, wire, nonces } = core;
  const channel = world.channel(param(call, 'channel_id'));
  const draft = checkMessage(call.body, 'create', call.files);
  requireSendable(world, channel, world.bot.id, (draft.attachments ?? []).length > 0);
  if ((draft.embeds ?? []).length > 0) requirePermissions(world, channel, world.bot.id, 'EMBED_LINKS');
  const reference = draft.reference === undefined ? undefined : findReference(core, channel, draft.reference);
  if (draft.nonce !== undefined && draft.enforceNonce) {
    const earlier = nonces.find(world.bot.id, draft.nonce);
    if (earlier !== undefined) return { status: 200, body: wire.message(earlier) };
  }
  const message = createMessage(world, channel, draft, {
    author: world.bot,
    type: reference === undefined ? 0 : 19,
    reference,
  });
  nonces.add(message);
  return { status: 200, body: wire.message(message) };
}

function findReference(
  core: Core,
  channel: ChannelRecord,
  reference: { readonly messageId: string; readonly failIfNotExists: boolean },
): MessageRecord['reference'] {
  if (!may(core.world, channel, core.world.bot.id, 'READ_MESSAGE_HISTORY'))
    throw new DiscordError(
      403,
      CODE.replyWithoutHistory,
      'Cannot reply without permission to read message history',
    );
  const found = [...channel.messages.values()].find(
    ({ id, deleted }) => id === reference.messageId && !deleted,
  );
  if (found !== undefined) return { messageId: found.id, channelId: channel.id };
  if (reference.failIfNotExists) refuse('message_reference', 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  return undefined;
}

function get(call: Call): Reply {
  const { world, wire } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id, 'READ_MESSAGE_HISTORY');
  return { status: 200, body: wire.message(world.message(channel, param(call, 'message_id'))) };
}

/** Newest first. Without READ_MESSAGE_HISTORY Discord answers with an empty list. */
function list(call: Call): Reply {
  const { world, wire } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  const problems = new Problems();
  const rawLimit = call.query.get('limit');
  const limit =
    problems.integer(
      { limit: rawLimit === null ? LIST_DEFAULT : Number(rawLimit) },
      'limit',
      '',
      1,
      LIST_MAX,
    ) ?? LIST_DEFAULT;
  const cursors = ['before', 'after', 'around'].filter((name) => call.query.has(name));
  for (const name of cursors)
    if (!isSnowflake(call.query.get(name)) && call.query.get(name) !== '0')
      problems.add(name, 'NUMBER_TYPE_COERCE', `Value "${call.query.get(name)}" is not snowflake.`);
  if (cursors.length > 1) problems.add('', 'MUTUALLY_EXCLUSIVE', 'Only one of before, after, around.');
  problems.throwIfAny();
  if (!may(world, channel, world.bot.id, 'READ_MESSAGE_HISTORY')) return { status: 200, body: [] };
  const all = [...channel.messages.values()]
    .filter(({ deleted, ephemeralFor }) => !deleted && ephemeralFor === undefined)
    .sort((a, b) => compareSnowflakes(a.id, b.id));
  const page = cut(all, call.query, limit).toReversed();
  return { status: 200, body: page.map((message) => wire.message(message)) };
}

/** Oldest first. Discord: `after` gives those that follow most closely. */
function cut(all: readonly MessageRecord[], query: URLSearchParams, limit: number): MessageRecord[] {
  const after = query.get('after');
  const before = query.get('before');
  const around = query.get('around');
  if (after !== null) return all.filter(({ id }) => compareSnowflakes(id, after) > 0).slice(0, limit);
  if (before !== null) return all.filter(({ id }) => compareSnowflakes(id, before) < 0).slice(-limit);
  if (around !== null) {
    const half = Math.floor(limit / 2);
    const older = all.filter(({ id }) => compareSnowflakes(id, around) < 0).slice(-half || all.length);
    const rest = all.filter(({ id }) => compareSnowflakes(id, around) >= 0).slice(0, limit - half);
    return [...(half === 0 ? [] : older), ...rest];
  }
  return all.slice(-limit);
}

function edit(call: Call): Reply {
  const { core } = call;
  const { world, wire, buckets } = core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  const message = world.message(channel, param(call, 'message_id'));
  if (message.author.id !== world.bot.id)
    throw new DiscordError(403, CODE.notYourMessage, 'Cannot edit a message authored by another user');
  const draft = checkMessage(call.body, 'edit', call.files, message);
  if (channel.thread?.archived === true) throw threadArchived();
  if (call.files.length > 0) requirePermissions(world, channel, world.bot.id, 'ATTACH_FILES');
  if (world.clock.now() - message.createdMs > HOUR_MS) {
    const waitMs = buckets.takeOldEdit(channel.id);
    if (waitMs > 0)
      throw new RateLimited(
        waitMs,
        CODE.editsOfOldMessages,
        'Maximum number of edits to messages older than 1 hour reached. Try again later',
      );
  }
  editMessage(world, channel, message, draft, 'message');
  return { status: 200, body: wire.message(message) };
}

function remove(call: Call): Reply {
  const { world } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  const message = world.message(channel, param(call, 'message_id'));
  if (message.author.id !== world.bot.id) requirePermissions(world, channel, world.bot.id, 'MANAGE_MESSAGES');
  if (channel.thread?.archived === true) throw threadArchived();
  deleteMessage(world, channel, message);
  return { status: 204 };
}

function react(call: Call): Reply {
  const { world } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id, 'READ_MESSAGE_HISTORY');
  const message = world.message(channel, param(call, 'message_id'));
  if (message.deleted) throw unknownMessage();
  const emoji = param(call, 'emoji_name');
  if (
    !/^(\p{Extended_Pictographic}|\p{Regional_Indicator}|[#*\d]\u{FE0F}?\u{20E3})/u.test(emoji) &&
    !/^\w+:\d+$/.test(emoji)
  )
    throw new DiscordError(400, CODE.unknownEmoji, 'Unknown Emoji');
  const users = message.reactions.get(emoji);
  if (users === undefined) requirePermissions(world, channel, world.bot.id, 'ADD_REACTIONS');
  if (channel.thread?.archived === true) throw threadArchived();
  message.reactions.set(emoji, (users ?? new Set()).add(world.bot.id));
  world.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
  return { status: 204 };
}
