/** Who says what, in what Claude gets, as soon as more than one person takes part. */
import { plainName } from '../../render/thread/people.ts';
import type { Conversation } from './conversation.ts';
import type { Queued } from './state.ts';

/** The prompt with its author's name in front. Claude's own slash commands stand at the beginning, so they get none. */
export function addressed({ text, author }: Pick<Queued, 'text' | 'author'>, c: Conversation): string {
  if (!c.together || text.startsWith('/')) return text;
  return `[@${plainName(author.name)}] ${text}`;
}
