/**
 * The slash commands as Discord is told of them (`npm run register`). A command's file in this folder has the same name.
 * Discord: https://discord.com/developers/docs/interactions/application-commands
 */

import { STATE_CHOICES } from '../domain/contract.ts';
import { BUDGET_MAX_USD } from '../render/panels/budget-amount.ts';
import { MODE_WORDS } from '../render/panels/modes.ts';
import { ASK_CLAUDE, FILE_OPTIONS } from './names.ts';

/** Discord's option types that Heddle uses. */
export const OptionType = {
  subCommand: 1,
  string: 3,
  boolean: 5,
  user: 6,
  role: 8,
  number: 10,
  attachment: 11,
} as const;

interface Option {
  readonly type: (typeof OptionType)[keyof typeof OptionType];
  readonly name: string;
  /** 1 to 100 characters. */
  readonly description: string;
  /** Required options come first. */
  readonly required?: true;
  readonly autocomplete?: true;
  readonly max_length?: number;
  readonly min_value?: number;
  readonly max_value?: number;
  /** Nothing else can be given. */
  readonly choices?: readonly { readonly name: string; readonly value: string }[];
  readonly options?: readonly Option[];
}

export interface Command {
  /** 1: a slash command. */
  readonly type: 1;
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** 0: installed to a server, never to a user. */
  readonly integration_types: readonly [0];
  /** 0: used in a server, never in a direct message. */
  readonly contexts: readonly [0];
}

/** An entry of the message menu (Apps). Discord: its name may have spaces, and it has no description. */
export interface MenuCommand {
  readonly type: 3;
  readonly name: string;
  readonly integration_types: readonly [0];
  readonly contexts: readonly [0];
}

/** Discord lets a string option have 6,000 characters at most. */
const PROMPT_MAX_CHARACTERS = 6000;

const prompt = (required: boolean): Option => ({
  type: OptionType.string,
  name: 'prompt',
  description: 'What should Claude do?',
  max_length: PROMPT_MAX_CHARACTERS,
  ...(required ? { required: true } : {}),
});

const runner: Option = {
  type: OptionType.string,
  name: 'runner',
  description: 'Which of your runners; not needed when you have one',
  autocomplete: true,
  max_length: 100,
};

const anyRunner: Option = {
  type: OptionType.string,
  name: 'runner',
  description: 'On which runner; without it your own, else a shared one, the least loaded first',
  autocomplete: true,
  max_length: 100,
};

const project: Option = {
  type: OptionType.string,
  name: 'project',
  description: 'Which project to work in',
  autocomplete: true,
  max_length: 100,
};

const files: readonly Option[] = FILE_OPTIONS.map((name, index) => ({
  type: OptionType.attachment,
  name,
  description: index === 0 ? 'A picture or a file for Claude' : 'One more',
}));

const same = (...values: readonly string[]) => values.map((value) => ({ name: value, value }));

const MODES = [
  ...Object.entries(MODE_WORDS).map(([value, words]) => ({ name: `${value}: ${words}`, value })),
  { name: 'runner: as the runner’s own settings have it', value: 'runner' },
];

const command = (name: string, description: string, options: readonly Option[] = []): Command => ({
  type: 1,
  name,
  description,
  options,
  integration_types: [0],
  contexts: [0],
});

export const COMMANDS: readonly Command[] = [
  command('ask', 'Ask Claude: the next prompt in a thread, a new session in a channel', [
    prompt(true),
    ...files,
    anyRunner,
  ]),
  command('new', 'Begin a new session with Claude', [
    prompt(false),
    project,
    ...files,
    anyRunner,
    {
      type: OptionType.string,
      name: 'worktree',
      description: 'A git worktree and branch of its own: true, or the name it should have',
      autocomplete: true,
      max_length: 100,
    },
  ]),
  command('stop', 'Stop what Claude is doing here: interrupt the turn, cancel or abort what is queued'),
  command('queue', 'What waits in this thread: edit it, remove it, send it now'),
  command('undo', 'Undo the file changes of the last turn here; shows first what would change', [
    { type: OptionType.boolean, name: 'confirm', description: 'Yes, undo what was shown' },
  ]),
  command('model', 'Which model Claude works with here', [
    {
      type: OptionType.string,
      name: 'model',
      description: 'Of those that Claude offers; default: its own choice',
      required: true,
      autocomplete: true,
      max_length: 100,
    },
  ]),
  command('mode', 'What Claude asks for here, and what it does without asking', [
    {
      type: OptionType.string,
      name: 'mode',
      description: 'The settings of the runner say which are allowed',
      required: true,
      choices: MODES,
    },
  ]),
  command('settings', 'How this session works and what you see of it: model, mode, effort, notifications', [
    {
      type: OptionType.string,
      name: 'effort',
      description: 'How hard Claude thinks; default: its own choice',
      autocomplete: true,
      max_length: 20,
    },
    {
      type: OptionType.string,
      name: 'verbosity',
      description: 'How much of the work the thread shows',
      choices: same('quiet', 'normal', 'verbose'),
    },
    {
      type: OptionType.string,
      name: 'notify',
      description: 'What in this thread notifies you',
      choices: same('all', 'requests', 'none'),
    },
    {
      type: OptionType.string,
      name: 'messages',
      description: 'Whether plain messages in this thread are prompts',
      choices: same('on', 'off'),
    },
  ]),
  command('claude', 'One of Claude’s own slash commands: /compact, /clear, those of the project, skills', [
    {
      type: OptionType.string,
      name: 'command',
      description: 'Which one',
      required: true,
      autocomplete: true,
      max_length: 100,
    },
    {
      type: OptionType.string,
      name: 'arguments',
      description: 'What follows it',
      max_length: PROMPT_MAX_CHARACTERS,
    },
  ]),
  command('status', 'How this session is; in a channel, the sessions of this server', [
    {
      type: OptionType.string,
      name: 'state',
      description: 'List only sessions that are like this',
      choices: STATE_CHOICES.map((state) => ({ name: state, value: state })),
    },
    { type: OptionType.user, name: 'person', description: 'List only sessions that this person began' },
    {
      type: OptionType.string,
      name: 'project',
      description: 'List only sessions in this project',
      autocomplete: true,
      max_length: 100,
    },
  ]),
  command('budget', 'What this session may cost before it pauses; in a channel, what each new session may', [
    {
      type: OptionType.number,
      name: 'amount',
      description: 'US dollars; 0 takes the budget away',
      required: true,
      min_value: 0,
      max_value: BUDGET_MAX_USD,
    },
  ]),
  command('end', 'End the session in this thread', [
    { type: OptionType.boolean, name: 'all', description: 'All sessions of this server that you may end' },
    {
      type: OptionType.string,
      name: 'worktree',
      description: 'What becomes of its git worktree; without it the thread asks',
      choices: [
        { name: 'keep', value: 'keep' },
        { name: 'remove', value: 'remove' },
      ],
    },
  ]),
  command('resume', 'Go on with a session that ended', [
    {
      type: OptionType.string,
      name: 'session',
      description: 'Which one; in its thread not needed',
      autocomplete: true,
      max_length: 100,
    },
  ]),
  command('project', 'Which project this channel works in', [
    {
      type: OptionType.subCommand,
      name: 'bind',
      description: 'Bind this channel to a project, so that /ask and /new here need no option',
      options: [{ ...project, required: true }, anyRunner],
    },
    { type: OptionType.subCommand, name: 'unbind', description: 'This channel is bound to no project' },
    { type: OptionType.subCommand, name: 'list', description: 'The projects that you may start in' },
  ]),
  command('fork', 'Go on in a new thread with a copy of a session; the session itself stays as it is', [
    prompt(false),
    {
      type: OptionType.string,
      name: 'session',
      description: 'Which one; in its thread not needed',
      autocomplete: true,
      max_length: 100,
    },
  ]),
  command('runner', 'The machines that Claude runs on', [
    {
      type: OptionType.subCommand,
      name: 'pair',
      description: 'Connect a machine of yours as a runner',
    },
    { type: OptionType.subCommand, name: 'list', description: 'The runners of this server' },
    {
      type: OptionType.subCommand,
      name: 'share',
      description: 'Let a member or a role use your runner',
      options: [
        { type: OptionType.user, name: 'member', description: 'Who may use it' },
        { type: OptionType.role, name: 'role', description: 'Everyone with this role may use it' },
        runner,
        { type: OptionType.boolean, name: 'off', description: 'Take the share back' },
      ],
    },
    {
      type: OptionType.subCommand,
      name: 'remove',
      description: 'Take your runner out of this server; its key stops working at once',
      options: [runner],
    },
  ]),
];

export const MENU_COMMANDS: readonly MenuCommand[] = [
  { type: 3, name: ASK_CLAUDE, integration_types: [0], contexts: [0] },
];

/** All that Discord is told of. */
export const ALL_COMMANDS = [...COMMANDS, ...MENU_COMMANDS] as const;
