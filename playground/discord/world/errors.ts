/** Discord: JSON error codes (topics/opcodes-and-status-codes) that the emulator answers with. */
export const CODE = {
  general: 0,
  unknownChannel: 10003,
  unknownGuild: 10004,
  unknownMember: 10007,
  unknownMessage: 10008,
  unknownUser: 10013,
  unknownEmoji: 10014,
  unknownWebhook: 10015,
  unknownInteraction: 10062,
  editsOfOldMessages: 30046,
  threadMembers: 30033,
  commandCreates: 30034,
  unauthorized: 40001,
  tooLarge: 40005,
  forumMessage: 40058,
  alreadyAcknowledged: 40060,
  tagRequired: 40067,
  cloudflare: 40333,
  missingAccess: 50001,
  notYourMessage: 50005,
  emptyMessage: 50006,
  nonTextChannel: 50008,
  missingPermissions: 50013,
  badWebhookToken: 50027,
  wrongChannelType: 50024,
  formBody: 50035,
  fileTooLarge: 50045,
  threadArchived: 50083,
  badJson: 50109,
  replyWithoutHistory: 160002,
  threadExists: 160004,
  threadLocked: 160005,
  maxActiveThreads: 160006,
} as const;

/** An answer of Discord's that is not a success. */
export class DiscordError extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: unknown;
  constructor(status: number, code: number, message: string, errors?: unknown) {
    super(message);
    this.name = 'DiscordError';
    this.status = status;
    this.code = code;
    this.errors = errors;
  }

  /** What the emulator answers; the words are Discord's. */
  body(): { message: string; code: number; errors?: unknown } {
    return {
      message: this.message,
      code: this.code,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}

/** Something that Discord has and this emulator has not: answered 501, and always a violation. */
export class NotEmulated extends DiscordError {
  constructor(what: string) {
    super(501, CODE.general, `The emulator does not have ${what}`);
    this.name = 'NotEmulated';
  }
}

/** A 429 that comes from the route itself, not from the bucket that the headers show. */
export class RateLimited extends DiscordError {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number, code: number, message: string) {
    super(429, code, message);
    this.retryAfterMs = retryAfterMs;
  }
}

export const unknownChannel = () => new DiscordError(404, CODE.unknownChannel, 'Unknown Channel');
export const unknownMessage = () => new DiscordError(404, CODE.unknownMessage, 'Unknown Message');
export const unknownWebhook = () => new DiscordError(404, CODE.unknownWebhook, 'Unknown Webhook');
export const missingAccess = () => new DiscordError(403, CODE.missingAccess, 'Missing Access');
export const missingPermissions = () => new DiscordError(403, CODE.missingPermissions, 'Missing Permissions');
export const wrongChannelType = () =>
  new DiscordError(400, CODE.wrongChannelType, 'Cannot execute action on this channel type');
export const threadArchived = () => new DiscordError(400, CODE.threadArchived, 'Thread is archived');
export const threadLocked = () => new DiscordError(400, CODE.threadLocked, 'Thread is locked');

/**
 * Whether a refusal is the program's own fault. Not so are those that a correct program can meet because the world
 * changed under it: a message deleted, a thread archived or locked, a permission taken away, a token expired.
 */
export function isViolation(error: DiscordError): boolean {
  const worldChanged: readonly number[] = [
    CODE.threadArchived,
    CODE.threadLocked,
    CODE.threadExists,
    CODE.maxActiveThreads,
    CODE.badWebhookToken,
    CODE.editsOfOldMessages,
    CODE.threadMembers,
    CODE.replyWithoutHistory,
    CODE.missingAccess,
    CODE.missingPermissions,
  ];
  if (error.status === 404 || error.status === 429) return false;
  return !worldChanged.includes(error.code);
}
