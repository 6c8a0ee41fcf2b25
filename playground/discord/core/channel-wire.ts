import type { UserId } from '../../../protocol/ids.ts';
import { iso, type JsonObject, withoutUndefined } from '../world/json.ts';
import type { ChannelRecord } from '../world/model.ts';

export function wireChannel(
  channel: ChannelRecord,
  userOf: (id: UserId) => JsonObject | undefined,
): JsonObject {
  const last = [...channel.messages.values()].findLast((message) => message.ephemeralFor === undefined);
  const base = {
    id: channel.id,
    type: channel.type,
    flags: channel.flags,
    last_message_id: last?.id ?? null,
    guild_id: channel.guildId,
    name: channel.guildId === undefined ? undefined : channel.name,
  };
  const thread = channel.thread;
  if (thread === undefined) {
    if (channel.recipientId !== undefined) {
      const recipient = userOf(channel.recipientId);
      return withoutUndefined({
        ...base,
        recipients: recipient === undefined ? [] : [recipient],
      });
    }
    return withoutUndefined({
      ...base,
      position: 0,
      parent_id: null,
      topic: null,
      nsfw: false,
      rate_limit_per_user: 0,
      permission_overwrites: channel.overwrites.map(({ id, kind, allow, deny }) => ({
        id,
        type: kind === 'role' ? 0 : 1,
        allow: String(allow),
        deny: String(deny),
      })),
      available_tags:
        channel.type === 15 || channel.type === 16
          ? channel.availableTags.map((tag) => ({
              ...tag,
              moderated: false,
              emoji_id: null,
              emoji_name: null,
            }))
          : undefined,
    });
  }
  const messages = [...channel.messages.values()].filter(
    (message) => message.ephemeralFor === undefined,
  ).length;
  return withoutUndefined({
    ...base,
    parent_id: thread.parentId,
    owner_id: thread.ownerId,
    rate_limit_per_user: 0,
    message_count: messages,
    total_message_sent: messages,
    member_count: Math.min(thread.members.size, 50),
    bitrate: 64_000,
    user_limit: 0,
    rtc_region: null,
    thread_metadata: threadMetadata(channel),
    applied_tags: channel.appliedTags.length > 0 ? channel.appliedTags : undefined,
  });
}

function threadMetadata(channel: ChannelRecord): JsonObject | undefined {
  const thread = channel.thread;
  if (thread === undefined) return undefined;
  return withoutUndefined({
    archived: thread.archived,
    archive_timestamp: iso(thread.archiveChangedMs),
    auto_archive_duration: thread.autoArchiveMinutes,
    locked: thread.locked,
    create_timestamp: iso(thread.createdMs),
    invitable: channel.type === 12 ? true : undefined,
  });
}
