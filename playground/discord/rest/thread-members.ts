import type { UserId } from '../../../protocol/ids.ts';
import { addThreadMember } from '../core/threads.ts';
import { CHANNEL_TYPE } from '../world/bits.ts';
import { CODE, DiscordError, threadArchived, wrongChannelType } from '../world/errors.ts';
import type { ChannelRecord } from '../world/model.ts';
import { may, requirePermissions } from '../world/permissions.ts';
import { type Call, param, type Reply, type Route } from './router.ts';

const PATH = '/channels/{channel_id}/thread-members';

export const memberRoutes: readonly Route[] = [`${PATH}/@me`, `${PATH}/{user_id}`].flatMap(
  (path): Route[] => [
    { method: 'PUT', path, bucket: 'member', auth: 'bot', handle: addMember },
    { method: 'DELETE', path, bucket: 'member', auth: 'bot', handle: removeMember },
  ],
);

function threadAndUser(call: Call): { channel: ChannelRecord; userId: UserId } {
  const { world } = call.core;
  const channel = world.channel(param(call, 'channel_id'));
  requirePermissions(world, channel, world.bot.id);
  if (channel.thread === undefined) throw wrongChannelType();
  const raw = call.params.user_id ?? '@me';
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
