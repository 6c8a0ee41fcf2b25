/**
 * The list of all commands: what Discord is told of them (`npm run register`), and the way from an interaction to the one that it is of.
 * Discord: https://discord.com/developers/docs/interactions/application-commands
 */
import type { Answer, Choice } from '../domain/contract.ts';
import { type Acting, type Options, say } from './acting.ts';
import { ask } from './ask.ts';
import { askMessage } from './ask-message.ts';
import { budget } from './budget.ts';
import { claude } from './claude.ts';
import { type Command, type CommandGroup, type MenuCommand, type Option, OptionType } from './command.ts';
import { end } from './end.ts';
import { fork } from './fork.ts';
import { newSession } from './new.ts';
import type { CommandData } from './payload.ts';
import { project } from './project.ts';
import { queue } from './queue.ts';
import { resume } from './resume.ts';
import { runner } from './runner.ts';
import { mode, model, settings } from './settings.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { undo } from './undo.ts';

const SLASH: readonly (Command | CommandGroup)[] = [
  ask,
  newSession,
  stop,
  queue,
  undo,
  model,
  mode,
  settings,
  claude,
  status,
  budget,
  end,
  resume,
  project,
  fork,
  runner,
];
const MENU: readonly MenuCommand[] = [askMessage];

/** Discord: a slash command; an entry of the message menu. */
const CHAT_INPUT = 1;
const MESSAGE_MENU = 3;
/** Discord: installed to a server, never to a user; used in a server, never in a direct message. */
const IN_SERVERS = { integration_types: [0], contexts: [0] } as const;
/** Discord: at most 25 choices of at most 100 characters. */
const CHOICES_MAX = 25;
const CHOICE_MAX_CHARACTERS = 100;

export const UNREADABLE =
  'Heddle cannot read this, so nothing happened. It may be older than what Discord sent.';

/** The slash commands as Discord is told of them. */
export const COMMANDS = SLASH.map((command) => ({
  type: CHAT_INPUT,
  name: command.name,
  description: command.description,
  options: optionsOf(command),
  ...IN_SERVERS,
}));

/** All that Discord is told of. */
export const ALL_COMMANDS = [
  ...COMMANDS,
  ...MENU.map(({ name }) => ({ type: MESSAGE_MENU, name, ...IN_SERVERS })),
];

interface ToldOption extends Omit<Option, 'type' | 'suggest'> {
  readonly type: number;
  readonly autocomplete?: true;
  readonly options?: readonly ToldOption[];
}

function optionsOf(command: Command | CommandGroup): readonly ToldOption[] {
  if ('run' in command)
    return (command.options ?? []).map(({ suggest, ...option }) => ({
      ...option,
      ...(suggest === undefined ? {} : { autocomplete: true }),
    }));
  return command.commands.map((sub) => {
    const options = optionsOf(sub);
    const { name, description } = sub;
    return { type: OptionType.subCommand, name, description, ...(options.length === 0 ? {} : { options }) };
  });
}

export async function run(acting: Acting, data: CommandData): Promise<Answer> {
  switch (data.type ?? CHAT_INPUT) {
    case CHAT_INPUT: {
      const found = find(data, SLASH);
      return found === null ? say(UNREADABLE) : found.command.run(acting, found.options, data);
    }
    case MESSAGE_MENU: {
      const entry = MENU.find(({ name }) => name === data.name);
      return entry === undefined ? say(UNREADABLE) : entry.run(acting, data.options, data);
    }
    default:
      return say(UNREADABLE);
  }
}

/** What is offered for the option that a member types in. */
export async function suggest(acting: Acting, data: CommandData): Promise<readonly Choice[]> {
  const found = find(data, SLASH);
  const focused = found?.options.find((option) => option.focused === true);
  const option = found?.command.options?.find(({ name }) => name === focused?.name);
  if (found === null || option?.suggest === undefined) return [];
  const choices = await option.suggest(acting, {
    typed: typedIn(found.options, option.name),
    other: (name) => typedIn(found.options, name),
  });
  return choices.filter(({ name }) => name.length <= CHOICE_MAX_CHARACTERS).slice(0, CHOICES_MAX);
}

/** The command of that name, or the subcommand that was chosen, and its options. */
function find(
  { name, options }: { readonly name: string; readonly options: Options },
  among: readonly (Command | CommandGroup)[],
): { readonly command: Command; readonly options: Options } | null {
  const command = among.find((one) => one.name === name);
  if (command === undefined) return null;
  if ('run' in command) return { command, options };
  const [sub] = options;
  return sub === undefined ? null : find({ name: sub.name, options: sub.options ?? [] }, command.commands);
}

function typedIn(options: Options, name: string): string {
  const value = options.find((option) => option.name === name)?.value;
  return typeof value === 'string' ? value : '';
}
