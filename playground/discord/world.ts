import { EventEmitter } from 'node:events';
import type { ChannelId, GuildId, MessageId, RoleId, Snowflake, UserId } from '../../protocol/ids.ts';
import { DEFAULT_EVERYONE, isThreadType, MESSAGE_FLAG, permissionBits } from './bits.ts';
import type { Clock } from './clock.ts';
import { unknownChannel, unknownMessage } from './errors.ts';
import { type MentionDefaults, mentionedPeople, parseMentions } from './mentions.ts';
import type {
  AttachmentRecord,
  ChannelRecord,
  GuildRecord,
  InteractionOrigin,
  MemberRecord,
  MessageRecord,
  UserRecord,
} from './model.ts';
import { may } from './permissions.ts';
import type { Mint } from './snowflake.ts';
import type { MessageDraft } from './validate/message.ts';

const MINUTE_MS = 60_000;

/** What changed; listeners that draw the whole thing anew may ignore it. */
export interface Change {
  readonly kind: 'guild' | 'channel' | 'message' | 'typing' | 'interaction' | 'time';
  readonly channelId?: ChannelId;
  readonly messageId?: MessageId;
}

/** How a message comes to be, apart from its body. */
export interface Birth {
  readonly author: UserRecord;
  readonly type?: number;
  readonly ephemeralFor?: UserId | undefined;
  readonly interaction?: InteractionOrigin;
  readonly mentionDefaults?: MentionDefaults;
  readonly flags?: number;
  /** Discord gives the first message of a forum post its thread's id. */
  readonly id?: MessageId;
  readonly reference?: MessageRecord['reference'];
}

/** Guilds, people, channels and messages, and the changes that Discord itself makes to them. */
export class World {
  readonly events = new EventEmitter();
  readonly guilds = new Map<GuildId, GuildRecord>();
  readonly users = new Map<UserId, UserRecord>();
  readonly channels = new Map<ChannelId, ChannelRecord>();
  readonly attachments = new Map<Snowflake, AttachmentRecord>();
  /** Every message that pushed to somebody, in order. */
  readonly notifications: {
    readonly userId: UserId;
    readonly message: MessageRecord;
    readonly text: string;
  }[] = [];
  readonly bot: UserRecord;
  readonly clock: Clock;
  readonly mint: Mint;

  constructor(clock: Clock, mint: Mint, botId: UserId, botName: string) {
    this.clock = clock;
    this.mint = mint;
    this.bot = { id: botId, name: botName, bot: true };
    this.users.set(botId, this.bot);
    this.events.setMaxListeners(0);
  }

  changed(change: Change): void {
    this.events.emit('change', change);
  }

  createGuild(name: string, botPermissions: bigint): GuildRecord {
    const owner: UserRecord = { id: this.mint(), name: `owner of ${name}`, bot: false };
    this.users.set(owner.id, owner);
    const id: GuildId = this.mint();
    const everyone = id as Snowflake as RoleId;
    const botRole: RoleId = this.mint();
    const guild: GuildRecord = {
      id,
      name,
      ownerId: owner.id,
      roles: new Map([
        [
          everyone,
          {
            id: everyone,
            name: '@everyone',
            permissions: permissionBits(DEFAULT_EVERYONE),
            mentionable: false,
          },
        ],
        [botRole, { id: botRole, name: this.bot.name, permissions: botPermissions, mentionable: false }],
      ]),
      members: new Map(),
    };
    this.guilds.set(id, guild);
    this.addMember(guild, owner, [], 0n);
    this.addMember(guild, this.bot, [botRole], 0n);
    this.changed({ kind: 'guild' });
    return guild;
  }

  addMember(guild: GuildRecord, user: UserRecord, roles: RoleId[], extraPermissions: bigint): MemberRecord {
    this.users.set(user.id, user);
    const member: MemberRecord = { user, roles, extraPermissions, joinedMs: this.clock.now() };
    guild.members.set(user.id, member);
    this.changed({ kind: 'guild' });
    return member;
  }

  /** Without the overwrites of a channel. The bot has its role's permissions and no others, so that a missing one shows. */
  guildPermissions(guild: GuildRecord, member: MemberRecord): bigint {
    const everyone = guild.roles.get(guild.id as Snowflake as RoleId)?.permissions ?? 0n;
    const start = member.user.bot ? 0n : everyone | member.extraPermissions;
    return member.roles.reduce((bits, id) => bits | (guild.roles.get(id)?.permissions ?? 0n), start);
  }

  /** The channel, with its archive clock applied. Throws 404 10003. */
  channel(id: string): ChannelRecord {
    const channel = this.channels.get(id as ChannelId);
    if (channel === undefined || channel.deleted) throw unknownChannel();
    this.applyArchiveClock(channel);
    return channel;
  }

  /** A message that exists for everyone (not ephemeral). Throws 404 10008. */
  message(channel: ChannelRecord, id: string): MessageRecord {
    const message = channel.messages.get(id as MessageId);
    if (message === undefined || message.deleted || message.ephemeralFor !== undefined)
      throw unknownMessage();
    return message;
  }

  addChannel(channel: ChannelRecord): ChannelRecord {
    this.channels.set(channel.id, channel);
    this.changed({ kind: 'channel', channelId: channel.id });
    return channel;
  }

  /** Discord: a thread is archived when nothing was sent in it for its auto-archive duration; edits do not count. */
  applyArchiveClock(channel: ChannelRecord): void {
    const thread = channel.thread;
    if (thread === undefined || thread.archived) return;
    if (this.clock.now() - thread.lastActivityMs < thread.autoArchiveMinutes * MINUTE_MS) return;
    this.setArchived(channel, true);
  }

  setArchived(channel: ChannelRecord, archived: boolean): void {
    const thread = channel.thread;
    if (thread === undefined || thread.archived === archived) return;
    thread.archived = archived;
    thread.archiveChangedMs = this.clock.now();
    if (!archived) thread.lastActivityMs = this.clock.now();
    this.changed({ kind: 'channel', channelId: channel.id });
  }

  /** Adds a message. In a thread this is activity: it brings the thread back from the archive and adds its author. */
  createMessage(channel: ChannelRecord, draft: MessageDraft, birth: Birth): MessageRecord {
    const content = draft.content ?? '';
    const components = draft.components ?? [];
    const flags = (draft.flags ?? 0) | (birth.flags ?? 0);
    const defaults = birth.mentionDefaults ?? 'message';
    const mentions = parseMentions(
      this,
      channel,
      birth.author,
      content,
      components,
      draft.allowedMentions,
      defaults,
    );
    const silent = (flags & MESSAGE_FLAG.SUPPRESS_NOTIFICATIONS) !== 0 || birth.ephemeralFor !== undefined;
    const reached = mentionedPeople(this, channel, mentions).filter(
      (id) => id !== birth.author.id && may(this, channel, id, 'VIEW_CHANNEL'),
    );
    const message: MessageRecord = {
      id: birth.id ?? this.mint(),
      channelId: channel.id,
      author: birth.author,
      type: birth.type ?? 0,
      content,
      components,
      embeds: draft.embeds ?? [],
      attachments: this.storeAttachments(draft.attachments ?? []),
      flags,
      mentions,
      nonce: draft.nonce,
      createdMs: this.clock.now(),
      editedMs: undefined,
      reference: birth.reference,
      interaction: birth.interaction,
      ephemeralFor: birth.ephemeralFor,
      reactions: new Map(),
      notified: silent ? [] : reached,
      history: [],
      deleted: false,
      hasThread: false,
    };
    this.remember(message);
    channel.messages.set(message.id, message);
    if (channel.thread !== undefined && birth.ephemeralFor === undefined) {
      this.setArchived(channel, false);
      channel.thread.lastActivityMs = this.clock.now();
      for (const id of [birth.author.id, ...mentions.users]) channel.thread.members.add(id);
    }
    if (birth.author.id === this.bot.id) channel.typingUntilMs = 0;
    for (const userId of message.notified) this.notifications.push({ userId, message, text: content });
    this.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
    return message;
  }

  /** Applies an edit. It notifies nobody, and without `allowed_mentions` the text is parsed with the defaults again. */
  editMessage(
    channel: ChannelRecord,
    message: MessageRecord,
    draft: MessageDraft,
    defaults: MentionDefaults,
  ): void {
    const { SUPPRESS_EMBEDS, IS_COMPONENTS_V2, LOADING } = MESSAGE_FLAG;
    if (draft.content !== undefined) message.content = draft.content;
    if (draft.components !== undefined) message.components = draft.components;
    if (draft.embeds !== undefined) message.embeds = draft.embeds;
    if (draft.attachments !== undefined) message.attachments = this.storeAttachments(draft.attachments);
    if (draft.flags !== undefined)
      message.flags =
        (message.flags & ~SUPPRESS_EMBEDS) | (draft.flags & (SUPPRESS_EMBEDS | IS_COMPONENTS_V2));
    message.flags &= ~LOADING;
    const { content, components, author } = message;
    message.mentions = parseMentions(
      this,
      channel,
      author,
      content,
      components,
      draft.allowedMentions,
      defaults,
    );
    message.editedMs = this.clock.now();
    this.remember(message);
    this.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
  }

  deleteMessage(channel: ChannelRecord, message: MessageRecord): void {
    message.deleted = true;
    this.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
  }

  /** Threads whose parent this is. */
  threadsOf(parentId: ChannelId): ChannelRecord[] {
    return [...this.channels.values()].filter(
      (channel) => isThreadType(channel.type) && !channel.deleted && channel.thread?.parentId === parentId,
    );
  }

  findMessage(id: string): { channel: ChannelRecord; message: MessageRecord } | undefined {
    for (const channel of this.channels.values()) {
      const message = channel.messages.get(id as MessageId);
      if (message !== undefined && !channel.deleted) return { channel, message };
    }
    return undefined;
  }

  private remember(message: MessageRecord): void {
    const { content, components, flags } = message;
    message.history.push({ t_ms: performance.timeOrigin + performance.now(), content, components, flags });
  }

  private storeAttachments(list: NonNullable<MessageDraft['attachments']>): AttachmentRecord[] {
    return list.map((item) => {
      const attachment: AttachmentRecord = { ...item, id: item.id === 'new' ? this.mint() : item.id };
      this.attachments.set(attachment.id, attachment);
      return attachment;
    });
  }
}
