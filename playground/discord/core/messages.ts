/** How messages come, change and go, with what Discord itself does at that: notifying, un-archiving, adding members. */
import type { MessageId, UserId } from '../../../protocol/ids.ts';
import type { MessageDraft } from '../validate/message.ts';
import { MESSAGE_FLAG } from '../world/bits.ts';
import type {
  AttachmentRecord,
  ChannelRecord,
  InteractionOrigin,
  Mentions,
  MessageRecord,
  UserRecord,
} from '../world/model.ts';
import { may } from '../world/permissions.ts';
import type { World } from '../world/world.ts';
import { type MentionDefaults, mentionedPeople, parseMentions } from './mentions.ts';

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

/** Adds a message. In a thread this is activity: it brings the thread back from the archive and adds its author. */
export function createMessage(
  world: World,
  channel: ChannelRecord,
  draft: MessageDraft,
  birth: Birth,
): MessageRecord {
  const content = draft.content ?? '';
  const components = draft.components ?? [];
  const flags = (draft.flags ?? 0) | (birth.flags ?? 0);
  const defaults = birth.mentionDefaults ?? 'message';
  const { allowedMentions } = draft;
  const parsed = parseMentions(world, channel, birth.author, content, components, allowedMentions, defaults);
  const mentions = withReplied(world, parsed, draft, birth);
  const silent = (flags & MESSAGE_FLAG.SUPPRESS_NOTIFICATIONS) !== 0 || birth.ephemeralFor !== undefined;
  const reached = mentionedPeople(world, channel, mentions).filter(
    (id) => id !== birth.author.id && may(world, channel, id, 'VIEW_CHANNEL'),
  );
  const message: MessageRecord = {
    id: birth.id ?? world.mint(),
    channelId: channel.id,
    author: birth.author,
    type: birth.type ?? 0,
    content,
    components,
    embeds: draft.embeds ?? [],
    attachments: storeAttachments(world, draft.attachments ?? []),
    flags,
    mentions,
    nonce: draft.nonce,
    createdMs: world.clock.now(),
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
  remember(message);
  channel.messages.set(message.id, message);
  if (channel.thread !== undefined && birth.ephemeralFor === undefined) {
    world.setArchived(channel, false);
    channel.thread.lastActivityMs = world.clock.now();
    for (const id of [birth.author.id, ...mentions.users]) channel.thread.members.add(id);
  }
  if (birth.author.id === world.bot.id) channel.typingUntilMs = 0;
  for (const userId of message.notified) world.notifications.push({ userId, message, text: content });
  world.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
  return message;
}

/** Applies an edit. It notifies nobody, and without `allowed_mentions` the text is parsed with the defaults again. */
export function editMessage(
  world: World,
  channel: ChannelRecord,
  message: MessageRecord,
  draft: MessageDraft,
  defaults: MentionDefaults,
): void {
  const { SUPPRESS_EMBEDS, IS_COMPONENTS_V2, LOADING } = MESSAGE_FLAG;
  if (draft.content !== undefined) message.content = draft.content;
  if (draft.components !== undefined) message.components = draft.components;
  if (draft.embeds !== undefined) message.embeds = draft.embeds;
  if (draft.attachments !== undefined) message.attachments = storeAttachments(world, draft.attachments);
  if (draft.flags !== undefined)
    message.flags = (message.flags & ~SUPPRESS_EMBEDS) | (draft.flags & (SUPPRESS_EMBEDS | IS_COMPONENTS_V2));
  message.flags &= ~LOADING;
  const { content, components, author } = message;
  message.mentions = parseMentions(
    world,
    channel,
    author,
    content,
    components,
    draft.allowedMentions,
    defaults,
  );
  message.editedMs = world.clock.now();
  remember(message);
  world.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
}

export function deleteMessage(world: World, channel: ChannelRecord, message: MessageRecord): void {
  message.deleted = true;
  world.changed({ kind: 'message', channelId: channel.id, messageId: message.id });
}

function remember(message: MessageRecord): void {
  const { content, components, flags } = message;
  message.history.push({ t_ms: performance.timeOrigin + performance.now(), content, components, flags });
}

function storeAttachments(world: World, list: NonNullable<MessageDraft['attachments']>): AttachmentRecord[] {
  return list.map((item) => {
    const attachment: AttachmentRecord = { ...item, id: item.id === 'new' ? world.mint() : item.id };
    world.attachments.set(attachment.id, attachment);
    return attachment;
  });
}

/** Discord: a reply mentions the author of what it answers, unless `allowed_mentions` is there without `replied_user`. */
function withReplied(
  world: World,
  mentions: Mentions,
  draft: MessageDraft,
  { type, reference }: Birth,
): Mentions {
  const wanted = draft.allowedMentions === undefined || draft.allowedMentions.repliedUser;
  const repliedTo =
    type === 19 && wanted ? world.findMessage(reference?.messageId ?? '')?.message : undefined;
  if (repliedTo === undefined || mentions.users.includes(repliedTo.author.id)) return mentions;
  return { ...mentions, users: [...mentions.users, repliedTo.author.id] };
}
