/**
 * `npm run register [-- --guild ID]`: tells Discord of the commands, when they differ from what it has. Without `--guild` they
 * are global. A command of the same name in both scopes shows twice, so use one of the two.
 * Environment: DISCORD_APPLICATION_ID, DISCORD_BOT_TOKEN, and DISCORD_API_URL when Discord is a stand-in.
 */
import { ALL_COMMANDS } from './interactions/commands.ts';
import { registerCommands } from './interactions/registration.ts';

/** This folder is compiled with the Worker's types, which do not know Node's `process`. */
const { process } = globalThis as unknown as {
  process: { argv: readonly string[]; env: Record<string, string | undefined>; exitCode?: number };
};

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`Set ${name}. You find it on your application's page in Discord's developer portal.`);
  }
  return value;
}

function guildOption(args: readonly string[]): string | null {
  const [option, id, ...rest] = args;
  if (option === undefined) return null;
  if (option !== '--guild' || id === undefined || rest.length > 0)
    throw new Error('Use: npm run register [-- --guild ID]');
  return id;
}

try {
  const guild = guildOption(process.argv.slice(2));
  const done = await registerCommands(
    {
      api: process.env.DISCORD_API_URL ?? 'https://discord.com/api/v10',
      application: required('DISCORD_APPLICATION_ID'),
      token: required('DISCORD_BOT_TOKEN'),
      guild,
    },
    ALL_COMMANDS,
    fetch,
  );
  console.log(done.words);
} catch (error) {
  console.error(error instanceof Error ? error.message : 'Registering failed.');
  process.exitCode = 1;
}
