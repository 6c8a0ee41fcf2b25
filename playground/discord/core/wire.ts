/** How things look over the wire: Discord's JSON for channels, messages, users, members. */
import { createHmac } from 'node:crypto';
import type { APIGuildMember, APIMessage, APIUser } from 'discord-api-types/v10';
import type { Snowflake, UserId } from '../../../protocol/ids.ts';
import { iso, type JsonObject, type Shape, withoutUndefined } from '../world/json.ts';
import type {
  AttachmentRecord,
  ChannelRecord,
  GuildRecord,
  MemberRecord,
  MessageRecord,
  UserRecord,
} from '../world/model.ts';
import type { World } from '../world/world.ts';
import { wireChannel } from './channel-wire.ts';
import { wireComponent } from './component-wire.ts';

/** Discord: the signed URL of an attachment is valid for a day or so (reference "Signed Attachment CDN URLs"). */
const CDN_URL_LIFETIME_MS = 24 * 60 * 60 * 1000;

export class Wire {
  private readonly world: World;
  private readonly cdnSecret: string;
  /** Where attachments are, without a slash at the end. Known once the server listens. */
  cdnOrigin = '';
  readonly applicationId: Snowflake;
  /** Whether the app may read what others write (Discord: the Message Content toggle). */
  messageContent: boolean;

  constructor(world: World, applicationId: Snowflake, cdnSecret: string, messageContent: boolean) {
    this.world = world;
    this.applicationId = applicationId;
    this.cdnSecret = cdnSecret;
    this.messageContent = messageContent;
  }

  user(user: UserRecord): JsonObject {
    return {
      id: user.id,
      username: user.name,
      discriminator: '0',
      global_name: user.bot ? null : user.name,
      avatar: null,
      public_flags: 0,
      flags: 0,
      primary_guild: null,
      ...(user.bot ? { bot: true } : {}),
    } satisfies Shape<APIUser>;
  }

  member(member: MemberRecord): JsonObject {
    return {
      user: this.user(member.user),
      roles: member.roles,
      nick: null,
      avatar: null,
      banner: null,
      joined_at: iso(member.joinedMs),
      premium_since: null,
      communication_disabled_until: null,
      deaf: false,
      mute: false,
      flags: 0,
      pending: false,
    } satisfies Shape<APIGuildMember>;
  }

  role(role: { id: Snowflake; name: string; permissions: bigint; mentionable: boolean }): JsonObject {
    const rest = {
      color: 0,
      hoist: false,
      icon: null,
      unicode_emoji: null,
      position: 0,
      managed: false,
      flags: 0,
    };
    const colors = { primary_color: 0, secondary_color: null, tertiary_color: null };
    const { id, name, mentionable } = role;
    return {
      id,
      name,
      permissions: String(role.permissions),
      mentionable,
      colors,
      description: null,
      ...rest,
    };
  }

  channel(channel: ChannelRecord): JsonObject {
    return wireChannel(channel, (id) => {
      const user = this.world.users.get(id);
      return user === undefined ? undefined : this.user(user);
    });
  }

  threadMember(channel: ChannelRecord, userId: UserId): JsonObject {
    return { id: channel.id, user_id: userId, join_timestamp: iso(channel.thread?.createdMs ?? 0), flags: 1 };
  }

  /** A message as the bot gets it over REST, or (`full`) as an interaction carries it. */
  message(message: MessageRecord, full = false): JsonObject {
    const readable = full || this.messageContent || this.concernsBot(message);
    const channel = this.world.channels.get(message.channelId);
    const guild = channel?.guildId === undefined ? undefined : this.world.guilds.get(channel.guildId);
    const thread = message.hasThread
      ? this.world.channels.get(message.id as Snowflake as ChannelRecord['id'])
      : undefined;
    const referenced = message.reference?.messageId;
    const found = referenced === undefined ? undefined : this.world.findMessage(referenced)?.message;
    return withoutUndefined({
      id: message.id,
      channel_id: message.channelId,
      type: message.type,
      author: this.user(message.author),
      content: readable ? message.content : '',
      components: readable
        ? message.components.map((component) =>
            wireComponent(component, message, (attachment, place) => this.cdnUrl(attachment, place)),
          )
        : [],
      embeds: readable ? message.embeds : [],
      attachments: readable
        ? message.attachments.map((attachment) => this.attachment(attachment, message.channelId))
        : [],
      flags: message.flags,
      mentions: message.mentions.users.flatMap((id) => {
        const user = this.world.users.get(id);
        return user === undefined ? [] : [this.user(user)];
      }),
      mention_roles: message.mentions.roles,
      mention_everyone: message.mentions.everyone,
      timestamp: iso(message.createdMs),
      edited_timestamp: message.editedMs === undefined ? null : iso(message.editedMs),
      pinned: false,
      tts: false,
      nonce: message.nonce,
      application_id: message.author.bot ? this.applicationId : undefined,
      webhook_id: message.interaction === undefined ? undefined : this.applicationId,
      interaction_metadata: this.interactionMetadata(message, guild),
      message_reference:
        message.reference === undefined
          ? undefined
          : withoutUndefined({
              type: 0,
              message_id: message.reference.messageId,
              channel_id: message.reference.channelId,
              guild_id: channel?.guildId,
            }),
      referenced_message:
        message.type === 19 || message.type === 21
          ? found === undefined || found.deleted
            ? null
            : this.message({ ...found, reference: undefined }, full)
          : undefined,
      thread: thread === undefined || thread.deleted ? undefined : this.channel(thread),
      reactions:
        message.reactions.size === 0
          ? undefined
          : [...message.reactions].map(([name, users]) => ({
              emoji: { id: null, name },
              count: users.size,
              count_details: { burst: 0, normal: users.size },
              burst_colors: [],
              me_burst: false,
              burst_me: false,
              me: users.has(this.world.bot.id),
              burst_count: 0,
            })),
    } satisfies Shape<APIMessage>);
  }

  attachment(attachment: AttachmentRecord, place: Snowflake): JsonObject {
    const url = this.cdnUrl(attachment, place);
    return withoutUndefined({
      id: attachment.id,
      filename: attachment.name,
      size: attachment.bytes.byteLength,
      content_type: attachment.contentType,
      description: attachment.description,
      url,
      proxy_url: url,
    });
  }

  cdnUrl(attachment: AttachmentRecord, place: Snowflake): string {
    const now = this.world.clock.now();
    const ex = Math.floor((now + CDN_URL_LIFETIME_MS) / 1000).toString(16);
    const is = Math.floor(now / 1000).toString(16);
    const path = `/attachments/${place}/${attachment.id}/${encodeURIComponent(attachment.name)}`;
    return `${this.cdnOrigin}${path}?ex=${ex}&is=${is}&hm=${this.cdnSignature(attachment.id, ex, is)}`;
  }

  cdnSignature(id: Snowflake, ex: string, is: string): string {
    return createHmac('sha256', this.cdnSecret).update(`${id} ${ex} ${is}`).digest('hex');
  }

  /** Discord: without the toggle an app still reads its own messages, those that mention it, and DMs with it. */
  private concernsBot(message: MessageRecord): boolean {
    const botId = this.world.bot.id;
    return (
      message.author.id === botId ||
      message.mentions.users.includes(botId) ||
      this.world.channels.get(message.channelId)?.guildId === undefined
    );
  }

  private interactionMetadata(
    message: MessageRecord,
    guild: GuildRecord | undefined,
  ): JsonObject | undefined {
    if (message.interaction === undefined) return undefined;
    const { id, type, userId } = message.interaction;
    const user = this.world.users.get(userId);
    return {
      id,
      type,
      user: user === undefined ? {} : this.user(user),
      authorizing_integration_owners: { '0': guild?.id ?? '0' },
      ...(message.interaction.sourceId === undefined
        ? {}
        : { interacted_message_id: message.interaction.sourceId }),
    };
  }
}
