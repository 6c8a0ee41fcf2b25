import { renameThread } from '../core/threads.ts';
import { Problems } from '../validate/problems.ts';
import { missingPermissions, NotEmulated, RateLimited, threadArchived } from '../world/errors.ts';
import { may, requirePermissions, sendPermission } from '../world/permissions.ts';
import { type Call, param, type Reply, type Route } from './router.ts';
import { autoArchiveOf } from './thread-body.ts';

/** Discord: characters of a channel's name, and the seconds that "is typing" stays (channel "Trigger Typing"). */
const NAME_CHARS = 100;
const TYPING_MS = 10_000;
const MAX_SLOWMODE_S = 21_600;

export const channelRoutes: readonly Route[] = [
  { method: 'GET', path: '/channels/{channel_id}', bucket: 'read', auth: 'bot', handle: get },
  { method: 'PATCH', path: '/channels/{channel_id}', bucket: 'channel', auth: 'bot', handle: patch },
  { method: 'POST', path: '/channels/{channel_id}/typing', bucket: 'typing', auth: 'bot', handle: typing },
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
