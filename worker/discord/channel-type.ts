/** Discord’s channel types, and which of them sessions can be in. */
import type { Place } from '../domain/contract.ts';

/** Discord's channel types. */
export const ChannelType = {
  text: 0,
  voice: 2,
  announcement: 5,
  announcementThread: 10,
  publicThread: 11,
  privateThread: 12,
  stage: 13,
  forum: 15,
  media: 16,
} as const;

export type PlaceKind = 'channel' | 'thread' | 'elsewhere';

export function kindOf(place: Place): PlaceKind {
  switch (place.channelType) {
    case ChannelType.text:
    case ChannelType.announcement:
      return 'channel';
    case ChannelType.announcementThread:
    case ChannelType.publicThread:
    case ChannelType.privateThread:
      return 'thread';
    default:
      return 'elsewhere';
  }
}
