/** The body of an interaction, as Discord sends it. */
import type {
  APIChatInputApplicationCommandDMInteraction,
  APIChatInputApplicationCommandGuildInteraction,
  APIMessageComponentGuildInteraction,
} from 'discord-api-types/v10';
import type { UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import type { InteractionRecord } from '../core/interaction-store.ts';
import { type JsonObject, withoutUndefined } from '../world/json.ts';
import type { ChannelRecord } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';

/** The keys are Discord's: a misspelt one does not compile. The values come from the emulator's own records. */
type Known =
  | keyof APIChatInputApplicationCommandGuildInteraction
  | keyof APIChatInputApplicationCommandDMInteraction
  | keyof APIMessageComponentGuildInteraction
  // Sent by Discord, and not in its documentation.
  | 'entitlement_sku_ids';

/** Discord: bytes of one file that an answer may carry here; higher in boosted guilds. */
const ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024;

export interface PayloadOptions {
  /** Discord guarantees only id and type of `channel`: without its parent when this is set. */
  readonly bareChannel?: boolean;
}

export function interactionPayload(
  core: Core,
  record: InteractionRecord,
  data: JsonObject,
  options: PayloadOptions = {},
): JsonObject {
  const { world, wire } = core;
  const channel = world.channel(record.channelId);
  const guild = record.guildId === undefined ? undefined : world.guilds.get(record.guildId);
  const member = guild?.members.get(record.userId);
  const user = world.users.get(record.userId);
  const source =
    record.source === undefined
      ? undefined
      : world.channel(record.source.channelId).messages.get(record.source.messageId);
  return withoutUndefined({
    version: 1,
    id: record.id,
    application_id: core.applicationId,
    type: record.type,
    token: record.token,
    guild_id: guild?.id,
    guild: guild === undefined ? undefined : { id: guild.id, locale: 'en-US', features: [] },
    guild_locale: guild === undefined ? undefined : 'en-US',
    locale: 'en-US',
    channel_id: channel.id,
    channel:
      options.bareChannel === true
        ? { id: channel.id, type: channel.type }
        : partialChannel(core, channel, record.userId),
    member:
      member === undefined
        ? undefined
        : { ...wire.member(member), permissions: String(permissionsIn(world, channel, record.userId)) },
    user: member === undefined && user !== undefined ? wire.user(user) : undefined,
    app_permissions: String(permissionsIn(world, channel, world.bot.id)),
    context: guild === undefined ? 1 : 0,
    authorizing_integration_owners: { '0': guild?.id ?? '0' },
    attachment_size_limit: ATTACHMENT_SIZE_LIMIT,
    entitlements: [],
    entitlement_sku_ids: [],
    data,
    message: source === undefined ? undefined : wire.message(source, true),
  } satisfies Partial<Record<Known, unknown>>);
}

/** A channel inside a payload: without its overwrites, with what the person may do in it. */
export function partialChannel(core: Core, channel: ChannelRecord, userId: UserId): JsonObject {
  const { permission_overwrites: _, ...rest } = core.wire.channel(channel);
  return { ...rest, permissions: String(permissionsIn(core.world, channel, userId)) };
}
