/** Who says what, in what Claude gets, as soon as more than one person takes part. */
import type { Conversation, Queued } from './state.ts';

/** Enough to tell people apart. Characters. */
const NAME_MAX = 40;

/** The prompt with its author's name in front. Claude's own slash commands stand at the beginning, so they get none. */
export function addressed({ text, author }: Pick<Queued, 'text' | 'author'>, c: Conversation): string {
  if (c.together !== true || text.startsWith('/')) return text;
  return `[@${plainName(author.name)}] ${text}`;
}

/** A name is whatever its bearer chose; it must not end the bracket or begin a line of its own. */
export function plainName(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}[\]]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...plain].slice(0, NAME_MAX).join('') || 'someone';
}
