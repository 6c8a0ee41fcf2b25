/** Guilds, members, channels and threads as tests and the page hold them. */
import type { ChannelId, GuildId, RoleId, Snowflake, ThreadId, UserId } from '../../protocol/ids.ts';
import {
  CHANNEL_TYPE,
  type ChannelKind,
  type Permissions,
  permissionBits,
  REQUIRE_TAG_FLAG,
} from './bits.ts';
import type { Core } from './core.ts';
import type { ChannelRecord, GuildRecord } from './model.ts';
import { showChannel } from './show.ts';
import { addThreadMember, createThread, emptyChannel, renameThread } from './threads.ts';
import { type ShownMessage, shownMessage, visibleMessages } from './view.ts';
import { type WaitOptions, waitFor } from './wait.ts';

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

export interface NewThreadByPerson {
  readonly name: string;
  readonly owner: { readonly id: UserId };
  readonly private?: boolean;
}

/** A channel or a thread. */
export class Channel {
  readonly id: ChannelId;
  protected readonly core: Core;
  constructor(core: Core, id: ChannelId) {
    this.core = core;
    this.id = id;
  }

  /** Its record, for reading. Throws when there is no such channel; a deleted one is still there. */
  get record(): ChannelRecord {
    const found = this.core.world.channels.get(this.id);
    if (found === undefined) throw new Error(`no channel ${this.id}`);
    this.core.world.applyArchiveClock(found);
    return found;
  }

  get name(): string {
    return this.record.name;
  }
  get type(): number {
    return this.record.type;
  }
  get threadId(): ThreadId {
    return this.id as ThreadId;
  }
  get isThread(): boolean {
    return this.record.thread !== undefined;
  }
  get archived(): boolean {
    return this.record.thread?.archived ?? false;
  }
  get locked(): boolean {
    return this.record.thread?.locked ?? false;
  }
  get members(): readonly UserId[] {
    return [...(this.record.thread?.members ?? [])];
  }
  get typing(): boolean {
    return this.record.typingUntilMs > this.core.world.clock.now();
  }

  /** Everything that is there now, oldest first, everyone's private answers included. */
  get messages(): ShownMessage[] {
    return visibleMessages(this.core, this.record);
  }
  /** What this person sees. */
  messagesFor(user: { readonly id: UserId }): ShownMessage[] {
    return visibleMessages(this.core, this.record, user.id);
  }
  /** Also those that were deleted: for the bench and for oracles. */
  get allMessages(): ShownMessage[] {
    return [...this.record.messages.values()].map((message) => shownMessage(this.core, message));
  }
  get threads(): Channel[] {
    return this.core.world.threadsOf(this.id).map((thread) => new Channel(this.core, thread.id));
  }

  /** What a person reads, as plain text. */
  show(user?: { readonly id: UserId }): string {
    return showChannel(this.core, this.record, user?.id);
  }

  waitFor<T>(look: (channel: this) => T, options: WaitOptions = {}): Promise<NonNullable<Exclude<T, false>>> {
    return waitFor(
      this.core.world,
      () => look(this),
      () => this.show(),
      options,
    );
  }

  /** Sets exactly what the bot may do here; `undefined` gives back what its role has. */
  setBotPermissions(permissions: Permissions | undefined): void {
    this.record.botPermissions = permissions === undefined ? undefined : permissionBits(permissions);
    this.changed();
  }

  overwrite(
    target: { readonly id: Snowflake },
    kind: 'role' | 'member',
    set: { allow?: Permissions; deny?: Permissions },
  ): void {
    const overwrites = this.record.overwrites;
    const index = overwrites.findIndex(({ id }) => id === target.id);
    if (index >= 0) overwrites.splice(index, 1);
    overwrites.push({
      id: target.id,
      kind,
      allow: permissionBits(set.allow ?? []),
      deny: permissionBits(set.deny ?? []),
    });
    this.changed();
  }

  /** A person opens a thread here, with nothing in it. In a forum: a post. */
  startThread({ name, owner, ...rest }: NewThreadByPerson): Channel {
    const type = rest.private === true ? CHANNEL_TYPE.privateThread : CHANNEL_TYPE.publicThread;
    const kind = this.type === CHANNEL_TYPE.announcement ? CHANNEL_TYPE.announcementThread : type;
    const thread = createThread(
      this.core.world,
      { parent: this.record, type: kind, name, ownerId: owner.id },
      this.core.maxActiveThreads,
    );
    return new Channel(this.core, thread.id);
  }

  addMember(user: { readonly id: UserId }): void {
    addThreadMember(this.core.world, this.record, user.id, user.id);
    this.changed();
  }
  archive(): void {
    this.core.world.setArchived(this.record, true);
  }
  unarchive(): void {
    this.core.world.setArchived(this.record, false);
  }
  /** A moderator locks the thread, and archives it as Discord's client does. */
  lock({ archive = true } = {}): void {
    if (this.record.thread !== undefined) this.record.thread.locked = true;
    if (archive) this.archive();
    this.changed();
  }
  unlock(): void {
    if (this.record.thread !== undefined) this.record.thread.locked = false;
    this.changed();
  }
  rename(name: string, by: { readonly id: UserId }): void {
    if (this.isThread) renameThread(this.core.world, this.record, name, by.id);
    else this.record.name = name;
    this.changed();
  }
  /** Deletes the channel, and its threads with it. */
  delete(): void {
    for (const thread of this.threads) thread.delete();
    this.record.deleted = true;
    this.changed();
  }

  private changed(): void {
    this.core.world.changed({ kind: 'channel', channelId: this.id });
  }
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
