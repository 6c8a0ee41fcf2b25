/** Questions: an option's button, a menu, a form. What comes back is checked against what was asked. */

import { type CustomId, encodeCustomId, readTag } from '../../../domain/buttons.ts';
import type { Modal, ModalField } from '../../../domain/contract.ts';
import type { Question } from '../../../domain/transcript.ts';
import { menuOptions, plainLabel } from '../../../render/thread/question.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, Pressed, RuleAnswer } from '../../state/input.ts';
import { fieldText, giveBack, typedWords } from '../forms/fields.ts';
import { decideWith, type Pending, pending } from './deciding.ts';

/** Discord: fields of a form; and of a field, its label and the line below it. */
const FIELDS_MAX = 5;
const LABEL_MAX = 45;
const DESCRIPTION_MAX = 100;
/** Of an answer in a person's own words. Characters. */
const WORDS_MAX = 2_000;

const NO_SUCH_OPTION = 'That is not one of the options. Nothing was done; please answer on the card.';

/** An option's button, or what was chosen in the menu. */
export function pick(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const found = asked(d, p);
  if ('kind' in found) return found;
  const [question, second] = found.questions;
  if (question === undefined || second !== undefined) return refuse(NO_SUCH_OPTION);
  const { which } = readTag(p.id.tag);
  const chosen = chosenOf(question, which === null ? (p.values ?? []) : [which]);
  if (chosen === null || chosen.length === 0) return refuse(NO_SUCH_OPTION);
  return answerWith(d, found, [chosen.join(', ')], p, ctx);
}

export function answer(d: Draft, p: Pressed, ctx: Context): RuleAnswer {
  const { id, fields } = p;
  const found = asked(d, p);
  if ('kind' in found) return giveBack(found, fields);
  if (fields === undefined) return { kind: 'modal', modal: formOf(id, found.questions) };
  const answers: string[] = [];
  for (const [n, question] of found.questions.entries()) {
    const values = Object.hasOwn(fields, `choice${n}`) ? (fields[`choice${n}`] ?? []) : [];
    const chosen = chosenOf(question, values);
    if (chosen === null) return refuse(NO_SUCH_OPTION);
    const words = fieldText(fields, `words${n}`).slice(0, WORDS_MAX);
    const all = [...chosen, ...(words === '' ? [] : [words])];
    if (all.length === 0)
      return refuse(
        `Question ${n + 1} has no answer yet. Nothing was done; please answer each.${typedWords(fields)}`,
      );
    answers.push(all.join(', '));
  }
  return answerWith(d, found, answers, p, ctx);
}

type Asked = Pending & { readonly questions: readonly Question[] };

function asked(d: Draft, p: Pressed): Asked | RuleAnswer {
  const found = pending(d, p);
  if ('kind' in found) return found;
  const { questions } = found.entry;
  if (found.entry.asks !== 'question' || questions === undefined)
    return refuse('That request is no question. Nothing was done.');
  return { ...found, questions };
}

/** The labels of the options with these numbers; null when one is none of them, comes twice, or is one too many. */
function chosenOf({ options, many }: Question, values: readonly string[]): string[] | null {
  if (new Set(values).size !== values.length || (!many && values.length > 1)) return null;
  // In the order of the question, whatever the order in which they were chosen.
  const labels = options.filter((_, n) => values.includes(String(n))).map(({ label }) => label);
  return labels.length === values.length ? labels : null;
}

function answerWith(
  d: Draft,
  { request, entry, questions }: Asked,
  given: readonly string[],
  { by }: Pressed,
  ctx: Context,
): RuleAnswer {
  const answers = questions.map(({ question }, n) => ({ question, answer: given[n] ?? '' }));
  const byQuestion = Object.fromEntries(answers.map(({ question, answer: words }) => [question, words]));
  return decideWith(
    d,
    { request, entry },
    {
      by,
      verdict: { behavior: 'allow', answers: byQuestion },
      also: { is: 'answers', answers },
    },
    ctx,
  );
}

/** One question: words of one's own. Several: a choice for each, and words where a form has room for them. */
function formOf(id: CustomId, questions: readonly Question[]): Modal {
  const several = questions.length > 1;
  const room = questions.length * 2 <= FIELDS_MAX;
  const fields = questions.flatMap((question, n): ModalField[] => {
    const description = plainLabel(question.question, DESCRIPTION_MAX, '');
    const label = plainLabel(question.header || question.question, LABEL_MAX);
    const words = (name: string, required: boolean): ModalField => ({
      kind: 'text',
      id: `words${n}`,
      label: plainLabel(name, LABEL_MAX),
      style: 'paragraph',
      required,
      max: WORDS_MAX,
      ...(required ? { description } : {}),
    });
    if (!several || question.options.length === 0) return [words(several ? label : 'Your answer', true)];
    const choice: ModalField = {
      kind: 'choice',
      id: `choice${n}`,
      label,
      description,
      required: !room,
      max: question.many ? question.options.length : 1,
      options: menuOptions(question),
    };
    return room ? [choice, words(`Other: ${label}`, false)] : [choice];
  });
  return { id: encodeCustomId(id), title: several ? 'Answers' : 'Answer', fields };
}

function refuse(text: string): RuleAnswer {
  return { kind: 'private', text };
}
