/** What a person sees: messages as plain data, for tests and for the page. */
import type { ChannelId, MessageId, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { SYSTEM_TYPE } from '../core/threads.ts';
import { walk } from '../validate/components.ts';
import { MESSAGE_FLAG } from '../world/bits.ts';
import type {
  ChannelRecord,
  Component,
  MessageRecord,
  MessageVersion,
  SelectOption,
} from '../world/model.ts';

export interface ShownButton {
  readonly label: string;
  readonly customId: string | undefined;
  readonly url: string | undefined;
  readonly disabled: boolean;
  /** Discord: 1 blurple, 2 grey, 3 green, 4 red, 5 link. */
  readonly style: number;
}

export interface ShownSelect {
  readonly customId: string;
  readonly type: number;
  readonly placeholder: string;
  readonly options: readonly SelectOption[];
  readonly disabled: boolean;
}

export interface ShownAttachment {
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  readonly url: string;
  readonly bytes: Uint8Array;
  text(): string;
}

export interface ShownMessage {
  readonly id: MessageId;
  readonly channelId: ChannelId;
  readonly author: string;
  readonly authorId: UserId;
  readonly fromBot: boolean;
  /** All text: the content, or the text displays of a Components V2 message, line by line. */
  readonly text: string;
  readonly buttons: readonly ShownButton[];
  readonly selects: readonly ShownSelect[];
  readonly components: readonly Component[];
  readonly attachments: readonly ShownAttachment[];
  readonly flags: number;
  readonly v2: boolean;
  /** "Heddle is thinking…" */
  readonly loading: boolean;
  /** A line that Discord itself wrote, for example that somebody was added. */
  readonly system: boolean;
  /** The name of the only one who sees it. */
  readonly onlyFor: string | undefined;
  readonly onlyForId: UserId | undefined;
  /** Whom its creation notified, by name. */
  readonly notified: readonly string[];
  /** Whom its present text mentions, by id; an edit changes this and notifies nobody. */
  readonly mentions: readonly UserId[];
  readonly edited: boolean;
  readonly createdMs: number;
  /** The first version and each edit, with real times. */
  readonly history: readonly MessageVersion[];
  readonly deleted: boolean;
  readonly reactions: readonly string[];
  readonly replyTo: MessageId | undefined;
}

export function shownMessage(core: Core, message: MessageRecord): ShownMessage {
  const { world, wire } = core;
  const components = [...walk(message.components)];
  const nameOf = (id: UserId) => world.users.get(id)?.name ?? id;
  return {
    id: message.id,
    channelId: message.channelId,
    author: message.author.name,
    authorId: message.author.id,
    fromBot: message.author.bot,
    text: textOf(message.content, components, systemText(core, message)),
    buttons: components
      .filter(({ type }) => type === 2)
      .map((button) => ({
        label: button.label ?? button.emoji?.name ?? '',
        customId: button.custom_id,
        url: button.url,
        disabled: button.disabled ?? false,
        style: button.style ?? 2,
      })),
    selects: components
      .filter(({ type, custom_id }) => type >= 3 && type <= 8 && type !== 4 && custom_id !== undefined)
      .map((select) => ({
        customId: select.custom_id ?? '',
        type: select.type,
        placeholder: select.placeholder ?? '',
        options: select.options ?? [],
        disabled: select.disabled ?? false,
      })),
    components: message.components,
    attachments: message.attachments.map((attachment) => ({
      name: attachment.name,
      size: attachment.bytes.byteLength,
      contentType: attachment.contentType,
      url: wire.cdnUrl(attachment, message.channelId),
      bytes: attachment.bytes,
      text: () => Buffer.from(attachment.bytes).toString('utf8'),
    })),
    flags: message.flags,
    v2: (message.flags & MESSAGE_FLAG.IS_COMPONENTS_V2) !== 0,
    loading: (message.flags & MESSAGE_FLAG.LOADING) !== 0,
    system: isSystem(message),
    onlyFor: message.ephemeralFor === undefined ? undefined : nameOf(message.ephemeralFor),
    onlyForId: message.ephemeralFor,
    notified: message.notified.map(nameOf),
    mentions: message.mentions.users,
    edited: message.editedMs !== undefined,
    createdMs: message.createdMs,
    history: message.history,
    deleted: message.deleted,
    reactions: [...message.reactions.keys()],
    replyTo: message.reference?.messageId,
  };
}

const SYSTEM_TYPES: readonly number[] = Object.values(SYSTEM_TYPE);
export const isSystem = (message: MessageRecord): boolean => SYSTEM_TYPES.includes(message.type);

function textOf(content: string, components: readonly Component[], system: string | undefined): string {
  if (system !== undefined) return system;
  const texts = components.filter(({ type }) => type === 10).map((text) => text.content ?? '');
  return [content, ...texts].filter((text) => text !== '').join('\n');
}

function systemText(core: Core, message: MessageRecord): string | undefined {
  const name = message.author.name;
  const mentioned = message.mentions.users.map((id) => core.world.users.get(id)?.name ?? id).join(', ');
  switch (message.type) {
    case SYSTEM_TYPE.recipientAdd:
      return `${name} added ${mentioned} to the thread`;
    case SYSTEM_TYPE.rename:
      return `${name} changed the name: ${message.content}`;
    case SYSTEM_TYPE.threadCreated:
      return `${name} started a thread: ${message.content}`;
    case SYSTEM_TYPE.threadStarter:
      return 'the message above began this thread';
    default:
      return undefined;
  }
}

/** What one person sees in a channel, oldest first; without a person what anybody sees, private answers included. */
export function visibleMessages(core: Core, channel: ChannelRecord, userId?: UserId): ShownMessage[] {
  return [...channel.messages.values()]
    .filter(
      ({ deleted, ephemeralFor }) =>
        !deleted && (userId === undefined || ephemeralFor === undefined || ephemeralFor === userId),
    )
    .map((message) => shownMessage(core, message));
}
