import { EventEmitter } from 'node:events';
import type { ChannelId, GuildId, MessageId, RoleId, Snowflake, UserId } from '../../../protocol/ids.ts';
import { DEFAULT_EVERYONE, isThreadType, permissionBits } from './bits.ts';
import type { Clock } from './clock.ts';
import { unknownChannel, unknownMessage } from './errors.ts';
import type {
  AttachmentRecord,
  ChannelRecord,
  GuildRecord,
  MemberRecord,
  MessageRecord,
  UserRecord,
} from './model.ts';
import type { Mint } from './snowflake.ts';

const MINUTE_MS = 60_000;

/** What changed; listeners that draw the whole thing anew may ignore it. */
export interface Change {
  readonly kind: 'guild' | 'channel' | 'message' | 'typing' | 'interaction' | 'time';
  readonly channelId?: ChannelId;
  readonly messageId?: MessageId;
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
}
