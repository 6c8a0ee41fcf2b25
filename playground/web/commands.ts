/** The registered commands as a person chooses them: each subcommand is one entry. */
import type { Discord } from '../discord/discord.ts';
import type { Choice, Command, CommandOption } from './wire.ts';

type Registered = ReturnType<Discord['commands']>[number];
type Raw = Readonly<Record<string, unknown>>;

/** Discord's option types of a subcommand and of a group of them. */
const SUBCOMMAND = 1;
const GROUP = 2;

export function slashCommands(registered: readonly Registered[]): Command[] {
  return registered.flatMap((command) =>
    entries(command, command.name, command.description, list(command.raw.options)),
  );
}

function entries(
  command: Registered,
  name: string,
  description: string,
  options: readonly Raw[],
): readonly Command[] {
  const inner = options.filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (inner.length > 0)
    return inner.flatMap((option) =>
      entries(command, `${name} ${text(option.name)}`, text(option.description), list(option.options)),
    );
  return [{ type: command.type, id: command.id, name, description, options: options.map(optionOf) }];
}

function optionOf(raw: Raw): CommandOption {
  return {
    type: Number(raw.type),
    name: text(raw.name),
    description: text(raw.description),
    required: raw.required === true,
    autocomplete: raw.autocomplete === true,
    choices: list(raw.choices).map(
      ({ name, value }): Choice => ({
        name: text(name),
        value: typeof value === 'number' ? value : text(value),
      }),
    ),
    maxLength: typeof raw.max_length === 'number' ? raw.max_length : null,
  };
}

/** They were checked when they were registered; here only their shape is told to the compiler. */
function list(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? (value as Raw[]) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
