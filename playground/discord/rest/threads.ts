import type { ChannelId, MessageId } from '../../../protocol/ids.ts';
import { createMessage } from '../core/messages.ts';
import { createThread } from '../core/threads.ts';
import { checkMessage } from '../validate/message.ts';
import { Problems, refuse } from '../validate/problems.ts';
import { CHANNEL_TYPE, isThreadType, REQUIRE_TAG_FLAG } from '../world/bits.ts';
import { CODE, DiscordError, NotEmulated, wrongChannelType } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import type { ChannelRecord } from '../world/model.ts';
import { requirePermissions } from '../world/permissions.ts';
import { type Call, param, type Reply, type Route } from './router.ts';
import { autoArchiveOf, MAX_SLOWMODE_S, NAME_CHARS } from './thread-body.ts';

export const threadRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/{channel_id}/messages/{message_id}/threads',
    bucket: 'thread',
    auth: 'bot',
    handle: threadFromMessage,
  },
  {
    method: 'POST',
    path: '/channels/{channel_id}/threads',
    bucket: 'thread',
    auth: 'bot',
    handle: threadAlone,
  },
];

function threadFromMessage(call: Call): Reply {
  const { core } = call;
  const { world, wire } = core;
  const parent = world.channel(param(call, 'channel_id'));
  requirePermissions(world, parent, world.bot.id);
  const { name, autoArchiveMinutes } = threadBody(call.body, [
    'name',
    'auto_archive_duration',
    'rate_limit_per_user',
  ]);
  const message = world.message(parent, param(call, 'message_id'));
  if (parent.type !== CHANNEL_TYPE.text && parent.type !== CHANNEL_TYPE.announcement)
    throw wrongChannelType();
  requirePermissions(world, parent, world.bot.id, 'CREATE_PUBLIC_THREADS');
  const existing = world.channels.get(message.id as string as ChannelId);
  if (existing !== undefined && !existing.deleted)
    throw new DiscordError(400, CODE.threadExists, 'A thread has already been created for this message');
  const type =
    parent.type === CHANNEL_TYPE.announcement ? CHANNEL_TYPE.announcementThread : CHANNEL_TYPE.publicThread;
  const wanted = { parent, type, name, ownerId: world.bot.id, autoArchiveMinutes, from: message };
  const thread = createThread(world, wanted, core.maxActiveThreads);
  return { status: 201, body: withMember(call, wire.channel(thread), thread) };
}

function threadAlone(call: Call): Reply {
  const { core } = call;
  const { world, wire } = core;
  const parent = world.channel(param(call, 'channel_id'));
  requirePermissions(world, parent, world.bot.id);
  if (parent.type === CHANNEL_TYPE.forum || parent.type === CHANNEL_TYPE.media)
    return forumPost(call, parent);
  const { name, autoArchiveMinutes } = threadBody(call.body, [
    'name',
    'auto_archive_duration',
    'rate_limit_per_user',
    'type',
    'invitable',
  ]);
  // Discord: without a type this endpoint makes a private thread.
  const type = call.body.type ?? CHANNEL_TYPE.privateThread;
  if (typeof type !== 'number' || !isThreadType(type))
    refuse('type', 'BASE_TYPE_CHOICES', 'Value must be one of (10, 11, 12).');
  const fits =
    parent.type === CHANNEL_TYPE.announcement
      ? type === CHANNEL_TYPE.announcementThread
      : parent.type === CHANNEL_TYPE.text && type !== CHANNEL_TYPE.announcementThread;
  if (!fits) throw wrongChannelType();
  requirePermissions(
    world,
    parent,
    world.bot.id,
    type === CHANNEL_TYPE.privateThread ? 'CREATE_PRIVATE_THREADS' : 'CREATE_PUBLIC_THREADS',
  );
  const thread = createThread(
    world,
    { parent, type, name, ownerId: world.bot.id, autoArchiveMinutes },
    core.maxActiveThreads,
  );
  return { status: 201, body: withMember(call, wire.channel(thread), thread) };
}

/** Discord: the first message of a post has the thread's id. */
function forumPost(call: Call, parent: ChannelRecord): Reply {
  const { core } = call;
  const { world, wire } = core;
  const { name, autoArchiveMinutes } = threadBody(call.body, [
    'name',
    'auto_archive_duration',
    'rate_limit_per_user',
    'message',
    'applied_tags',
  ]);
  const raw = call.body.message;
  if (!isObject(raw)) refuse('message', 'BASE_TYPE_REQUIRED', 'This field is required');
  const draft = checkMessage(raw, 'create', call.files);
  const tags = Array.isArray(call.body.applied_tags) ? call.body.applied_tags.map(String) : [];
  if ((parent.flags & REQUIRE_TAG_FLAG) !== 0 && tags.length === 0)
    throw new DiscordError(400, CODE.tagRequired, 'A tag is required to create a forum post in this channel');
  if (!tags.every((tag) => parent.availableTags.some(({ id }) => id === tag)))
    refuse('applied_tags', 'UNKNOWN_TAG', 'Unknown tag');
  requirePermissions(world, parent, world.bot.id, 'SEND_MESSAGES');
  const wanted = {
    parent,
    type: CHANNEL_TYPE.publicThread,
    name,
    ownerId: world.bot.id,
    autoArchiveMinutes,
    appliedTags: tags,
  };
  const thread = createThread(world, wanted, core.maxActiveThreads);
  const message = createMessage(world, thread, draft, {
    author: world.bot,
    id: thread.id as string as MessageId,
  });
  return {
    status: 201,
    body: withMember(call, { ...wire.channel(thread), message: wire.message(message) }, thread),
  };
}

function threadBody(
  body: JsonObject,
  fields: readonly string[],
): { name: string; autoArchiveMinutes: number | undefined } {
  for (const key of Object.keys(body))
    if (!fields.includes(key)) throw new NotEmulated(`the field "${key}" of a new thread`);
  const problems = new Problems();
  const name = problems.text(body, 'name', '', 1, NAME_CHARS, true) ?? '';
  problems.integer(body, 'rate_limit_per_user', '', 0, MAX_SLOWMODE_S);
  const autoArchiveMinutes = autoArchiveOf(body, problems);
  problems.throwIfAny();
  return { name, autoArchiveMinutes };
}

function withMember(call: Call, body: JsonObject, thread: ChannelRecord): JsonObject {
  return { ...body, member: call.core.wire.threadMember(thread, call.core.world.bot.id) };
}
