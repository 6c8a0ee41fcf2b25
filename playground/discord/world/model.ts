/** What the emulator keeps: guilds, people, channels, messages. Plain data; who may do what is elsewhere. */
import type {
  ChannelId,
  GuildId,
  InteractionId,
  MessageId,
  RoleId,
  Snowflake,
  UserId,
} from '../../../protocol/ids.ts';

export interface UserRecord {
  readonly id: UserId;
  name: string;
  readonly bot: boolean;
}

export interface RoleRecord {
  readonly id: RoleId;
  name: string;
  permissions: bigint;
  mentionable: boolean;
}

export interface MemberRecord {
  readonly user: UserRecord;
  roles: RoleId[];
  /** Added to what the roles give; a short cut for tests, without a role of its own. */
  extraPermissions: bigint;
  readonly joinedMs: number;
}

export interface GuildRecord {
  readonly id: GuildId;
  name: string;
  ownerId: UserId;
  readonly roles: Map<RoleId, RoleRecord>;
  readonly members: Map<UserId, MemberRecord>;
}

export interface ThreadState {
  readonly parentId: ChannelId;
  readonly ownerId: UserId;
  archived: boolean;
  locked: boolean;
  autoArchiveMinutes: number;
  archiveChangedMs: number;
  lastActivityMs: number;
  readonly createdMs: number;
  readonly members: Set<UserId>;
}

export interface Overwrite {
  readonly id: Snowflake;
  readonly kind: 'role' | 'member';
  allow: bigint;
  deny: bigint;
}

export interface ChannelRecord {
  readonly id: ChannelId;
  readonly type: number;
  readonly guildId: GuildId | undefined;
  name: string;
  readonly thread: ThreadState | undefined;
  /** Exactly what the bot may do here; without it the roles and overwrites decide. */
  botPermissions: bigint | undefined;
  readonly overwrites: Overwrite[];
  flags: number;
  appliedTags: Snowflake[];
  availableTags: { id: Snowflake; name: string }[];
  /** In a DM: the person. */
  readonly recipientId: UserId | undefined;
  readonly messages: Map<MessageId, MessageRecord>;
  typingUntilMs: number;
  deleted: boolean;
}

export interface SelectOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
  readonly default?: boolean;
}

/** A component as it came over the wire, after it was checked. */
export interface Component {
  readonly type: number;
  readonly id?: number;
  readonly custom_id?: string;
  readonly style?: number;
  readonly label?: string;
  readonly description?: string;
  readonly emoji?: { readonly name?: string; readonly id?: Snowflake };
  readonly url?: string;
  readonly disabled?: boolean;
  readonly content?: string;
  readonly options?: readonly SelectOption[];
  readonly placeholder?: string;
  readonly min_values?: number;
  readonly max_values?: number;
  readonly min_length?: number;
  readonly max_length?: number;
  readonly required?: boolean;
  readonly value?: string;
  readonly components?: readonly Component[];
  readonly accessory?: Component;
  readonly component?: Component;
  readonly accent_color?: number | null;
  readonly spoiler?: boolean;
  readonly divider?: boolean;
  readonly spacing?: number;
  readonly media?: { readonly url: string };
  readonly file?: { readonly url: string };
  readonly items?: readonly { readonly media: { readonly url: string }; readonly description?: string }[];
}

export interface AttachmentRecord {
  readonly id: Snowflake;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly description?: string;
}

/** A message as it was after its creation or one of its edits. */
export interface MessageVersion {
  /** Real time, in milliseconds since the epoch with fractions: not moved by `advance`. */
  readonly t_ms: number;
  readonly content: string;
  readonly components: readonly Component[];
  readonly flags: number;
}

export interface Mentions {
  readonly users: readonly UserId[];
  readonly roles: readonly RoleId[];
  readonly everyone: boolean;
}

/** Which interaction a message answers, and whose. */
export interface InteractionOrigin {
  readonly id: InteractionId;
  readonly type: number;
  readonly userId: UserId;
  /** The message whose component was used. */
  readonly sourceId: MessageId | undefined;
}

export interface MessageRecord {
  readonly id: MessageId;
  readonly channelId: ChannelId;
  readonly author: UserRecord;
  /** Discord: 0 default, 19 reply, 20 command answer, and so on (message "Message Types"). */
  readonly type: number;
  content: string;
  components: readonly Component[];
  embeds: readonly unknown[];
  attachments: AttachmentRecord[];
  flags: number;
  mentions: Mentions;
  readonly nonce: string | number | undefined;
  readonly createdMs: number;
  editedMs: number | undefined;
  readonly reference:
    | { readonly messageId: MessageId | undefined; readonly channelId: ChannelId }
    | undefined;
  /** The interaction that this message answers. */
  readonly interaction: InteractionOrigin | undefined;
  /** Only this person sees it. */
  readonly ephemeralFor: UserId | undefined;
  readonly reactions: Map<string, Set<UserId>>;
  /** Whom its creation notified, and the text that their lock screen showed. */
  readonly notified: readonly UserId[];
  readonly history: MessageVersion[];
  deleted: boolean;
  hasThread: boolean;
}
