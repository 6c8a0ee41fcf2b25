import type { ChannelId, MessageId, UserId } from '../../../protocol/ids.ts';
import type { MessageDraft } from '../validate/message.ts';
import { CHANNEL_TYPE } from '../world/bits.ts';
import { CODE, DiscordError } from '../world/errors.ts';
import type { ChannelRecord, MessageRecord } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { createMessage } from './messages.ts';

/** Discord: how long without a message until a thread is archived, in minutes. */
export const AUTO_ARCHIVE_MINUTES = [60, 1440, 4320, 10_080] as const;
const DEFAULT_AUTO_ARCHIVE_MINUTES = 1440;
/** Discord: members of one thread. */
export const MAX_THREAD_MEMBERS = 1000;

/** Discord: system messages (message "Message Types"). */
export const SYSTEM_TYPE = { recipientAdd: 1, rename: 4, threadCreated: 18, threadStarter: 21 } as const;

export const EMPTY_DRAFT: MessageDraft = {
  content: undefined,
  components: undefined,
  embeds: undefined,
  flags: undefined,
  attachments: undefined,
  allowedMentions: undefined,
  nonce: undefined,
  enforceNonce: false,
  reference: undefined,
};

export interface NewThread {
  readonly parent: ChannelRecord;
  readonly type: number;
  readonly name: string;
  readonly ownerId: UserId;
  readonly autoArchiveMinutes?: number | undefined;
  readonly from?: MessageRecord;
  readonly appliedTags?: string[];
}

/** Makes the thread and the system messages that come with it. Throws 160006 at the guild's limit. */
export function createThread(world: World, wanted: NewThread, maxActive: number): ChannelRecord {
  const { parent, from } = wanted;
  const active = [...world.channels.values()].filter(
    (channel) =>
      channel.guildId === parent.guildId &&
      channel.thread !== undefined &&
      !channel.deleted &&
      !channel.thread.archived,
  );
  if (active.length >= maxActive)
    throw new DiscordError(400, CODE.maxActiveThreads, 'Maximum number of active threads reached');
  const now = world.clock.now();
  // Discord: a thread from a message has that message's id.
  const id: ChannelId = from === undefined ? world.mint() : (from.id as string as ChannelId);
  const thread = world.addChannel({
    ...emptyChannel(id, wanted.type, wanted.name, parent.guildId),
    thread: {
      parentId: parent.id,
      ownerId: wanted.ownerId,
      archived: false,
      locked: false,
      autoArchiveMinutes: wanted.autoArchiveMinutes ?? DEFAULT_AUTO_ARCHIVE_MINUTES,
      archiveChangedMs: now,
      lastActivityMs: now,
      createdMs: now,
      members: new Set([wanted.ownerId]),
    },
    appliedTags: wanted.appliedTags ?? [],
  });
  const owner = world.users.get(wanted.ownerId) ?? world.bot;
  const reference = (messageId: MessageId | undefined, channelId: ChannelId) => ({ messageId, channelId });
  if (from !== undefined) {
    from.hasThread = true;
    from.flags |= 1 << 5;
    const birth = {
      author: from.author,
      type: SYSTEM_TYPE.threadStarter,
      reference: reference(from.id, parent.id),
    };
    createMessage(world, thread, EMPTY_DRAFT, birth);
    thread.thread?.members.delete(from.author.id);
    thread.thread?.members.add(wanted.ownerId);
    world.changed({ kind: 'message', channelId: parent.id, messageId: from.id });
  } else if (wanted.type !== CHANNEL_TYPE.privateThread && parent.type !== CHANNEL_TYPE.forum) {
    const draft = { ...EMPTY_DRAFT, content: wanted.name };
    createMessage(world, parent, draft, {
      author: owner,
      type: SYSTEM_TYPE.threadCreated,
      reference: reference(undefined, id),
    });
  }
  return thread;
}

export function emptyChannel(
  id: ChannelId,
  type: number,
  name: string,
  guildId: ChannelRecord['guildId'],
): ChannelRecord {
  return {
    id,
    type,
    guildId,
    name,
    thread: undefined,
    botPermissions: undefined,
    overwrites: [],
    flags: 0,
    appliedTags: [],
    availableTags: [],
    recipientId: undefined,
    messages: new Map(),
    typingUntilMs: 0,
    deleted: false,
  };
}

export function renameThread(world: World, channel: ChannelRecord, name: string, userId: UserId): void {
  if (channel.name === name) return;
  channel.name = name;
  const author = world.users.get(userId) ?? world.bot;
  createMessage(world, channel, { ...EMPTY_DRAFT, content: name }, { author, type: SYSTEM_TYPE.rename });
}

/** Adds somebody; Discord shows a system message for it. Throws 30033 at 1,000 members. */
export function addThreadMember(world: World, channel: ChannelRecord, userId: UserId, byId: UserId): void {
  const thread = channel.thread;
  if (thread === undefined || thread.members.has(userId)) return;
  if (thread.members.size >= MAX_THREAD_MEMBERS)
    throw new DiscordError(
      400,
      CODE.threadMembers,
      `Maximum number of thread participants reached (${MAX_THREAD_MEMBERS})`,
    );
  thread.members.add(userId);
  if (userId === byId) return;
  const author = world.users.get(byId) ?? world.bot;
  const message = createMessage(world, channel, EMPTY_DRAFT, { author, type: SYSTEM_TYPE.recipientAdd });
  message.mentions = { users: [userId], roles: [], everyone: false };
}
