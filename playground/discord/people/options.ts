/** Options of a command as the client sends them, checked against what is registered. */
import type { ChannelId, GuildId, RoleId, Snowflake, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { partialChannel } from '../interactions/payload.ts';
import { OPTION, type OptionDefinition } from '../validate/command-options.ts';
import { PERMISSION } from '../world/bits.ts';
import { type JsonObject, withoutUndefined } from '../world/json.ts';
import type { ChannelRecord } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';
import { NotPossible } from './not-possible.ts';

/** A member, role, channel or thread stands for its id; a file is uploaded. */
export type OptionValue =
  | string
  | number
  | boolean
  | { readonly id: Snowflake }
  | {
      readonly file: {
        readonly name: string;
        readonly data: string | Uint8Array;
        readonly contentType?: string;
      };
    };

interface Checked {
  readonly data: JsonObject;
}

/** Throws NotPossible for what the client would not send. With `focused` it is an autocomplete: options may be missing. */
export function checkOptions(
  core: Core,
  channel: ChannelRecord,
  userId: UserId,
  fullName: string,
  values: Record<string, OptionValue>,
  strict: boolean,
  focused?: string,
): Checked {
  const path = fullName.trim().split(/\s+/);
  const [name = ''] = path;
  const registered = core.commands.visibleIn(channel.guildId);
  const command = registered.find((entry) => entry.type === 1 && entry.name === name);
  if (strict && registered.length > 0) {
    if (command === undefined) throw new NotPossible(`there is no command /${name}`);
    const needed = command.defaultMemberPermissions;
    const has = permissionsIn(core.world, channel, userId);
    const admin = (has & PERMISSION.ADMINISTRATOR) !== 0n;
    if (needed !== undefined && !admin && (needed === 0n || (has & needed) !== needed))
      throw new NotPossible(`/${name} is hidden from who lacks its permissions`);
    const context = channel.guildId === undefined ? 1 : 0;
    if (command.contexts !== undefined && !command.contexts.includes(context))
      throw new NotPossible(`/${name} is not offered here`);
  }
  let definitions = command?.options;
  const wrappers: { type: number; name: string }[] = [];
  for (const part of path.slice(1)) {
    const inner = definitions?.find((option) => option.name === part && option.type <= OPTION.group);
    if (strict && definitions !== undefined && inner === undefined)
      throw new NotPossible(`/${fullName}: there is no "${part}"`);
    wrappers.push({ type: inner?.type ?? OPTION.subcommand, name: part });
    definitions = inner?.options;
  }
  const first = wrappers[0];
  if (command === undefined && wrappers.length === 2 && first !== undefined) first.type = OPTION.group;
  if (strict && definitions?.some((option) => option.type <= OPTION.group))
    throw new NotPossible(`/${fullName} needs a subcommand`);
  if (strict && focused === undefined)
    for (const option of definitions ?? [])
      if (option.required && values[option.name] === undefined)
        throw new NotPossible(`/${fullName}: ${option.name} is required`);

  const resolved = new Map<string, JsonObject>();
  let options: JsonObject[] = Object.entries(values).map(([key, value]) => {
    const definition = definitions?.find((option) => option.name === key);
    if (strict && definitions !== undefined && definition === undefined)
      throw new NotPossible(`/${fullName} has no option "${key}"`);
    const type = definition?.type ?? guessType(value);
    const plain = plainValue(core, channel, type, value, resolved);
    if (strict && definition !== undefined && key !== focused) checkValue(definition, plain, fullName);
    if (key === focused && strict && definition !== undefined && !definition.autocomplete)
      throw new NotPossible(`${key} has no autocomplete`);
    return withoutUndefined({ name: key, type, value: plain, focused: key === focused ? true : undefined });
  });
  for (const wrapper of wrappers.toReversed()) options = [{ ...wrapper, options }];
  return {
    data: withoutUndefined({
      id: command?.id ?? core.world.mint(),
      name,
      type: 1,
      options: options.length === 0 ? undefined : options,
      resolved: resolved.size === 0 ? undefined : Object.fromEntries(resolved),
    }),
  };
}

function guessType(value: OptionValue): number {
  if (typeof value === 'string') return OPTION.string;
  if (typeof value === 'boolean') return OPTION.boolean;
  if (typeof value === 'number') return Number.isInteger(value) ? OPTION.integer : OPTION.number;
  return 'file' in value ? OPTION.attachment : OPTION.user;
}

function plainValue(
  core: Core,
  channel: ChannelRecord,
  type: number,
  value: OptionValue,
  resolved: Map<string, JsonObject>,
): string | number | boolean {
  if (typeof value === 'object' && 'file' in value) {
    const attachment = uploadFile(core, value.file);
    resolved.set('attachments', {
      ...resolved.get('attachments'),
      [attachment.id]: core.wire.attachment(attachment, channel.id),
    });
    return attachment.id;
  }
  const plain = typeof value === 'object' ? value.id : value;
  if (typeof plain !== 'string') return plain;
  const selectType = (
    { [OPTION.user]: 5, [OPTION.role]: 6, [OPTION.mentionable]: 7, [OPTION.channel]: 8 } as Record<
      number,
      number
    >
  )[type];
  if (selectType !== undefined)
    for (const [kind, entries] of Object.entries(resolveEntities(core, channel, selectType, [plain])))
      resolved.set(kind, { ...resolved.get(kind), ...(entries as JsonObject) });
  return plain;
}

/** Keeps a file as Discord keeps one that a person attached. */
export function uploadFile(
  core: Core,
  file: { readonly name: string; readonly data: string | Uint8Array; readonly contentType?: string },
) {
  const attachment = {
    id: core.world.mint(),
    name: file.name,
    bytes: typeof file.data === 'string' ? Buffer.from(file.data) : file.data,
    contentType: file.contentType ?? 'application/octet-stream',
  };
  core.world.attachments.set(attachment.id, attachment);
  return attachment;
}

/** The `resolved` part for chosen people, roles or channels. Select types: 5 user, 6 role, 7 either, 8 channel. */
export function resolveEntities(
  core: Core,
  channel: ChannelRecord,
  selectType: number,
  ids: readonly string[],
): JsonObject {
  const { world, wire } = core;
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId as GuildId);
  const found: Record<string, JsonObject> = {};
  const put = (kind: string, id: string, value: JsonObject) => {
    found[kind] = { ...found[kind], [id]: value };
  };
  for (const id of ids) {
    const user = world.users.get(id as UserId);
    const member = guild?.members.get(id as UserId);
    const role = guild?.roles.get(id as RoleId);
    const target = world.channels.get(id as ChannelId);
    if ((selectType === 5 || selectType === 7) && user !== undefined) {
      put('users', id, wire.user(user));
      if (member !== undefined) {
        const { user: _, deaf: __, mute: ___, ...rest } = wire.member(member);
        put('members', id, { ...rest, permissions: String(permissionsIn(world, channel, member.user.id)) });
      }
    } else if ((selectType === 6 || selectType === 7) && role !== undefined)
      put('roles', id, wire.role(role));
    else if (selectType === 8 && target !== undefined)
      put('channels', id, {
        ...partialChannel(core, target, world.bot.id),
        app_permissions: String(permissionsIn(world, target, world.bot.id)),
      });
    else throw new NotPossible(`${id} cannot be chosen here`);
  }
  return found;
}

/** Discord's client checks types, choices and bounds; not so for an option with autocomplete. */
function checkValue(option: OptionDefinition, value: string | number | boolean, fullName: string): void {
  const fail = (why: string): never => {
    throw new NotPossible(`/${fullName}: ${option.name} ${why}`);
  };
  const wantsNumber = option.type === OPTION.integer || option.type === OPTION.number;
  if (wantsNumber !== (typeof value === 'number')) fail('has the wrong type');
  if (option.type === OPTION.integer && !Number.isInteger(value)) fail('is no integer');
  if ((option.type === OPTION.boolean) !== (typeof value === 'boolean')) fail('has the wrong type');
  if (option.choices.length > 0 && !option.choices.some((choice) => choice.value === value))
    fail('is none of its choices');
  if (typeof value === 'number' && (value < (option.min ?? -Infinity) || value > (option.max ?? Infinity)))
    fail('is out of bounds');
  if (typeof value === 'string' && option.type === OPTION.string) {
    if (value.length < (option.minLength ?? 0)) fail('is too short');
    if (value.length > (option.maxLength ?? 6000)) fail('is too long');
    if (value === '' && option.required) fail('is required');
  }
}
