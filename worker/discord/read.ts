/** Reads the few fields that Heddle uses out of Discord's answers. Total: `undefined` is an answer that is not what it should be. */
import type { MessageId, UserId } from '../../protocol/ids.ts';
import type { RestChannel, RestMessage } from './rest-types.ts';

type Fields = Readonly<Record<string, unknown>>;

export function readMessage(body: unknown): RestMessage | undefined {
  const fields = object(body);
  if (fields === undefined || typeof fields.id !== 'string') return undefined;
  const nonce = fields.nonce;
  const author = object(fields.author)?.id;
  return {
    id: fields.id as MessageId,
    author: typeof author === 'string' ? (author as UserId) : null,
    // Discord: a nonce is a string or an integer.
    nonce: typeof nonce === 'string' || typeof nonce === 'number' ? String(nonce) : null,
    type: typeof fields.type === 'number' ? fields.type : 0,
    content: string(fields.content) ?? '',
    files: Array.isArray(fields.attachments) ? fields.attachments.length : 0,
  };
}

/** Oldest first; Discord lists the newest first. */
export function readMessages(body: unknown): readonly RestMessage[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const messages = body.map(readMessage).filter((message) => message !== undefined);
  return messages.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

export function readChannel(body: unknown): RestChannel | undefined {
  const fields = object(body);
  if (fields === undefined || typeof fields.id !== 'string') return undefined;
  const thread = object(fields.thread_metadata);
  return {
    id: fields.id,
    type: typeof fields.type === 'number' ? fields.type : -1,
    parent: string(fields.parent_id) ?? null,
    name: string(fields.name) ?? null,
    archived: thread?.archived === true,
    locked: thread?.locked === true,
  };
}

function object(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
