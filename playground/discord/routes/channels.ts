import type { ChannelId, MessageId, UserId } from '../../../protocol/ids.ts';
import { CHANNEL_TYPE, isThreadType, REQUIRE_TAG_FLAG } from '../bits.ts';
import { CODE, DiscordError, missingPermissions, NotEmulated, threadArchived } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { createMessage } from '../messages.ts';
import type { ChannelRecord } from '../model.ts';
import { may, requirePermissions, sendPermission } from '../permissions.ts';
import { type Call, param, type Reply, type Route } from '../router.ts';
import { AUTO_ARCHIVE_MINUTES, addThreadMember, createThread, renameThread } from '../threads.ts';
import { checkMessage } from '../validate/message.ts';
import { Problems, refuse } from '../validate/problems.ts';
import { RateLimited } from './messages.ts';

/** Discord: characters of a channel's name, and the seconds that "is typing" stays (channel "Trigger Typing"). */
const NAME_CHARS = 100;
const TYPING_MS = 10_000;
const MAX_SLOWMODE_S = 21_600;

export const channelRoutes: readonly Route[] = [
  { method: 'GET', path: '/channels/{channel_id}', bucket: 'read', auth: 'bot', handle: get },
  { method: 'PATCH', path: '/channels/{channel_id}', bucket: 'channel', auth: 'bot', handle: patch },
  { method: 'POST', path: '/channels/{channel_id}/typing', bucket: 'typing', auth: 'bot', handle: typing },
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
  {
    method: 'PUT',
    path: '/channels/{channel_id}/thread-members/{user_id}',
    bucket: 'member',
    auth: 'bot',
    handle: addMember,
  },
  {
    method: 'DELETE',
    path: '/channels/{channel_id}/thread-members/{user_id}',
    bucket: 'member',
    auth: 'bot',
    handle: removeMember,
  },
];

function get(call: Call): Reply {
  const { world, wire } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  return { status: 200, body: wire.channel(channel) };
}

const THREAD_FIELDS = ['name', 'archived', 'locked', 'auto_archive_duration', 'rate_limit_per_user'];

/** Discord: who made the thread, or may manage threads, changes it; to lock needs the latter. */
function patch(call: Call): Reply {
  const { world, wire, buckets } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  const thread = channel.thread;
  if (thread === undefined) throw new NotEmulated('changes of a channel that is no thread');
  for (const key of Object.keys(call.body))
    if (!THREAD_FIELDS.includes(key)) throw new NotEmulated(`the field "${key}" of a thread`);
  const problems = new Problems();
  const name = problems.text(call.body, 'name', '', 1, NAME_CHARS);
  const archived = problems.boolean(call.body, 'archived', '');
  const locked = problems.boolean(call.body, 'locked', '');
  const autoArchive = autoArchiveOf(call.body, problems);
  problems.integer(call.body, 'rate_limit_per_user', '', 0, MAX_SLOWMODE_S);
  problems.throwIfAny();

  const manages = may(world, channel, world.bot.id, 'MANAGE_THREADS');
  const onlyUnarchives = Object.keys(call.body).every((key) => key === 'archived') && archived === false;
  if (locked !== undefined && !manages) throw missingPermissions();
  if (onlyUnarchives) {
    if (!manages && (thread.locked || !may(world, channel, world.bot.id, sendPermission(channel))))
      throw missingPermissions();
  } else if (!manages && thread.ownerId !== world.bot.id) throw missingPermissions();
  if (thread.locked && thread.archived && !manages) throw missingPermissions();
  if (thread.archived && archived !== false && (name !== undefined || autoArchive !== undefined))
    throw threadArchived();
  if (name !== undefined && name !== channel.name) {
    const waitMs = buckets.takeRename(channel.id);
    if (waitMs > 0) throw new RateLimited(waitMs, 0, 'You are being rate limited.');
  }
  if (archived === false) world.setArchived(channel, false);
  if (autoArchive !== undefined) {
    thread.autoArchiveMinutes = autoArchive;
    thread.lastActivityMs = world.clock.now();
  }
  if (name !== undefined) renameThread(world, channel, name, world.bot.id);
  if (locked !== undefined) thread.locked = locked;
  if (archived === true) world.setArchived(channel, true);
  world.changed({ kind: 'channel', channelId: channel.id });
  return { status: 200, body: wire.channel(channel) };
}

function typing(call: Call): Reply {
  const { world } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id, sendPermission(channel));
  if (channel.thread?.archived === true) throw threadArchived();
  channel.typingUntilMs = world.clock.now() + TYPING_MS;
  world.changed({ kind: 'typing', channelId: channel.id });
  return { status: 204 };
}

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
  if (parent.type !== CHANNEL_TYPE.text && parent.type !== CHANNEL_TYPE.announcement) throw wrongType();
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
  if (!fits) throw wrongType();
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

function autoArchiveOf(body: JsonObject, problems: Problems): number | undefined {
  const value = body.auto_archive_duration;
  if (value === undefined || value === null) return undefined;
  const known = AUTO_ARCHIVE_MINUTES.find((minutes) => minutes === value);
  if (known === undefined)
    problems.add(
      'auto_archive_duration',
      'BASE_TYPE_CHOICES',
      `Value must be one of (${AUTO_ARCHIVE_MINUTES.join(', ')}).`,
    );
  return known;
}

function withMember(call: Call, body: JsonObject, thread: ChannelRecord): JsonObject {
  return { ...body, member: call.core.wire.threadMember(thread, call.core.world.bot.id) };
}

const wrongType = () =>
  new DiscordError(400, CODE.wrongChannelType, 'Cannot execute action on this channel type');

function threadAndUser(call: Call): { channel: ChannelRecord; userId: UserId } {
  const { world } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  if (channel.thread === undefined) throw wrongType();
  const raw = param(call, 'user_id');
  return { channel, userId: raw === '@me' ? world.bot.id : (raw as UserId) };
}

function addMember(call: Call): Reply {
  const { world } = call.core;
  const { channel, userId } = threadAndUser(call);
  if (channel.thread?.archived === true) throw threadArchived();
  requirePermissions(world, channel, world.bot.id, 'SEND_MESSAGES_IN_THREADS');
  if (!world.users.has(userId)) throw new DiscordError(404, CODE.unknownUser, 'Unknown User');
  if (!may(world, { ...channel, type: CHANNEL_TYPE.publicThread }, userId, 'VIEW_CHANNEL'))
    throw new DiscordError(403, CODE.missingAccess, 'Missing Access');
  addThreadMember(world, channel, userId, world.bot.id);
  world.changed({ kind: 'channel', channelId: channel.id });
  return { status: 204 };
}

function removeMember(call: Call): Reply {
  const { world } = call.core;
  const { channel, userId } = threadAndUser(call);
  if (channel.thread?.archived === true) throw threadArchived();
  if (userId !== world.bot.id) requirePermissions(world, channel, world.bot.id, 'MANAGE_THREADS');
  if (channel.thread?.members.delete(userId) !== true)
    throw new DiscordError(404, CODE.unknownMember, 'Unknown Member');
  world.changed({ kind: 'channel', channelId: channel.id });
  return { status: 204 };
}
