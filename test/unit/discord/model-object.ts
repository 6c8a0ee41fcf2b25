/** An object that owns a channel: it keeps rows, sets one alarm, and can crash. */
import type { ChannelId, MessageId } from '../../../protocol/ids.ts';
import { Delivery } from '../../../worker/discord/delivery.ts';
import type { DeliveryStore, PostedRow } from '../../../worker/discord/store.ts';
import type { ParkReason } from '../../../worker/discord/trouble.ts';
import type { PlainSlot, Slot } from '../../../worker/domain/slot.ts';
import type { ModelDiscord } from './model-discord.ts';

export const CHANNEL = '1300000000000000000' as ChannelId;
/** As the objects' safety alarm. */
const SAFETY_MS = 30_000;

export class MemoryStore implements DeliveryStore {
  readonly rows = new Map<string, PostedRow>();
  writes = 0;

  get(_channel: ChannelId, key: string): PostedRow | null {
    return this.rows.get(key) ?? null;
  }

  hasMessage(_channel: ChannelId, message: MessageId): boolean {
    return this.rows.values().some((row) => row.message === message);
  }

  put(_channel: ChannelId, row: PostedRow): void {
    this.writes += 1;
    this.rows.set(row.key, row);
  }

  all(_channel: ChannelId): PostedRow[] {
    return [...this.rows.values()];
  }

  drop(_channel: ChannelId, key: string): void {
    this.rows.delete(key);
  }

  forget(_channel: ChannelId, keyPrefix: string): void {
    for (const key of [...this.rows.keys()]) if (key.startsWith(keyPrefix)) this.rows.delete(key);
  }
}

export class ModelObject {
  readonly discord: ModelDiscord;
  readonly store = new MemoryStore();
  readonly parked: (ParkReason | null)[] = [];
  readonly notes: string[] = [];
  readonly posted: string[] = [];
  files = new Map<string, string>();
  slots: Slot[] = [];
  delivery: Delivery;
  #life = { dead: false };
  #cancelAlarm: () => void = () => {};
  #upMs = 0;

  constructor(discord: ModelDiscord) {
    this.discord = discord;
    this.delivery = this.#start();
    this.#safety();
  }

  /** The process dies: what it waits for never comes, what it wrote stays. It is back after `downMs`. */
  crash(downMs = 0): void {
    this.#life.dead = true;
    this.#cancelAlarm();
    this.#life = { dead: false };
    this.#upMs = this.discord.clock.nowMs + downMs;
    this.delivery = this.#start();
  }

  pump(what?: 'live'): void {
    if (this.discord.clock.nowMs >= this.#upMs) this.delivery.pump(what);
  }

  show(slots: Slot[], what?: 'live'): void {
    this.slots = slots;
    this.pump(what);
  }

  #start(): Delivery {
    const life = this.#life;
    const { discord, store } = this;
    const never = new Promise<never>(() => {});
    const alive = <A extends unknown[], T>(
      call: (...args: A) => Promise<T>,
    ): ((...args: A) => Promise<T>) => {
      return async (...args) => {
        const value = await call(...args);
        return life.dead ? never : value;
      };
    };
    return new Delivery({
      channel: CHANNEL,
      rest: {
        me: discord.me,
        createMessage: alive(discord.createMessage.bind(discord)),
        editMessage: alive(discord.editMessage.bind(discord)),
        deleteMessage: alive(discord.deleteMessage.bind(discord)),
        messagesAfter: alive(discord.messagesAfter.bind(discord)),
        patchChannel: alive(discord.patchChannel.bind(discord)),
      },
      store,
      desired: () => ({ channel: CHANNEL, slots: this.slots }),
      readFile: (source) => this.files.get(source) ?? null,
      now: discord.clock.now,
      schedule: (atMs) => {
        if (life.dead) return;
        this.#cancelAlarm();
        this.#cancelAlarm = discord.clock.after(atMs - discord.clock.nowMs, () => this.pump());
      },
      onParked: (reason) => this.parked.push(reason),
      onPosted: (key) => this.posted.push(key),
      onNote: (note) => this.notes.push(note),
      after: (ms, fire) => discord.clock.after(ms, () => (life.dead ? undefined : fire())),
    });
  }

  #safety(): void {
    this.discord.clock.after(SAFETY_MS, () => {
      this.pump();
      this.#safety();
    });
  }
}

export function plain(key: string, content: string, more: Partial<PlainSlot> = {}): PlainSlot {
  return {
    kind: 'plain',
    key,
    content,
    phase: 'final',
    whenDeleted: 'gone',
    rows: [],
    files: [],
    notify: null,
    ...more,
  };
}

/** What the channel shows, oldest first. */
export function contents(discord: ModelDiscord): string[] {
  return discord.messages.filter((message) => !message.deleted).map((message) => message.content);
}
