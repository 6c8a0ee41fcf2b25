/** What a question asks, from its input. Null: not something that a card and a form can ask, so Claude is told to ask in plain text. */
import type { Question } from '../../../domain/transcript.ts';

/** Discord: fields of a form, and options of a menu. */
const QUESTIONS_MAX = 4;
const OPTIONS_MAX = 25;

export function readQuestions(input: string | null): readonly Question[] | null {
  const asked = list(field(parsed(input), 'questions'));
  const questions = asked.map(readQuestion).filter((question) => question !== null);
  const texts = new Set(questions.map(({ question }) => question));
  const good = questions.length === asked.length && texts.size === asked.length;
  return good && asked.length > 0 && asked.length <= QUESTIONS_MAX ? questions : null;
}

function readQuestion(value: unknown): Question | null {
  const question = text(field(value, 'question'));
  const given = list(field(value, 'options'));
  const options = given.map((option) => ({
    label: text(field(option, 'label')),
    description: text(field(option, 'description')),
  }));
  // An answer is the label, so one without words would answer nothing.
  if (question.trim() === '' || options.length > OPTIONS_MAX) return null;
  if (options.some(({ label }) => label.trim() === '')) return null;
  return {
    question,
    header: text(field(value, 'header')),
    many: field(value, 'multiSelect') === true,
    options,
  };
}

/** The plan of an input; empty when it has none. `alone`: the input holds nothing else that matters. */
export function readPlan(input: string | null): { readonly plan: string; readonly alone: boolean } {
  const value = parsed(input);
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return {
    plan: text(field(value, 'plan')),
    alone: keys.every((key) => key === 'plan' || key === 'planFilePath'),
  };
}

/** The first line with words, without the marks of a heading. */
export function firstLine(plan: string): string {
  const line = plan.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.replace(/^[\s#>*-]+/, '').trim();
}

function parsed(input: string | null): unknown {
  try {
    return input === null ? null : JSON.parse(input);
  } catch {
    return null;
  }
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
