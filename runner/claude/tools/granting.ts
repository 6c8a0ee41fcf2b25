/** What a decision may grant beside the request itself: the CLI's own suggestions, as far as the runner takes them. Pure. */

import type { GrantScope, Verdict } from '../../../protocol/commands.ts';
import type { PermissionMode } from '../../../protocol/configure.ts';
import { clip, oneLine } from '../line/clip.ts';
import { type Json, records, string } from '../line/json.ts';
import type { ClaudeEventOf, Grant, SettingsSources } from '../line/types.ts';
import { suggestionLabel } from './tools.ts';

type Suggestion = ClaudeEventOf<'requestOpened'>['suggestions'][number];
type Allow = Extract<Verdict, { behavior: 'allow' }>;

/** What the runner's settings let a decision grant in a session. */
export interface Grantable {
  /** Modes that it may go on in. */
  readonly modes: readonly PermissionMode[];
  readonly settings: SettingsSources;
}

const WORD_MAX = 50;

export function describe(suggestion: Json, grantable: Grantable): Suggestion {
  const destination = string(suggestion, 'destination');
  const scopes = scopesOf(suggestion, grantable);
  return {
    type: clip(string(suggestion, 'type') ?? '', WORD_MAX),
    label: suggestionLabel(suggestion),
    ...(destination === null ? {} : { destination: clip(destination, WORD_MAX) }),
    ...(scopes.length === 0 ? {} : { scopes: [...scopes] }),
  };
}

/** Where a suggestion can be granted; nowhere what a person could not read whole. */
export function scopesOf(suggestion: Json, { modes, settings }: Grantable): readonly GrantScope[] {
  const rules = rulesOf(suggestion);
  if (rules !== null) {
    if (suggestionLabel(suggestion) !== rules.join(', ')) return [];
    // Claude: rules of the project's folder are not read when only the person's own settings are.
    return settings === 'all' ? ['session', 'localSettings'] : ['session'];
  }
  return modes.some((mode) => mode === modeOf(suggestion)) ? ['session'] : [];
}

/** The rules of a suggestion that does nothing but allow them, else null. */
function rulesOf(suggestion: Json): readonly string[] | null {
  if (string(suggestion, 'type') !== 'addRules' || string(suggestion, 'behavior') !== 'allow') return null;
  const rules = records(suggestion, 'rules').map((rule) => {
    const content = string(rule, 'ruleContent');
    const tool = string(rule, 'toolName') ?? '';
    return content === null || tool === '' ? tool : `${tool}(${content})`;
  });
  const whole = Array.isArray(suggestion.rules) && suggestion.rules.length === rules.length;
  return whole && rules.length > 0 && rules.every((rule) => rule !== '' && rule === oneLine(rule))
    ? rules
    : null;
}

function modeOf(suggestion: Json): string | null {
  return string(suggestion, 'type') === 'setMode' ? string(suggestion, 'mode') : null;
}

export type Granted =
  | { readonly permissions: readonly Json[]; readonly grant: Grant | null }
  | { readonly refused: string };

/** The CLI's `updatedPermissions` for a decision, from the runner's own copy of the suggestions. */
export function granted(
  verdict: Allow,
  { asks, suggestions }: { readonly asks: string; readonly suggestions: readonly Json[] },
  grantable: Grantable,
): Granted {
  const { suggestion: index, destination, mode } = verdict;
  if (mode !== undefined) {
    if (asks !== 'plan') return { refused: 'Only a plan is approved together with a mode.' };
    if (index !== undefined) return { refused: 'That decision grants two things at once.' };
    if (!grantable.modes.includes(mode))
      return { refused: 'The settings of this runner do not let this session go on in that mode.' };
    return {
      permissions: [{ type: 'setMode', mode, destination: 'session' }],
      grant: { grants: 'mode', mode },
    };
  }
  if (index === undefined) {
    return destination === undefined
      ? { permissions: [], grant: null }
      : { refused: 'That decision names a scope and no rule.' };
  }
  const suggestion = suggestions[index];
  if (suggestion === undefined) return { refused: 'There is no such suggestion.' };
  const scope = destination ?? 'session';
  if (!scopesOf(suggestion, grantable).includes(scope))
    return { refused: 'This runner does not grant that.' };
  const permissions = [{ ...suggestion, destination: scope }];
  if (scope !== 'session') return { permissions, grant: null };
  const rules = rulesOf(suggestion);
  if (rules !== null) return { permissions, grant: { grants: 'rules', rules } };
  const chosen = grantable.modes.find((each) => each === modeOf(suggestion));
  return { permissions, grant: chosen === undefined ? null : { grants: 'mode', mode: chosen } };
}
