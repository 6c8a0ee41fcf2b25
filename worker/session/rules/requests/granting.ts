/** Decisions that allow more than the request itself: a rule of the CLI's own, edits from then on. Nothing is granted that was not shown. */
import type { GrantScope } from '../../../../protocol/commands.ts';
import { may } from '../../../domain/access.ts';
import { choiceTag, encodeCustomId, readTag } from '../../../domain/buttons.ts';
import type { Button } from '../../../domain/slot.ts';
import { escapeText, inlineCode } from '../../../render/text/escape.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { refusal } from '../../state/refusals.ts';
import { decideWith, pending } from './deciding.ts';

const NO_RULE = 'There is no rule to keep for this request. Nothing was done.';
/** The choice behind the tag of a scope's button. */
export const SCOPES: Readonly<Record<string, GrantScope>> = { s: 'session', p: 'localSettings' };

/** **Always…**: shows the rule and where it may be kept, to the one who asked alone. */
export function showRule(d: Draft, p: Pressed): RuleAnswer {
  const found = pending(d, p);
  if ('kind' in found) return found;
  const { c } = p;
  const { rule, inputHash, gen, ref, input } = found.entry;
  if (rule === undefined || input === null) return refuse(NO_RULE);
  const button = (label: string, style: Button['style'], which: string): Button => ({
    label,
    style,
    id: encodeCustomId({ verb: 'rule', gen, ref, tag: choiceTag(inputHash, which) }),
  });
  const project = rule.scopes.includes('localSettings') && mayKeep(p);
  const runner = escapeText(c.runnerName);
  const lines = [
    `Rule: ${inlineCode(rule.label)}`,
    'Allows this request, and from then on all that the rule matches, without asking. The mode stays as it is.',
    ...(rule.label.includes('(') ? [] : ['⚠️ It has no limits: it matches every use, whatever the input.']),
    '-# This session: until the session ends.',
    ...(project
      ? [
          `-# This project on ${runner}: written into the project’s \`.claude/settings.local.json\` there, so it holds for every session in it and for Claude in a terminal.`,
        ]
      : []),
  ];
  return {
    kind: 'private',
    text: lines.join('\n'),
    rows: [
      [
        button('This session', 'success', 's'),
        ...(project ? [button(`This project on ${c.runnerName}`, 'primary', 'p')] : []),
        button('Cancel', 'secondary', 'x'),
      ],
    ],
  };
}

/** A scope was chosen. The buttons stand on the private answer, so what they are about is found by number and hash alone. */
export function allowByRule(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const { which } = readTag(p.id.tag);
  if (which === 'x') return { kind: 'update', text: 'Nothing was allowed. The card still waits.', rows: [] };
  const card = d.state.requests.get(p.id.ref)?.message ?? null;
  const found = pending(d, { id: p.id, message: card });
  if ('kind' in found) return found;
  const { rule, input } = found.entry;
  const scope = which !== null && Object.hasOwn(SCOPES, which) ? SCOPES[which] : undefined;
  if (rule === undefined || input === null || scope === undefined || !rule.scopes.includes(scope))
    return refuse(NO_RULE);
  if (scope === 'localSettings' && !mayKeep(p)) return refuse(refusal('notOwner', p.c));
  decideWith(
    d,
    found,
    {
      by: p.by,
      verdict: { behavior: 'allow', suggestion: rule.index, destination: scope },
      also: { is: 'rule', rule: rule.label, scope },
    },
    ctx,
  );
  const where = scope === 'session' ? 'in this session' : `in this project on ${escapeText(p.c.runnerName)}`;
  return { kind: 'update', text: `✓ Allowed, and always ${where}: ${inlineCode(rule.label)}`, rows: [] };
}

/** **Accept all edits**: the CLI's own suggestion for an edit is a change of mode, and the card says so. */
export function allowEdits(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const found = pending(d, p);
  if ('kind' in found) return found;
  const { asks, rule, edits, input } = found.entry;
  if (asks !== 'permission' || rule !== undefined || edits === undefined || input === null)
    return refuse('Edits cannot be accepted with this request. Nothing was done.');
  return decideWith(
    d,
    found,
    {
      by: p.by,
      verdict: { behavior: 'allow', suggestion: edits, destination: 'session' },
      also: { is: 'edits' },
    },
    ctx,
  );
}

function mayKeep({ c, member }: Pressed): boolean {
  return may(member, 'keepRule', { runner: c.access, starter: c.starter.id }).ok;
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
