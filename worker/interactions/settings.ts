import { SETTINGS, type Setting } from '../domain/contract.ts';
import { MODE_WORDS } from '../render/panels/modes.ts';
import { inThread, type Options, textOption } from './acting.ts';
import { type Command, type Option, OptionType } from './command.ts';
import { offered } from './options.ts';

/** The panel of this session, for the one who asks. */
export const settings: Command = {
  name: 'settings',
  description: 'How this session works and what you see of it: model, mode, effort, notifications',
  options: [
    {
      type: OptionType.string,
      name: 'effort',
      description: 'How hard Claude thinks; default: its own choice',
      max_length: 20,
      suggest: offered('effort'),
    },
    choice('verbosity', 'How much of the work the thread shows', ['quiet', 'normal', 'verbose']),
    choice('notify', 'What in this thread notifies you', ['all', 'requests', 'none']),
    choice('messages', 'Whether plain messages in this thread are prompts', ['on', 'off']),
  ],
  run: (acting, options) => inThread(acting, { do: 'settings', ...given(options) }),
};

/** One setting, without the panel: people look for it under this name. */
function alone(description: string, option: Option & { readonly name: Setting }): Command {
  return {
    name: option.name,
    description,
    options: [{ ...option, required: true }],
    run: (acting, options) => inThread(acting, { do: 'settings', panel: false, ...given(options) }),
  };
}

export const model = alone('Which model Claude works with here', {
  type: OptionType.string,
  name: 'model',
  description: 'Of those that Claude offers; default: its own choice',
  max_length: 100,
  suggest: offered('model'),
});

export const mode = alone('What Claude asks for here, and what it does without asking', {
  type: OptionType.string,
  name: 'mode',
  description: 'The settings of the runner say which are allowed',
  choices: [
    ...Object.entries(MODE_WORDS).map(([value, words]) => ({ name: `${value}: ${words}`, value })),
    { name: 'runner: as the runner’s own settings have it', value: 'runner' },
  ],
});

function choice(name: Setting, description: string, values: readonly string[]): Option {
  return {
    type: OptionType.string,
    name,
    description,
    choices: values.map((value) => ({ name: value, value })),
  };
}

function given(options: Options): { readonly [S in Setting]?: string } {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      const value = textOption(options, name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
