/** Guilds and their members as tests and the page hold them. */
import type { ChannelId, GuildId, RoleId, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { emptyChannel } from '../core/threads.ts';
import {
  CHANNEL_TYPE,
  type ChannelKind,
  type Permissions,
  permissionBits,
  REQUIRE_TAG_FLAG,
} from '../world/bits.ts';
import type { GuildRecord } from '../world/model.ts';
import { Channel } from './channel-handle.ts';
export interface Member {
  readonly id: UserId;
  readonly name: string;
}

export interface Role {
  readonly id: RoleId;
  readonly name: string;
}

export interface NewChannel {
  readonly name: string;
  readonly type?: Exclude<ChannelKind, 'announcementThread' | 'publicThread' | 'privateThread' | 'dm'>;
  /** Exactly what the bot may do here, instead of what its role gives. */
  readonly botPermissions?: Permissions;
  /** Forums: names of the tags, and whether a post needs one. */
  readonly tags?: readonly string[];
  readonly requireTag?: boolean;
}

export class Guild {
  readonly id: GuildId;
  private readonly core: Core;
  constructor(core: Core, id: GuildId) {
    this.core = core;
    this.id = id;
  }

  get record(): GuildRecord {
    const found = this.core.world.guilds.get(this.id);
    if (found === undefined) throw new Error(`no guild ${this.id}`);
    return found;
  }
  get name(): string {
    return this.record.name;
  }
  /** People, without the bot and the owner that every guild begins with. */
  get members(): Member[] {
    return [...this.record.members.values()]
      .filter(({ user }) => !user.bot && user.id !== this.record.ownerId)
      .map(({ user }) => ({ id: user.id, name: user.name }));
  }
  get owner(): Member {
    const { ownerId } = this.record;
    return { id: ownerId, name: this.core.world.users.get(ownerId)?.name ?? 'owner' };
  }
  /** Channels that are no threads. */
  get channels(): Channel[] {
    return [...this.core.world.channels.values()]
      .filter((channel) => channel.guildId === this.id && channel.thread === undefined && !channel.deleted)
      .map((channel) => new Channel(this.core, channel.id));
  }

  /** A person joins. `user` brings somebody who is in another guild already; `permissions` are added to the roles'. */
  addMember(fields: {
    readonly name?: string;
    readonly user?: { readonly id: UserId };
    readonly roles?: readonly { readonly id: RoleId }[];
    readonly permissions?: Permissions;
  }): Member {
    const { world } = this.core;
    const known = fields.user === undefined ? undefined : world.users.get(fields.user.id);
    const user = known ?? { id: world.mint<UserId>(), name: fields.name ?? 'someone', bot: false };
    const roles = (fields.roles ?? []).map(({ id }) => id);
    world.addMember(this.record, user, roles, permissionBits(fields.permissions ?? []));
    return { id: user.id, name: user.name };
  }

  /** The person's roles from now on. */
  setRoles(member: { readonly id: UserId }, roles: readonly { readonly id: RoleId }[]): void {
    const found = this.record.members.get(member.id);
    if (found === undefined) throw new Error('not a member');
    found.roles = roles.map(({ id }) => id);
    this.core.world.changed({ kind: 'guild' });
  }

  /** What the person may do beyond their roles from now on. */
  setPermissions(member: { readonly id: UserId }, permissions: Permissions): void {
    const found = this.record.members.get(member.id);
    if (found === undefined) throw new Error('not a member');
    found.extraPermissions = permissionBits(permissions);
    this.core.world.changed({ kind: 'guild' });
  }

  removeMember(member: { readonly id: UserId }): void {
    this.record.members.delete(member.id);
    this.core.world.changed({ kind: 'guild' });
  }

  addRole(fields: {
    readonly name: string;
    readonly permissions?: Permissions;
    readonly mentionable?: boolean;
  }): Role {
    const id = this.core.world.mint<RoleId>();
    const { name, permissions = [], mentionable = false } = fields;
    this.record.roles.set(id, { id, name, permissions: permissionBits(permissions), mentionable });
    return { id, name };
  }

  /** What the bot's role gives it in every channel without `botPermissions`. */
  setBotPermissions(permissions: Permissions): void {
    const [roleId] = this.record.members.get(this.core.world.bot.id)?.roles ?? [];
    const role = roleId === undefined ? undefined : this.record.roles.get(roleId);
    if (role === undefined) throw new Error('the bot is not in this guild');
    role.permissions = permissionBits(permissions);
  }

  createChannel(fields: NewChannel): Channel {
    const { world } = this.core;
    const id = world.mint<ChannelId>();
    const channel = emptyChannel(id, CHANNEL_TYPE[fields.type ?? 'text'], fields.name, this.id);
    if (fields.botPermissions !== undefined) channel.botPermissions = permissionBits(fields.botPermissions);
    if (fields.requireTag === true) channel.flags |= REQUIRE_TAG_FLAG;
    channel.availableTags = (fields.tags ?? []).map((name) => ({ id: world.mint(), name }));
    world.addChannel(channel);
    return new Channel(this.core, id);
  }
}
