/** Messages that people write in a thread, as far as Heddle reads them. */
import type { MessageId, RoleId, UserId } from '../../protocol/ids.ts';

export interface SaidMessage {
  readonly id: MessageId;
  readonly author: UserId | null;
  /** What the server shows is not in a message: the account's own name. Untrusted text. */
  readonly name: string;
  /** A bot or a webhook. */
  readonly bot: boolean;
  /** Discord's message type. */
  readonly type: number;
  /** Empty when Discord does not let Heddle read it, as the files are. */
  readonly content: string;
  readonly attachments: readonly SaidFile[];
}

/** What Discord says of an attachment. */
export interface SaidFile {
  readonly filename: string;
  readonly size: number;
  readonly url: string;
  readonly content_type: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Oldest first; Discord lists the newest first. Undefined: not what Discord should answer. */
export function readSaid(body: unknown): readonly SaidMessage[] | undefined {
  if (!Array.isArray(body)) return undefined;
  return body
    .map(readOne)
    .filter((message) => message !== undefined)
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

function readOne(body: unknown): SaidMessage | undefined {
  const message = fields(body);
  const author = fields(message?.author);
  if (message === undefined || typeof message.id !== 'string' || !/^\d{1,20}$/.test(message.id))
    return undefined;
  return {
    id: message.id as MessageId,
    author: typeof author?.id === 'string' ? (author.id as UserId) : null,
    name: text(author?.global_name) ?? text(author?.username) ?? 'someone',
    bot: author?.bot === true || message.webhook_id != null,
    type: typeof message.type === 'number' ? message.type : 0,
    content: text(message.content) ?? '',
    attachments: Array.isArray(message.attachments)
      ? message.attachments.map(readFile).filter((file) => file !== undefined)
      : [],
  };
}

function readFile(body: unknown): SaidFile | undefined {
  const file = fields(body);
  const [filename, url] = [text(file?.filename), text(file?.url)];
  if (file === undefined || filename === undefined || url === undefined || typeof file.size !== 'number')
    return undefined;
  return { filename, url, size: file.size, content_type: text(file.content_type) ?? null };
}

/** The roles of a guild member. */
export function readRoles(body: unknown): readonly RoleId[] | undefined {
  const roles = fields(body)?.roles;
  if (!Array.isArray(roles)) return undefined;
  return roles.filter((role): role is RoleId => typeof role === 'string');
}

function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
