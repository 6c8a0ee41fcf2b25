import type { UserId } from '../../../protocol/ids.ts';
import { ALL_PERMISSIONS, isThreadType, PERMISSION, type PermissionName } from './bits.ts';
import { CODE, DiscordError, missingAccess, missingPermissions } from './errors.ts';
import type { ChannelRecord } from './model.ts';
import type { World } from './world.ts';

/**
 * What a person or the bot may do in a channel, computed as Discord documents it (topics/permissions): roles, then
 * the overwrites of everyone, of roles, of the member; a thread has its parent's. Without VIEW_CHANNEL: nothing.
 */
export function permissionsIn(world: World, channel: ChannelRecord, userId: UserId): bigint {
  if (channel.guildId === undefined)
    return channel.recipientId === userId || userId === world.bot.id ? ALL_PERMISSIONS : 0n;
  const guild = world.guilds.get(channel.guildId);
  const member = guild?.members.get(userId);
  if (guild === undefined || member === undefined) return 0n;
  const place =
    channel.thread === undefined ? channel : (world.channels.get(channel.thread.parentId) ?? channel);
  let bits: bigint;
  const exact = userId === world.bot.id ? (channel.botPermissions ?? place.botPermissions) : undefined;
  if (exact !== undefined) bits = exact;
  else {
    if (guild.ownerId === userId) return ALL_PERMISSIONS;
    bits = world.guildPermissions(guild, member);
    if ((bits & PERMISSION.ADMINISTRATOR) !== 0n) return ALL_PERMISSIONS;
    for (const isMine of [
      (id: string) => id === guild.id,
      (id: string) => member.roles.some((role) => role === id),
      (id: string) => id === userId,
    ]) {
      const mine = place.overwrites.filter((overwrite) => isMine(overwrite.id));
      for (const overwrite of mine) bits &= ~overwrite.deny;
      for (const overwrite of mine) bits |= overwrite.allow;
    }
  }
  if ((bits & PERMISSION.VIEW_CHANNEL) === 0n) return 0n;
  // Discord: a private thread is seen by its members and by who may manage threads.
  if (
    channel.type === 12 &&
    channel.thread?.members.has(userId) !== true &&
    (bits & PERMISSION.MANAGE_THREADS) === 0n
  )
    return 0n;
  return bits;
}

export function may(
  world: World,
  channel: ChannelRecord,
  userId: UserId,
  ...names: PermissionName[]
): boolean {
  const bits = permissionsIn(world, channel, userId);
  return names.every((name) => (bits & PERMISSION[name]) !== 0n);
}

/** Throws 403 50001 when the channel cannot be seen, 50013 when one of the permissions is missing. */
export function requirePermissions(
  world: World,
  channel: ChannelRecord,
  userId: UserId,
  ...names: PermissionName[]
): void {
  if (!may(world, channel, userId, 'VIEW_CHANNEL')) throw missingAccess();
  if (!may(world, channel, userId, ...names)) throw missingPermissions();
}

/** Which permission a new message needs here. Discord: SEND_MESSAGES has no effect inside threads. */
export function sendPermission(channel: ChannelRecord): PermissionName {
  return isThreadType(channel.type) ? 'SEND_MESSAGES_IN_THREADS' : 'SEND_MESSAGES';
}

/** Throws unless a message can be sent: kind of channel, permission, locked thread. */
export function requireSendable(
  world: World,
  channel: ChannelRecord,
  userId: UserId,
  withFiles: boolean,
): void {
  if (channel.type === 15 || channel.type === 16)
    throw new DiscordError(400, CODE.forumMessage, 'Cannot send messages in a forum channel');
  if (channel.type === 4)
    throw new DiscordError(400, CODE.nonTextChannel, 'Cannot send messages in a non-text channel');
  requirePermissions(world, channel, userId, sendPermission(channel));
  if (withFiles) requirePermissions(world, channel, userId, 'ATTACH_FILES');
  const thread = channel.thread;
  if (thread === undefined || !thread.locked) return;
  // Discord: sending brings an archived thread back, but not a locked one.
  if (thread.archived || !may(world, channel, userId, 'MANAGE_THREADS'))
    throw new DiscordError(400, CODE.threadLocked, 'Thread is locked');
}
