import type { GuildId, UserId } from '../../../protocol/ids.ts';
import { CODE, DiscordError, missingAccess } from '../world/errors.ts';
import { type Call, param, type Reply, type Route } from './router.ts';

export const guildRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/guilds/{guild_id}/members/{user_id}',
    bucket: 'member',
    auth: 'bot',
    handle: member,
  },
];

/** Discord: Get Guild Member. One member needs no privileged intent. */
function member(call: Call): Reply {
  const { world, wire } = call.core;
  const guild = world.guilds.get(param(call, 'guild_id') as string as GuildId);
  if (guild === undefined) throw missingAccess();
  const found = guild.members.get(param(call, 'user_id') as string as UserId);
  if (found === undefined) throw new DiscordError(404, CODE.unknownMember, 'Unknown Member');
  return { status: 200, body: wire.member(found) };
}
