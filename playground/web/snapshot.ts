/** The emulator's world as one member sees it, in the page's words. */
import type { UserId } from '../../protocol/ids.ts';
import type { Channel } from '../discord/people/channel-handle.ts';
import { slashCommands } from './commands.ts';
import { piecesOf } from './pieces.ts';
import type { Playground } from './playground.ts';
import type { MessageShown, Person, Place, Push, Surroundings } from './wire.ts';

/** Older messages of a channel stay in the emulator: a page with thousands of them would be slow. */
const MESSAGES_SHOWN = 300;
/** The log of pushes shows the newest. */
const PUSHES_SHOWN = 100;
/** Characters of a push, as a lock screen would show. */
const PUSH_TEXT_MAX = 200;
/** Discord's type of the message that stands for the one a thread began at: the page's heading says it. */
const THREAD_STARTER = 21;
/** Discord's channel type of a private thread. */
const PRIVATE_THREAD = 12;

/** Channels and threads that this member sees. */
export function placesFor(playground: Playground, viewer: UserId): Channel[] {
  return playground.guild.channels.flatMap((channel) => [
    channel,
    ...channel.threads.filter((thread) => thread.type !== PRIVATE_THREAD || thread.members.includes(viewer)),
  ]);
}

export function surroundings(playground: Playground, viewer: UserId): Surroundings {
  const { discord, guild, members, hints, live, health } = playground;
  const everyone = [...guild.record.members.values()].map(({ user }) => user);
  return {
    guild: { id: guild.id, name: guild.name },
    members: members.map(({ id, name }) => ({ id, name, bot: false })),
    people: everyone.map(({ id, name, bot }): Person => ({ id, name, bot })),
    roles: [...guild.record.roles.values()].map(({ id, name }) => ({ id, name })),
    commands: slashCommands(discord.commands(guild.id)),
    places: placesFor(playground, viewer).map(placeOf),
    pushes: pushesOf(playground),
    runners: health.runners,
    troubles: health.troubles,
    hints,
    live,
  };
}

function placeOf(channel: Channel): Place {
  const { thread, typingUntilMs } = channel.record;
  return {
    id: channel.id,
    name: channel.name,
    type: channel.type,
    parent: thread?.parentId ?? null,
    archived: thread?.archived ?? false,
    locked: thread?.locked ?? false,
    typingUntilMs,
  };
}

function pushesOf({ discord }: Playground): Push[] {
  return discord.notifications.slice(-PUSHES_SHOWN).map(({ userId, text, message }) => ({
    to: userId,
    message: message.id,
    place: message.channelId,
    text: text.length > PUSH_TEXT_MAX ? `${text.slice(0, PUSH_TEXT_MAX)}…` : text,
    atMs: message.createdMs,
  }));
}

/** The newest messages of a channel that this member sees, oldest first. */
export function messagesIn(channel: Channel, viewer: UserId): MessageShown[] {
  const { record } = channel;
  const bots = new Set(
    [...record.messages.values()].filter(({ author }) => author.bot).map(({ author }) => author.name),
  );
  return channel
    .messagesFor({ id: viewer })
    .filter(({ id }) => record.messages.get(id)?.type !== THREAD_STARTER)
    .slice(-MESSAGES_SHOWN)
    .map((shown) => ({
      id: shown.id,
      place: shown.channelId,
      author: { id: shown.authorId, name: shown.author, bot: shown.fromBot },
      createdMs: shown.createdMs,
      text: shown.system ? shown.text : (record.messages.get(shown.id)?.content ?? ''),
      pieces: shown.components.map(piecesOf),
      files: shown.attachments.map(({ name, size, contentType }, at) => ({
        name,
        size,
        contentType,
        path: `/file/${shown.id}/${at}/${encodeURIComponent(name)}`,
      })),
      v2: shown.v2,
      loading: shown.loading,
      system: shown.system,
      onlyYou: shown.onlyForId !== undefined,
      // A bot has no phone.
      notified: shown.notified.filter((name) => !bots.has(name)),
      mentionsYou: shown.mentions.includes(viewer),
      edited: shown.edited,
      reactions: shown.reactions,
      replyTo: shown.replyTo ?? null,
    }));
}
