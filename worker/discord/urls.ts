/** Links into Discord's own pages. */
import type { ChannelId, GuildId, MessageId } from '../../protocol/ids.ts';

export function threadUrl(guild: GuildId, thread: ChannelId): string {
  return `https://discord.com/channels/${guild}/${thread}`;
}

export function messageUrl(guild: GuildId, channel: ChannelId, message: MessageId): string {
  return `${threadUrl(guild, channel)}/${message}`;
}
