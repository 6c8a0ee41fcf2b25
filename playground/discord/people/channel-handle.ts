/** Channels and threads as tests and the page hold them. */
import type { ChannelId, Snowflake, ThreadId, UserId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import { addThreadMember, createThread, renameThread } from '../core/threads.ts';
import { CHANNEL_TYPE, type Permissions, permissionBits } from '../world/bits.ts';
import type { ChannelRecord } from '../world/model.ts';
import { showChannel } from './show.ts';
import { type ShownMessage, shownMessage, visibleMessages } from './view.ts';
import { type WaitOptions, waitFor } from './wait.ts';

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
