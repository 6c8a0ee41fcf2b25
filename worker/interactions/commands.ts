/**
 * The slash commands as Discord is told of them (`npm run register`). A command's file in this folder has the same name.
 * Discord: https://discord.com/developers/docs/interactions/application-commands
 */

/** Discord's option types that Heddle uses. */
export const OptionType = { subCommand: 1, string: 3, boolean: 5, user: 6, role: 8 } as const;

interface Option {
  readonly type: (typeof OptionType)[keyof typeof OptionType];
  readonly name: string;
  /** 1 to 100 characters. */
  readonly description: string;
  /** Required options come first. */
  readonly required?: true;
  readonly autocomplete?: true;
  readonly max_length?: number;
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
    anyRunner,
  ]),
  command('new', 'Begin a new session with Claude', [
    prompt(false),
    project,
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
  command('status', 'How this session is; in a channel, the sessions of this server'),
  command('end', 'End the session in this thread', [
    { type: OptionType.boolean, name: 'all', description: 'All sessions of this server that you may end' },
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
