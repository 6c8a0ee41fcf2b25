import { randomBytes } from 'node:crypto';
import type { ChannelId, GuildId, InteractionId, MessageId, UserId } from '../../../protocol/ids.ts';
import { CODE, DiscordError, unknownWebhook } from '../world/errors.ts';
import type { InteractionOrigin } from '../world/model.ts';
import type { World } from '../world/world.ts';

/** Discord: how long an interaction's token is good for (receiving-and-responding). */
const TOKEN_LIFETIME_MS = 15 * 60 * 1000;

export const INTERACTION = { ping: 1, command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

export interface InteractionRecord {
  readonly id: InteractionId;
  readonly token: string;
  readonly type: number;
  readonly userId: UserId;
  readonly channelId: ChannelId;
  readonly guildId: GuildId | undefined;
  readonly createdMs: number;
  /** The message with the component that was used. */
  readonly source: { readonly channelId: ChannelId; readonly messageId: MessageId } | undefined;
  state: 'pending' | 'answered' | 'dead';
  /** The type of the first answer. */
  answerType: number | undefined;
  ephemeral: boolean;
  /** What `@original` names. */
  original: { readonly channelId: ChannelId; readonly messageId: MessageId } | undefined;
  /** A deferred answer that nobody has filled in yet. */
  loading: boolean;
  /** How often `@original` was edited or filled in. */
  edits: number;
  readonly followUps: MessageId[];
}

export class InteractionStore {
  private readonly world: World;
  private readonly byToken = new Map<string, InteractionRecord>();

  constructor(world: World) {
    this.world = world;
  }

  create(
    fields: Pick<InteractionRecord, 'type' | 'userId' | 'channelId' | 'guildId' | 'source'>,
  ): InteractionRecord {
    const id: InteractionId = this.world.mint();
    const record: InteractionRecord = {
      ...fields,
      id,
      token: Buffer.from(`interaction:${id}:${randomBytes(96).toString('base64url')}`).toString('base64url'),
      createdMs: this.world.clock.now(),
      state: 'pending',
      answerType: undefined,
      ephemeral: false,
      original: undefined,
      loading: false,
      edits: 0,
      followUps: [],
    };
    this.byToken.set(record.token, record);
    return record;
  }

  /**
   * The interaction whose webhook this is. Throws 404 10015 before its first answer was seen and after it got none in
   * time, 401 50027 after 15 minutes.
   */
  byWebhook(applicationId: string, ownApplicationId: string, token: string): InteractionRecord {
    const record = this.byToken.get(token);
    if (record === undefined || applicationId !== ownApplicationId) throw unknownWebhook();
    if (this.world.clock.now() - record.createdMs > TOKEN_LIFETIME_MS)
      throw new DiscordError(401, CODE.badWebhookToken, 'Invalid Webhook Token');
    if (record.state !== 'answered') throw unknownWebhook();
    return record;
  }
}

/** How a message tells which interaction it answers. */
export function originOf({ id, type, userId, source }: InteractionRecord): InteractionOrigin {
  return { id, type, userId, sourceId: source?.messageId };
}
