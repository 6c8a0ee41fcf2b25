/** The panel of `/settings`: one menu for each thing that can be chosen. Only the one who asked sees it. */
import type { PermissionMode } from '../../../protocol/configure.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { ButtonRow, MenuOption } from '../../domain/slot.ts';
import type { Notify, Verbosity } from '../../domain/transcript.ts';
import { ellipsis, escapeText, showInvisible } from '../text/escape.ts';
import { modelName } from '../text/format.ts';
import { MODE_WORDS } from './modes.ts';

export interface SettingsFacts {
  readonly gen: number;
  /** Untrusted text, as the names of models are. */
  readonly runner: string;
  /** What the newest process runs with, as far as is known. */
  readonly now: { readonly model: string | null; readonly mode: string | null };
  /** What is desired; null: the default. */
  readonly desired: {
    readonly model: string | null;
    readonly mode: PermissionMode | null;
    readonly effort: string | null;
  };
  /** Null: no process of this session has run yet, so nothing is known. */
  readonly offers: {
    readonly models: readonly { readonly value: string; readonly name: string }[];
    readonly modes: readonly PermissionMode[];
    readonly efforts: readonly string[];
  } | null;
  readonly verbosity: Verbosity;
  readonly notify: Notify;
  /** Plain messages are prompts. */
  readonly messages: boolean;
  /** What has just been done. */
  readonly said: readonly string[];
}

/** Discord: options of a menu, and characters of their texts. */
const OPTIONS_MAX = 25;
const LABEL_MAX = 100;

const VERBOSITIES: Readonly<Record<Verbosity, string>> = {
  quiet: 'the answer and what needs you; tools are counted',
  normal: 'the answer, edits and commands; what is only read is counted',
  verbose: 'every tool call',
};
const NOTIFIES: Readonly<Record<Notify, string>> = {
  all: 'requests, long turns and failures',
  requests: 'only when Claude waits for you',
  none: 'nothing',
};

export function settingsPanel(facts: SettingsFacts): { text: string; rows: readonly ButtonRow[] } {
  const { desired, offers, verbosity, notify } = facts;
  const menu = (tag: string, placeholder: string, options: readonly MenuOption[]): ButtonRow => [
    {
      id: encodeCustomId({ verb: 'set', gen: facts.gen, ref: 0, tag }),
      placeholder,
      options: options.slice(0, OPTIONS_MAX),
    },
  ];
  const rows: ButtonRow[] = [];
  if (offers !== null && offers.models.length > 0) {
    const models = offers.models.filter(({ value }) => value !== 'default');
    rows.push(
      menu('model', 'Model', [
        option('default', 'Model: Claude’s default', desired.model === null),
        ...models.map(({ value, name }) => option(value, `Model: ${name}`, desired.model === value)),
      ]),
    );
  }
  if (offers !== null && offers.modes.length > 0)
    rows.push(
      menu('mode', 'Mode', [
        option('runner', `Mode: as ${facts.runner} has it`, desired.mode === null),
        ...offers.modes.map((mode) => option(mode, `Mode: ${mode}`, desired.mode === mode, MODE_WORDS[mode])),
      ]),
    );
  if (offers !== null && offers.efforts.length > 0)
    rows.push(
      menu('effort', 'Effort', [
        option('default', 'Effort: Claude’s default', desired.effort === null),
        ...offers.efforts.map((effort) => option(effort, `Effort: ${effort}`, desired.effort === effort)),
      ]),
    );
  rows.push(
    menu('verbosity', 'Shown', each(VERBOSITIES, 'Shown', verbosity)),
    menu('notify', 'Notifies me', each(NOTIFIES, 'Notifies me', notify)),
  );
  return { text: text(facts), rows };
}

function text({ now, desired, offers, runner, messages, said }: SettingsFacts): string {
  const model = now.model === null ? null : escapeText(modelName(now.model));
  const runs = [model, now.mode === null ? null : escapeText(now.mode), desired.effort].filter(
    (part) => part !== null,
  );
  return [
    '**Settings of this session**',
    ...(runs.length === 0 ? [] : [`Now: ${runs.join(' · ')}`]),
    ...(offers === null
      ? [`-# What Claude on ${escapeText(runner)} offers is known after the first turn.`]
      : []),
    ...said,
    `-# Plain messages here are ${messages ? 'prompts' : 'left alone'}: \`/settings messages:\` changes that.`,
    '-# Also `/model`, `/mode`, and options of `/settings`. `/budget` says what it may cost.',
  ].join('\n');
}

function option(value: string, label: string, chosen: boolean, description?: string): MenuOption {
  const clipped = (words: string) => ellipsis(showInvisible(words), LABEL_MAX);
  return {
    value,
    label: clipped(label),
    ...(description === undefined ? {} : { description: clipped(description) }),
    ...(chosen ? { chosen } : {}),
  };
}

function each<T extends string>(words: Readonly<Record<T, string>>, name: string, now: T): MenuOption[] {
  return (Object.keys(words) as T[]).map((value) =>
    option(value, `${name}: ${value}`, value === now, words[value]),
  );
}
