/** What the CLI says, in its reply to `initialize`, that there is to choose from. Total: what does not fit is left out. */
import * as v from 'valibot';
import { CommandOffer, Effort, ModelOffer } from '../../../protocol/configure.ts';
import {
  COMMANDS_MAX,
  CONFIGURE_NAME_MAX,
  CONFIGURE_TEXT_MAX,
  EFFORTS_MAX,
  MODELS_MAX,
} from '../../../protocol/limits.ts';
import { slashRefusal } from '../../../protocol/slash.ts';
import { clip } from './clip.ts';
import { type Json, records, string, strings } from './json.ts';

export interface ClaudeOffers {
  readonly models: readonly ModelOffer[];
  /** Of any model, the lowest first. */
  readonly efforts: readonly string[];
  readonly commands: readonly CommandOffer[];
  /** Names and aliases of all commands, those included that are not offered. */
  readonly known: ReadonlySet<string>;
}

export function offersOf(reply: Json): ClaudeOffers {
  const models = records(reply, 'models');
  const commands = records(reply, 'commands');
  const efforts = models.flatMap((model) => strings(model, 'supportedEffortLevels') ?? []);
  const known = new Set(
    commands.flatMap((one) => [string(one, 'name') ?? '', ...(strings(one, 'aliases') ?? [])]),
  );
  known.delete('');
  return {
    models: models.flatMap(model).slice(0, MODELS_MAX),
    efforts: [...new Set(efforts)].filter((one) => v.is(Effort, one)).slice(0, EFFORTS_MAX),
    commands: commands
      .flatMap(command)
      .filter(({ name }) => slashRefusal(name) === null)
      .slice(0, COMMANDS_MAX),
    known,
  };
}

function model(one: Json): ModelOffer[] {
  const value = string(one, 'value') ?? '';
  return fits(ModelOffer, {
    value,
    name: clip(string(one, 'displayName') ?? value, CONFIGURE_NAME_MAX),
    description: clip(string(one, 'description') ?? '', CONFIGURE_TEXT_MAX),
  });
}

function command(one: Json): CommandOffer[] {
  return fits(CommandOffer, {
    name: string(one, 'name') ?? '',
    description: clip(string(one, 'description') ?? '', CONFIGURE_TEXT_MAX),
    hint: clip(string(one, 'argumentHint') ?? '', CONFIGURE_TEXT_MAX),
  });
}

function fits<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T>[] {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? [parsed.output] : [];
}
