import type { Snowflake } from '../../../protocol/ids.ts';
import { type CommandDefinition, checkCommands } from '../validate/commands.ts';
import type { Clock } from '../world/clock.ts';
import { CODE, DiscordError } from '../world/errors.ts';
import type { JsonObject } from '../world/json.ts';
import type { Mint } from '../world/snowflake.ts';

/** Discord: new commands that an application may make in a day and guild. */
const CREATES_PER_DAY = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface CommandRecord extends CommandDefinition {
  readonly id: Snowflake;
  readonly version: Snowflake;
  readonly guildId: Snowflake | undefined;
}

/** The registered commands: global ones, and those of each guild. */
export class CommandStore {
  private readonly mint: Mint;
  private readonly clock: Clock;
  private readonly applicationId: Snowflake;
  private readonly scopes = new Map<string, CommandRecord[]>();
  private readonly creations = new Map<string, number[]>();

  constructor(mint: Mint, clock: Clock, applicationId: Snowflake) {
    this.mint = mint;
    this.clock = clock;
    this.applicationId = applicationId;
  }

  list(guildId: Snowflake | undefined): readonly CommandRecord[] {
    return this.scopes.get(guildId ?? '') ?? [];
  }

  /** What a person in this guild can choose from. */
  visibleIn(guildId: Snowflake | undefined): readonly CommandRecord[] {
    return [...(guildId === undefined ? [] : this.list(guildId)), ...this.list(undefined)];
  }

  /** Replaces all of a scope. Throws 400 for what Discord refuses, 30034 above 200 new ones a day. */
  overwrite(raw: unknown, guildId: Snowflake | undefined): readonly CommandRecord[] {
    const wanted = checkCommands(raw);
    const old = this.list(guildId);
    const key = (command: CommandDefinition) => `${command.type} ${command.name}`;
    const known = new Map(old.map((command) => [key(command), command]));
    const now = this.clock.now();
    const recent = (this.creations.get(guildId ?? '') ?? []).filter((at) => now - at < DAY_MS);
    const fresh = wanted.filter((command) => !known.has(key(command)));
    if (recent.length + fresh.length > CREATES_PER_DAY)
      throw new DiscordError(
        400,
        CODE.commandCreates,
        `Max number of daily application command creates has been reached (${CREATES_PER_DAY})`,
      );
    this.creations.set(guildId ?? '', [...recent, ...fresh.map(() => now)]);
    const records = wanted.map((command): CommandRecord => {
      const before = known.get(key(command));
      const same = before !== undefined && JSON.stringify(before.raw) === JSON.stringify(command.raw);
      return {
        ...command,
        guildId,
        id: before?.id ?? this.mint(),
        version: same ? before.version : this.mint(),
      };
    });
    this.scopes.set(guildId ?? '', records);
    return records;
  }

  wire(command: CommandRecord): JsonObject {
    const { raw } = command;
    const global = command.guildId === undefined;
    return {
      ...raw,
      id: command.id,
      version: command.version,
      application_id: this.applicationId,
      type: command.type,
      name: command.name,
      description: command.description,
      name_localizations: raw.name_localizations ?? null,
      description_localizations: raw.description_localizations ?? null,
      default_member_permissions: raw.default_member_permissions ?? null,
      nsfw: raw.nsfw ?? false,
      dm_permission: true,
      contexts: global ? (raw.contexts ?? null) : null,
      integration_types: raw.integration_types ?? [0],
      ...(global ? {} : { guild_id: command.guildId }),
    };
  }
}
