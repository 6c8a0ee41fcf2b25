/** Who acted and where, from the signed payload alone; and where Heddle works and where it does not. Pure. */

import type { ChannelId, GuildId, RoleId, UserId } from '../../protocol/ids.ts';
import { ChannelType, kindOf } from '../discord/channel-type.ts';
import type { Member } from '../domain/access.ts';
import type { Place } from '../domain/contract.ts';
import type { Interaction } from './payload.ts';

/** Discord's context of an interaction in a server. */
const CONTEXT_GUILD = 0;
/** Discord's key of "installed to a server" in `authorizing_integration_owners`. */
const OWNER_GUILD = '0';

export type Where =
  | { readonly ok: true; readonly member: Member; readonly place: Place }
  | { readonly ok: false; readonly words: string };

export function whereIs(interaction: Interaction): Where {
  const { guild_id: guild, channel, member, app_permissions: appPermissions } = interaction;
  if (guild === undefined || member === undefined || interaction.context !== CONTEXT_GUILD) {
    return { ok: false, words: 'Heddle works in a server only, not in direct messages.' };
  }
  if (interaction.authorizing_integration_owners[OWNER_GUILD] !== guild) {
    return { ok: false, words: 'Heddle is not installed in this server. Someone who manages it can add it.' };
  }
  if (channel === undefined || appPermissions === undefined) {
    return {
      ok: false,
      words: 'Discord did not say in which channel this is, so nothing was done. Try again.',
    };
  }
  return {
    ok: true,
    member: {
      id: member.user.id as UserId,
      name: member.nick ?? member.user.global_name ?? member.user.username,
      roles: member.roles.map((role) => role as RoleId),
      permissions: member.permissions,
    },
    place: {
      guild: guild as GuildId,
      channel: channel.id as ChannelId,
      channelType: channel.type,
      parent: (channel.parent_id ?? null) as ChannelId | null,
      appPermissions,
    },
  };
}

/** Why no session can be where it is neither a channel with threads nor a thread. */
export function elsewhereWords(place: Place): string {
  switch (place.channelType) {
    case ChannelType.voice:
    case ChannelType.stage:
      return 'There are no threads in a voice or stage channel, so no session can be here. Use a text channel.';
    case ChannelType.forum:
    case ChannelType.media:
      return 'Create a post here first, then use the command in it.';
    default:
      return 'No session can be in this kind of channel. Use a text channel or a thread.';
  }
}

const ADMINISTRATOR = 1n << 3n;

export interface RequiredPermission {
  readonly bit: bigint;
  /** As Discord's settings call it. */
  readonly name: string;
  /** Only where a session card is posted and a thread made: SEND_MESSAGES has no effect inside threads (Discord). */
  readonly inChannelsOnly?: true;
}

/** Discord's permissions that a session needs; the invite link asks for these and `ADD_REACTIONS`. */
export const REQUIRED_PERMISSIONS: readonly RequiredPermission[] = [
  { bit: 1n << 10n, name: 'View Channel' },
  { bit: 1n << 11n, name: 'Send Messages', inChannelsOnly: true },
  { bit: 1n << 15n, name: 'Attach Files' },
  { bit: 1n << 16n, name: 'Read Message History' },
  { bit: 1n << 35n, name: 'Create Public Threads', inChannelsOnly: true },
  { bit: 1n << 38n, name: 'Send Messages in Threads' },
];

/** The invite link asks for it too; without it no reaction shows that a plain message was taken. */
export const ADD_REACTIONS = 1n << 6n;

/** The names of the permissions that Heddle lacks for a session here; empty when it has all. */
export function missingPermissions(place: Place): string[] {
  const has = bitsOf(place.appPermissions);
  if ((has & ADMINISTRATOR) !== 0n) return [];
  const inChannel = kindOf(place) === 'channel';
  return REQUIRED_PERMISSIONS.filter(({ inChannelsOnly }) => inChannel || inChannelsOnly === undefined)
    .filter(({ bit }) => (has & bit) === 0n)
    .map(({ name }) => name);
}

function bitsOf(decimal: string): bigint {
  try {
    return BigInt(decimal);
  } catch {
    return 0n;
  }
}
