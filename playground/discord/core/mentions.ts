import type { RoleId, UserId } from '../../../protocol/ids.ts';
import type { AllowedMentions } from '../validate/allowed-mentions.ts';
import { walk } from '../validate/components.ts';
import { PERMISSION } from '../world/bits.ts';
import type { ChannelRecord, Component, Mentions, UserRecord } from '../world/model.ts';
import { permissionsIn } from '../world/permissions.ts';
import type { World } from '../world/world.ts';

/** Discord: what is parsed when `allowed_mentions` is absent; webhooks and interactions parse users only. */
export type MentionDefaults = 'message' | 'interaction';
const DEFAULT_PARSE: Record<MentionDefaults, ReadonlySet<string>> = {
  message: new Set(['users', 'roles', 'everyone']),
  interaction: new Set(['users']),
};

const CODE_SPANS = /```[\s\S]*?```|``[^`]+``|`[^`\n]+`/g;

/** Whom a message's text mentions, as Discord parses it: code mentions nobody; V2 text displays do. */
export function parseMentions(
  world: World,
  channel: ChannelRecord,
  author: UserRecord,
  content: string,
  components: readonly Component[],
  allowed: AllowedMentions | undefined,
  defaults: MentionDefaults,
): Mentions {
  const texts = [
    content,
    ...[...walk(components)].filter(({ type }) => type === 10).map((text) => text.content ?? ''),
  ];
  const text = texts.join('\n').replace(CODE_SPANS, '');
  const parse = allowed?.parse ?? DEFAULT_PARSE[defaults];
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId);
  const users = ids<UserId>(text, /<@!?(\d+)>/g).filter(
    (id) => world.users.has(id) && (parse.has('users') || (allowed?.users.has(id) ?? false)),
  );
  const mayMentionAll = (permissionsIn(world, channel, author.id) & PERMISSION.MENTION_EVERYONE) !== 0n;
  const roles = ids<RoleId>(text, /<@&(\d+)>/g).filter((id) => {
    const role = guild?.roles.get(id);
    return (
      role !== undefined &&
      (role.mentionable || mayMentionAll) &&
      (parse.has('roles') || (allowed?.roles.has(id) ?? false))
    );
  });
  const everyone = /@(everyone|here)\b/.test(text) && parse.has('everyone') && mayMentionAll;
  return { users, roles, everyone };
}

/** Everyone whom these mentions reach. */
export function mentionedPeople(world: World, channel: ChannelRecord, mentions: Mentions): UserId[] {
  const reached = new Set(mentions.users);
  const guild = channel.guildId === undefined ? undefined : world.guilds.get(channel.guildId);
  for (const member of guild?.members.values() ?? [])
    if (mentions.everyone || member.roles.some((role) => mentions.roles.includes(role)))
      reached.add(member.user.id);
  return [...reached];
}

function ids<T extends string>(text: string, pattern: RegExp): T[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] as T))];
}
