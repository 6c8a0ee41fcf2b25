/**
 * An interaction as Discord sends it, as far as Heddle reads it. Discord's signature says that it is Discord's; the check
 * here says that it has what the code relies on. Discord: "Interaction Object".
 */
import * as v from 'valibot';
import type { ChannelId, GuildId, RoleId, UserId } from '../../protocol/ids.ts';
import type { Member } from '../domain/access.ts';
import type { Place } from '../domain/contract.ts';

const snowflake = v.pipe(v.string(), v.regex(/^\d{1,20}$/));
const bits = v.pipe(v.string(), v.regex(/^\d{1,40}$/));

/** Discord's interaction types. */
export const InteractionType = {
  ping: 1,
  command: 2,
  component: 3,
  autocomplete: 4,
  modalSubmit: 5,
} as const;

const LeafOption = v.object({
  name: v.string(),
  type: v.number(),
  value: v.optional(v.union([v.string(), v.number(), v.boolean()])),
  focused: v.optional(v.boolean()),
});

/** Options nest one deep at most in Heddle's commands: a subcommand and its own. */
const CommandOption = v.object({ ...LeafOption.entries, options: v.optional(v.array(LeafOption)) });
export type CommandOption = v.InferOutput<typeof CommandOption>;

const Attachment = v.object({
  id: snowflake,
  filename: v.string(),
  size: v.number(),
  url: v.string(),
  content_type: v.nullish(v.string()),
});
export type Attachment = v.InferOutput<typeof Attachment>;

/** Discord: has its text also where the bot may not read messages. */
const TargetMessage = v.object({
  id: snowflake,
  content: v.optional(v.string(), ''),
  author: v.object({
    id: snowflake,
    username: v.string(),
    global_name: v.nullish(v.string()),
    bot: v.optional(v.boolean()),
  }),
  attachments: v.optional(v.array(Attachment), []),
  /** What a forwarded message shows. */
  message_snapshots: v.optional(v.array(v.unknown())),
});
export type TargetMessage = v.InferOutput<typeof TargetMessage>;

const Resolved = v.object({
  attachments: v.optional(v.record(v.string(), Attachment)),
  messages: v.optional(v.record(v.string(), TargetMessage)),
});

const CommandData = v.object({
  /** 1: a slash command; 3: an entry of the message menu. */
  type: v.optional(v.number()),
  name: v.string(),
  options: v.optional(v.array(CommandOption), []),
  /** What options and the menu are about; unreadable is as none. */
  resolved: v.optional(v.fallback(Resolved, {}), {}),
  target_id: v.optional(snowflake),
});
export type CommandData = v.InferOutput<typeof CommandData>;

const ComponentData = v.object({
  custom_id: v.string(),
  component_type: v.number(),
  /** What was chosen in a menu. */
  values: v.optional(v.array(v.string())),
});

const Control = v.object({
  custom_id: v.string(),
  value: v.optional(v.string()),
  values: v.optional(v.array(v.string())),
});
/** A label with its one control; anything else in a form carries nothing. */
const FormPart = v.object({ component: v.optional(Control) });
const FormData = v.object({ custom_id: v.string(), components: v.array(FormPart) });
export type FormData = v.InferOutput<typeof FormData>;

const Common = {
  id: snowflake,
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(1000)),
  guild_id: v.optional(snowflake),
  channel: v.optional(v.object({ id: snowflake, type: v.number(), parent_id: v.nullish(snowflake) })),
  member: v.optional(
    v.object({
      user: v.object({ id: snowflake, username: v.string(), global_name: v.nullish(v.string()) }),
      nick: v.nullish(v.string()),
      roles: v.array(snowflake),
      permissions: bits,
    }),
  ),
  app_permissions: v.optional(bits),
  /** 0: in a server. */
  context: v.optional(v.number()),
  /** By kind of installation; "0" is the server that has Heddle installed. */
  authorizing_integration_owners: v.optional(v.record(v.string(), v.string()), {}),
};

export const Payload = v.variant('type', [
  v.object({ type: v.literal(InteractionType.ping) }),
  v.object({ ...Common, type: v.literal(InteractionType.command), data: CommandData }),
  v.object({ ...Common, type: v.literal(InteractionType.autocomplete), data: CommandData }),
  v.object({
    ...Common,
    type: v.literal(InteractionType.component),
    data: ComponentData,
    message: v.object({ id: snowflake }),
  }),
  v.object({
    ...Common,
    type: v.literal(InteractionType.modalSubmit),
    data: FormData,
    /** The message whose button opened the form; none for a command. */
    message: v.optional(v.object({ id: snowflake })),
  }),
]);
export type Payload = v.InferOutput<typeof Payload>;
export type PayloadOf<T extends Payload['type']> = Extract<Payload, { type: T }>;
export type Interaction = Exclude<Payload, { type: 1 }>;

/** What was filled in, by the field's id. */
export function fieldsOf({ components }: FormData): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = Object.create(null);
  for (const { component } of components) {
    if (component === undefined) continue;
    found[component.custom_id] = component.values ?? [component.value ?? ''];
  }
  return { ...found };
}

/** Null: not an interaction that Heddle can read. */
export function parsePayload(body: unknown): Payload | null {
  const result = v.safeParse(Payload, body);
  return result.success ? result.output : null;
}

/** Discord's context of an interaction in a server. */
const CONTEXT_GUILD = 0;
/** Discord's key of "installed to a server" in `authorizing_integration_owners`. */
const OWNER_GUILD = '0';

export type Where =
  | { readonly ok: true; readonly member: Member; readonly place: Place }
  | { readonly ok: false; readonly words: string };

/** Who acted and where, as the signed payload says and nothing else. */
export function whereIs(interaction: Interaction): Where {
  const { guild_id: guild, channel, member, app_permissions: appPermissions } = interaction;
  if (guild === undefined || member === undefined || interaction.context !== CONTEXT_GUILD) {
    return { ok: false, words: 'Heddle works in a server only, not in direct messages.' };
  }
  if (interaction.authorizing_integration_owners[OWNER_GUILD] !== guild) {
    return { ok: false, words: 'Heddle is not installed in this server. Someone who manages it can add it.' };
  }
  if (channel === undefined || appPermissions === undefined) {
    return {
      ok: false,
      words: 'Discord did not say in which channel this is, so nothing was done. Try again.',
    };
  }
  return {
    ok: true,
    member: {
      id: member.user.id as UserId,
      name: member.nick ?? member.user.global_name ?? member.user.username,
      roles: member.roles.map((role) => role as RoleId),
      permissions: member.permissions,
    },
    place: {
      guild: guild as GuildId,
      channel: channel.id as ChannelId,
      channelType: channel.type,
      parent: (channel.parent_id ?? null) as ChannelId | null,
      appPermissions,
    },
  };
}
