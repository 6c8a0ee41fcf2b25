import type { Snowflake } from '../../../protocol/ids.ts';
import { MESSAGE_FLAG } from '../world/bits.ts';
import { CODE, DiscordError, NotEmulated } from '../world/errors.ts';
import { isObject, type JsonObject } from '../world/json.ts';
import type { AttachmentRecord, Component, MessageRecord } from '../world/model.ts';
import { isSnowflake } from '../world/snowflake.ts';
import { type AllowedMentions, checkAllowedMentions } from './allowed-mentions.ts';
import { checkMessageComponents } from './components.ts';
import { checkEmbeds } from './embeds.ts';
import { at, Problems } from './problems.ts';

/** Discord: characters of a message's text (resources/message). The stricter way to count: UTF-16 units. */
const CONTENT_CHARS = 2000;
/** Discord: `nonce` of Create Message. */
const NONCE_CHARS = 25;
/** Discord: files of one message, and bytes of one for an app without a higher limit. */
export const MAX_FILES = 10;
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** A part `files[n]` of a multipart request. */
export interface UploadedFile {
  readonly index: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** Which of Discord's several message bodies is checked: they differ in the fields and flags that they take. */
export type MessagePurpose = 'create' | 'edit' | 'answer' | 'update' | 'followUp' | 'original';

/** A checked body. What is `undefined` was not sent; an edit leaves it as it is. */
export interface MessageDraft {
  readonly content: string | undefined;
  readonly components: readonly Component[] | undefined;
  readonly embeds: readonly unknown[] | undefined;
  readonly flags: number | undefined;
  /** All attachments that the message has afterwards; a new one has the id `new`. */
  readonly attachments:
    | readonly (Omit<AttachmentRecord, 'id'> & { readonly id: Snowflake | 'new' })[]
    | undefined;
  readonly allowedMentions: AllowedMentions | undefined;
  readonly nonce: string | number | undefined;
  readonly enforceNonce: boolean;
  readonly reference: { readonly messageId: Snowflake; readonly failIfNotExists: boolean } | undefined;
}

const COMMON = ['content', 'embeds', 'allowed_mentions', 'components', 'attachments', 'flags'];
const FIELDS: Record<MessagePurpose, readonly string[]> = {
  create: [...COMMON, 'nonce', 'enforce_nonce', 'message_reference', 'tts'],
  edit: COMMON,
  answer: [...COMMON, 'tts'],
  update: COMMON,
  followUp: [...COMMON, 'tts'],
  original: COMMON,
};

const { SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2 } = MESSAGE_FLAG;
const CREATE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2;
const FLAGS: Record<MessagePurpose, number> = {
  create: CREATE_FLAGS,
  answer: CREATE_FLAGS | EPHEMERAL,
  followUp: CREATE_FLAGS | EPHEMERAL,
  edit: SUPPRESS_EMBEDS | IS_COMPONENTS_V2,
  update: SUPPRESS_EMBEDS | IS_COMPONENTS_V2,
  original: SUPPRESS_EMBEDS | IS_COMPONENTS_V2,
};

/**
 * Checks a message body as Discord does. `existing` is the message that an edit changes.
 * Throws DiscordError 400 (50035 with the paths, 50006 when nothing would be left to see) or 500 (byte cap).
 */
export function checkMessage(
  body: JsonObject,
  purpose: MessagePurpose,
  files: readonly UploadedFile[] = [],
  existing?: MessageRecord,
): MessageDraft {
  const problems = new Problems();
  for (const key of Object.keys(body))
    if (!FIELDS[purpose].includes(key)) throw new NotEmulated(`the field "${key}" of a message (${purpose})`);
  if (body.tts === true) throw new NotEmulated('text to speech');

  const flags = checkFlags(body, purpose, existing, problems);
  const v2 = ((flags ?? 0) & IS_COMPONENTS_V2) !== 0 || ((existing?.flags ?? 0) & IS_COMPONENTS_V2) !== 0;
  const content = checkContent(body, problems);
  const embeds = checkEmbeds(body, problems);
  const attachments = checkAttachments(body, files, existing, problems);
  const names = new Set((attachments ?? existing?.attachments ?? []).map((attachment) => attachment.name));
  const rawComponents = problems.array(body, 'components', '', Number.MAX_SAFE_INTEGER);
  const components =
    rawComponents === undefined
      ? body.components === null
        ? []
        : undefined
      : checkMessageComponents(rawComponents, v2, names, problems);
  if (v2) checkNoLegacy(content, embeds, existing, problems);
  const allowedMentions = checkAllowedMentions(body, problems);
  const nonce = checkNonce(body, problems);
  const enforceNonce = problems.boolean(body, 'enforce_nonce', '') ?? false;
  const reference = checkReference(body, problems);
  problems.throwIfAny();

  const visible =
    (content ?? existing?.content ?? '') !== '' ||
    (embeds ?? existing?.embeds ?? []).length > 0 ||
    (attachments ?? existing?.attachments ?? []).length > 0 ||
    (components ?? existing?.components ?? []).length > 0;
  if (!visible) throw new DiscordError(400, CODE.emptyMessage, 'Cannot send an empty message');
  return { content, components, embeds, flags, attachments, allowedMentions, nonce, enforceNonce, reference };
}

/** Discord trims a message's text. */
function checkContent(body: JsonObject, problems: Problems): string | undefined {
  if (body.content === null) return '';
  return problems.text(body, 'content', '', 0, CONTENT_CHARS)?.trim();
}

function checkFlags(
  body: JsonObject,
  purpose: MessagePurpose,
  existing: MessageRecord | undefined,
  problems: Problems,
): number | undefined {
  const flags = problems.integer(body, 'flags', '', 0, 2 ** 31 - 1);
  if (flags === undefined) return undefined;
  // Discord: an edit should repeat the bits that the message has already.
  const refused = flags & ~(FLAGS[purpose] | (existing?.flags ?? 0));
  if (refused !== 0)
    problems.add('flags', 'MESSAGE_FLAGS_NOT_SETTABLE', `Flags ${refused} cannot be set here (${purpose}).`);
  return flags;
}

/** Discord: a Components V2 message has no content and no embeds; it can never lose the flag. */
function checkNoLegacy(
  content: string | undefined,
  embeds: readonly unknown[] | undefined,
  existing: MessageRecord | undefined,
  problems: Problems,
): void {
  const code = 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2';
  const words = 'The field cannot be used with MessageFlags.IS_COMPONENTS_V2';
  if ((content ?? existing?.content ?? '') !== '') problems.add('content', code, words);
  if ((embeds ?? existing?.embeds ?? []).length > 0) problems.add('embeds', code, words);
}

function checkNonce(body: JsonObject, problems: Problems): string | number | undefined {
  const nonce = body.nonce;
  if (nonce === undefined || nonce === null) return undefined;
  if (typeof nonce === 'number' && Number.isInteger(nonce)) return nonce;
  if (typeof nonce === 'string' && nonce.length <= NONCE_CHARS) return nonce;
  problems.add('nonce', 'BASE_TYPE_MAX_LENGTH', `Must be ${NONCE_CHARS} or fewer in length.`);
  return undefined;
}

function checkReference(body: JsonObject, problems: Problems): MessageDraft['reference'] {
  const raw = body.message_reference;
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) {
    problems.add('message_reference', 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType');
    return undefined;
  }
  if (raw.type !== undefined && raw.type !== 0) throw new NotEmulated('forwarding');
  const messageId = problems.snowflake(raw.message_id, 'message_reference.message_id');
  return messageId === undefined
    ? undefined
    : { messageId, failIfNotExists: raw.fail_if_not_exists !== false };
}

/** Discord: `attachments` names files by their `n`, and in an edit lists what is kept; without it all stays. */
function checkAttachments(
  body: JsonObject,
  files: readonly UploadedFile[],
  existing: MessageRecord | undefined,
  problems: Problems,
): MessageDraft['attachments'] {
  const listed = problems.array(body, 'attachments', '', MAX_FILES);
  if (files.length > MAX_FILES)
    problems.add('files', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_FILES} or fewer in length.`);
  for (const file of files)
    if (file.bytes.byteLength > MAX_FILE_BYTES)
      throw new DiscordError(400, CODE.fileTooLarge, 'File uploaded exceeds the maximum size');
  const fresh = (file: UploadedFile, name = file.name, description?: string) => ({
    id: 'new' as const,
    name,
    bytes: file.bytes,
    contentType: file.contentType,
    ...(description === undefined ? {} : { description }),
  });
  if (listed === undefined) {
    const kept = body.attachments === null ? [] : (existing?.attachments ?? []);
    if (files.length === 0 && body.attachments !== null) return undefined;
    return [...kept, ...files.map((file) => fresh(file))];
  }
  const used = new Set<number>();
  const all = listed.flatMap((item, index) => {
    const path = at('attachments', index);
    const id = isObject(item) ? String(item.id) : '';
    const old = existing?.attachments.find((attachment) => attachment.id === id);
    if (old !== undefined) return [old];
    const file = isSnowflake(id) ? undefined : files.find((candidate) => String(candidate.index) === id);
    if (file === undefined || !isObject(item)) {
      problems.add(
        at(path, 'id'),
        'ATTACHMENT_NOT_FOUND',
        `Attachment data for attachment with id ${id} was not found.`,
      );
      return [];
    }
    used.add(file.index);
    const name = problems.text(item, 'filename', path, 1, 1024);
    return [fresh(file, name ?? file.name, problems.text(item, 'description', path, 0, 1024))];
  });
  for (const file of files)
    if (!used.has(file.index))
      problems.add('attachments', 'ATTACHMENT_NOT_LISTED', `files[${file.index}] is not in attachments.`);
  return all;
}
