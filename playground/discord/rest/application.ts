import type { GuildId, Snowflake } from '../../../protocol/ids.ts';
import { DiscordError, missingAccess } from '../world/errors.ts';
import { type Call, param, type Reply, type Route } from './router.ts';

const GLOBAL = '/applications/{application_id}/commands';
const GUILD = '/applications/{application_id}/guilds/{guild_id}/commands';

export const applicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/applications/@me', bucket: 'application', auth: 'bot', handle: application },
  { method: 'GET', path: '/users/@me', bucket: 'application', auth: 'bot', handle: me },
  { method: 'GET', path: GLOBAL, bucket: 'commands', auth: 'bot', handle: list },
  { method: 'PUT', path: GLOBAL, bucket: 'commands', auth: 'bot', handle: overwrite },
  { method: 'GET', path: GUILD, bucket: 'commands', auth: 'bot', handle: list },
  { method: 'PUT', path: GUILD, bucket: 'commands', auth: 'bot', handle: overwrite },
];

function application({ core }: Call): Reply {
  const { world, wire, signer } = core;
  return {
    status: 200,
    body: {
      id: core.applicationId,
      name: world.bot.name,
      icon: null,
      description: '',
      type: null,
      bot: wire.user(world.bot),
      summary: '',
      bot_public: false,
      bot_require_code_grant: false,
      verify_key: signer.publicKey,
      flags: core.wire.messageContent ? 1 << 19 : 0,
      flags_new: String(core.wire.messageContent ? 1 << 19 : 0),
      redirect_uris: [],
      role_connections_verification_url: null,
      owner: wire.user(world.bot),
      approximate_user_install_count: 0,
      approximate_user_authorization_count: 0,
      event_webhooks_url: null,
      event_webhooks_status: 1,
      event_webhooks_types: [],
      team: null,
      explicit_content_filter: 0,
      eligible_oauth2_scopes: [],
      interactions_endpoint_url: core.interactionsUrl === '' ? null : core.interactionsUrl,
      approximate_guild_count: world.guilds.size,
    },
  };
}

function me({ core }: Call): Reply {
  return {
    status: 200,
    body: {
      ...core.wire.user(core.world.bot),
      mfa_enabled: false,
      locale: 'en-US',
      email: null,
      verified: true,
    },
  };
}

function scope(call: Call): Snowflake | undefined {
  const { core } = call;
  if (param(call, 'application_id') !== core.applicationId)
    throw new DiscordError(403, 20012, 'You are not authorized to perform this action on this application');
  const guildId = call.params.guild_id;
  if (
    guildId !== undefined &&
    core.world.guilds.get(guildId as GuildId)?.members.has(core.world.bot.id) !== true
  )
    throw missingAccess();
  return guildId;
}

function list(call: Call): Reply {
  const { commands } = call.core;
  return { status: 200, body: commands.list(scope(call)).map((command) => commands.wire(command)) };
}

function overwrite(call: Call): Reply {
  const { commands, world } = call.core;
  const records = commands.overwrite(call.json, scope(call));
  world.changed({ kind: 'guild' });
  return { status: 200, body: records.map((command) => commands.wire(command)) };
}
