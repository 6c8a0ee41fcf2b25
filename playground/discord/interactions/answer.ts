/** Takes the answer to an interaction as Discord does: checks it, and makes it visible. */

import type { Core } from '../core/core.ts';
import { INTERACTION, type InteractionRecord, originOf } from '../core/interaction-store.ts';
import { createMessage, editMessage } from '../core/messages.ts';
import { EMPTY_DRAFT } from '../core/threads.ts';
import { checkChoices } from '../validate/choices.ts';
import { checkMessage } from '../validate/message.ts';
import { checkModal } from '../validate/modal.ts';
import { refuse } from '../validate/problems.ts';
import { MESSAGE_FLAG } from '../world/bits.ts';
import { CODE, DiscordError, NotEmulated, threadArchived } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import type { ModalForm } from '../world/modal-form.ts';
import type { MessageRecord } from '../world/model.ts';

export const ANSWER = {
  pong: 1,
  message: 4,
  deferred: 5,
  deferredUpdate: 6,
  update: 7,
  choices: 8,
  modal: 9,
} as const;

export type Applied =
  | { readonly kind: 'message' | 'update'; readonly message: MessageRecord }
  | { readonly kind: 'deferred'; readonly message: MessageRecord | undefined }
  | { readonly kind: 'modal'; readonly modal: ModalForm }
  | { readonly kind: 'choices'; readonly choices: readonly { name: string; value: string | number }[] };

const ALLOWED: Record<number, readonly number[]> = {
  [INTERACTION.command]: [ANSWER.message, ANSWER.deferred, ANSWER.modal],
  [INTERACTION.component]: [
    ANSWER.message,
    ANSWER.deferred,
    ANSWER.deferredUpdate,
    ANSWER.update,
    ANSWER.modal,
  ],
  [INTERACTION.autocomplete]: [ANSWER.choices],
  [INTERACTION.modal]: [ANSWER.message, ANSWER.deferred, ANSWER.deferredUpdate, ANSWER.update],
};

/** Throws DiscordError for an answer that Discord would refuse; the interaction has then failed. */
export function applyAnswer(core: Core, record: InteractionRecord, body: unknown): Applied {
  if (!isObject(body)) refuse('', 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
  const type = body.type;
  if (typeof type !== 'number' || ALLOWED[record.type]?.includes(type) !== true)
    refuse('type', 'BASE_TYPE_CHOICES', `Value must be one of (${ALLOWED[record.type]?.join(', ')}).`);
  if ((type === ANSWER.update || type === ANSWER.deferredUpdate) && record.source === undefined)
    refuse('type', 'INTERACTION_HAS_NO_MESSAGE', 'This interaction has no message to update');
  const data = body.data ?? {};
  if (!isObject(data)) refuse('data', 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
  const applied = apply(core, record, type, data);
  record.state = 'answered';
  record.answerType = type;
  return applied;
}

function apply(core: Core, record: InteractionRecord, type: number, data: JsonObject): Applied {
  switch (type) {
    case ANSWER.message: {
      const draft = checkMessage(data, 'answer');
      return {
        kind: 'message',
        message: birth(core, record, draft, (draft.flags ?? 0) & MESSAGE_FLAG.EPHEMERAL, 0),
      };
    }
    case ANSWER.deferred: {
      const flags = deferredFlags(data);
      record.loading = true;
      return {
        kind: 'deferred',
        message: birth(core, record, EMPTY_DRAFT, flags, MESSAGE_FLAG.LOADING | flags),
      };
    }
    case ANSWER.deferredUpdate:
      record.original = record.source;
      return { kind: 'deferred', message: undefined };
    case ANSWER.update:
      return { kind: 'update', message: updateSource(core, record, data) };
    case ANSWER.choices:
      return { kind: 'choices', choices: checkChoices(data) };
    case ANSWER.modal:
      return { kind: 'modal', modal: checkModal(data) };
    default:
      throw new NotEmulated(`answer type ${type}`);
  }
}

/** Discord: a deferred answer takes no flag but EPHEMERAL. */
function deferredFlags(data: JsonObject): number {
  const flags = data.flags ?? 0;
  const others = Object.keys(data).filter((key) => key !== 'flags');
  if (others.length > 0) refuse(`data.${others[0]}`, 'DEFERRED_DATA', 'A deferred answer has flags only');
  if (flags !== 0 && flags !== MESSAGE_FLAG.EPHEMERAL)
    refuse('data.flags', 'DEFERRED_FLAGS', 'A deferred answer can set EPHEMERAL only');
  return flags;
}

function birth(
  core: Core,
  record: InteractionRecord,
  draft: ReturnType<typeof checkMessage>,
  ephemeral: number,
  flags: number,
): MessageRecord {
  const { world } = core;
  const channel = world.channel(record.channelId);
  if (channel.thread?.archived === true && channel.thread.locked) throw threadArchived();
  record.ephemeral = ephemeral !== 0;
  const message = createMessage(world, channel, draft, {
    author: world.bot,
    type: record.type === INTERACTION.command ? 20 : 0,
    ephemeralFor: record.ephemeral ? record.userId : undefined,
    interaction: originOf(record),
    mentionDefaults: 'interaction',
    flags,
  });
  record.original = { channelId: channel.id, messageId: message.id };
  return message;
}

function updateSource(core: Core, record: InteractionRecord, data: JsonObject): MessageRecord {
  const { world } = core;
  const { source } = record;
  const channel = source === undefined ? undefined : world.channel(source.channelId);
  const message = source === undefined ? undefined : channel?.messages.get(source.messageId);
  if (channel === undefined || message === undefined || message.deleted)
    throw new DiscordError(404, CODE.unknownMessage, 'Unknown Message');
  const draft = checkMessage(data, 'update', [], message);
  if (channel.thread?.archived === true) throw threadArchived();
  record.original = source;
  editMessage(world, channel, message, draft, 'interaction');
  return message;
}
