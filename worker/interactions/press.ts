import type { MessageId, ThreadId } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import { isSessionVerb, parseCustomId } from '../domain/buttons.ts';
import type { Answer, Press, SessionAnswer } from '../domain/contract.ts';
import { type Acting, askGuild, askSession, beginHere, say, threadOf, threadOfCard } from './acting.ts';

/** A button, a menu or a form. What it carries says where to look; whether it may do anything is decided there. */
export async function press(acting: Acting, customId: string, used: Omit<Press, 'id'>): Promise<Answer> {
  const id = parseCustomId(customId);
  if (id === null) return say('This button is not one that Heddle knows, so nothing happened.');
  const act = { do: 'press', id, ...used } as const;
  if (!isSessionVerb(id.verb)) return askGuild(acting, act);
  const thread = sessionAddress(acting, used.message);
  if (thread === null) return say('No session is here, so nothing happened.');
  const answer = await askSession(acting, thread, act);
  return answer.kind === 'start' ? beginAnew(acting, answer) : answer;
}

/** "Yes, end it and begin anew": the answer takes the place of the question. */
async function beginAnew(acting: Acting, wish: Extract<SessionAnswer, { kind: 'start' }>): Promise<Answer> {
  if (kindOf(acting.place) !== 'thread') return say('The session of this button is not there any more.');
  const answer = await beginHere(acting, wish);
  return answer.kind === 'modal' ? answer : { kind: 'update', text: answer.text, rows: [] };
}

/** There are two ways to a Session and no other: its thread, and its card in the parent channel. */
function sessionAddress(acting: Acting, message: MessageId | null): ThreadId | null {
  switch (kindOf(acting.place)) {
    case 'thread':
      return threadOf(acting);
    case 'channel':
      return message === null ? null : threadOfCard(message);
    case 'elsewhere':
      return null;
  }
}
