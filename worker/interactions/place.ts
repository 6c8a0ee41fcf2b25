/** Where Heddle works and where it does not. Pure. */
import { ChannelType, kindOf } from '../discord/channel-type.ts';
import type { Place } from '../domain/contract.ts';

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
