/** The client and delivery against the emulator, with a clock that leaps over every wait. */

import type { Discord } from '../../../playground/discord/discord.ts';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { Guild } from '../../../playground/discord/people/guild-handle.ts';
import { type DiscordOptions, startDiscord } from '../../../playground/discord/start.ts';
import type { ChannelId, ThreadId } from '../../../protocol/ids.ts';
import { Delivery } from '../../../worker/discord/delivery.ts';
import { DiscordRest } from '../../../worker/discord/rest.ts';
import type { ParkReason } from '../../../worker/discord/trouble.ts';
import type { Slot } from '../../../worker/domain/slot.ts';
import { MemoryStore } from './model-object.ts';

/** Long enough for a busy machine; a test that hangs a request takes a shorter one. */
const TIMEOUT_MS = 20_000;
export const HANG_TIMEOUT_MS = 300;

export class Emulated {
  readonly discord: Discord;
  readonly guild: Guild;
  readonly channel: Channel;
  rest: DiscordRest;
  thread: Channel;

  private constructor(discord: Discord) {
    this.discord = discord;
    this.guild = discord.createGuild({ name: 'guild' });
    this.channel = this.guild.createChannel({ name: 'general' });
    this.thread = this.channel;
    this.rest = this.client();
  }

  client(token = this.discord.botToken, timeoutMs = TIMEOUT_MS): DiscordRest {
    const { apiUrl, applicationId } = this.discord;
    return new DiscordRest({ apiUrl, token, applicationId, timeoutMs });
  }

  static async start(options: DiscordOptions = {}): Promise<Emulated> {
    const world = new Emulated(await startDiscord(options));
    const card = await world.rest.createMessage(world.channel.id, { content: 'card' });
    if (!card.ok) throw new Error('no card');
    const thread = { name: 'a session', auto_archive_duration: 1440 } as const;
    const made = await world.rest.startThreadFromMessage(world.channel.id, card.value.id, thread);
    if (!made.ok) throw new Error('no thread');
    world.thread = world.discord.thread(made.value.id);
    return world;
  }

  get threadId(): ThreadId {
    return this.thread.id as ChannelId as ThreadId;
  }

  /** What the bot shows in the thread. */
  get texts(): string[] {
    return this.thread.messages
      .filter((message) => message.fromBot && !message.system)
      .map((message) => message.text);
  }
}

export class EmulatedObject {
  readonly world: Emulated;
  readonly store = new MemoryStore();
  readonly parked: (ParkReason | null)[] = [];
  readonly notes: string[] = [];
  slots: Slot[] = [];
  delivery: Delivery;
  #life = { dead: false };

  constructor(world: Emulated) {
    this.world = world;
    this.delivery = this.start();
  }

  /** A new object on the same rows; the old one's requests go on and are heard by nobody. */
  start(rest = this.world.rest): Delivery {
    this.#life.dead = true;
    const life = { dead: false };
    this.#life = life;
    const { discord } = this.world;
    const leap = (ms: number, fire: () => void): (() => void) => {
      let cancelled = false;
      setImmediate(() => {
        if (cancelled || life.dead) return;
        discord.advance(ms);
        fire();
      });
      return () => {
        cancelled = true;
      };
    };
    const { store } = this;
    this.delivery = new Delivery({
      channel: this.world.threadId,
      rest,
      store: {
        get: (channel, key) => store.get(channel, key),
        hasMessage: (channel, message) => store.hasMessage(channel, message),
        put: (channel, row) => {
          if (!life.dead) store.put(channel, row);
        },
        forget: (channel, prefix) => store.forget(channel, prefix),
        all: (channel) => store.all(channel),
        drop: (channel, key) => store.drop(channel, key),
      },
      desired: () => ({ channel: this.world.threadId, slots: life.dead ? [] : this.slots }),
      readFile: (source) => `content of ${source}`,
      now: () => discord.now(),
      schedule: (atMs) => {
        if (this.wakes) leap(atMs - discord.now(), () => this.delivery.pump());
      },
      onParked: (reason) => this.parked.push(reason),
      onNote: (note) => this.notes.push(note),
      after: leap,
    });
    return this.delivery;
  }

  /** Alarms fire. */
  wakes = true;

  /** Resolves when all of it is shown. */
  async show(slots: Slot[]): Promise<void> {
    this.slots = slots;
    this.delivery.pump();
    // An alarm that leaps comes with `setImmediate`.
    while (!slots.every((slot) => this.delivery.isShown(slot))) {
      await this.delivery.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.delivery.idle();
  }
}
