import type { MessageId, ThreadId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import { kindOf } from '../discord/channel-type.ts';
import type { Answer, Press } from '../domain/contract.ts';
import { type CustomId, parseCustomId } from '../domain/custom-id.ts';
import { type Acting, askGuild, askSession, say, threadOf, threadOfCard } from './acting.ts';
import { type Follow, follow } from './begin.ts';

/** A button, a menu or a form. What it carries says where to look; whether it may do anything is decided there. */
export async function press(
  acting: Acting,
  customId: string,
  used: Pick<Press, 'message' | 'values' | 'fields'>,
): Promise<Answer> {
  const id = parseCustomId(customId);
  if (id === null) return say('This button is not one that Heddle knows, so nothing happened.');
  const act: Press = { do: 'press', id, ...used };
  if (ownerOf(id) === 'guild') return askGuild(acting, act);
  const thread = sessionAddress(acting, used.message);
  if (thread === null) return say('No session is here, so nothing happened.');
  const answer = await askSession(acting, thread, act);
  return answer.kind === 'start' ? beginAnew(acting, answer) : answer;
}

/** "Yes, end it and begin anew": the answer takes the place of the question. */
async function beginAnew(acting: Acting, wish: Follow): Promise<Answer> {
  if (kindOf(acting.place) !== 'thread') return say('The session of this button is not there any more.');
  const answer = await follow(acting, wish);
  return answer.kind === 'modal' ? answer : { kind: 'update', text: answer.text, rows: [] };
}

function ownerOf(id: CustomId): 'guild' | 'session' {
  switch (id.verb) {
    case 'pairlook':
    case 'pairyes':
    case 'pairno':
    case 'page':
    case 'runnerpage':
      return 'guild';
    case 'allow':
    case 'deny':
    case 'denywhy':
    case 'pick':
    case 'answer':
    case 'always':
    case 'rule':
    case 'edits':
    case 'approve':
    case 'approveedits':
    case 'changeplan':
    case 'stop':
    case 'wtkeep':
    case 'wtremove':
    case 'diff':
    case 'unqueue':
    case 'editqueued':
    case 'sendnow':
    case 'pickqueued':
    case 'reply':
    case 'continue':
    case 'continueat':
    case 'cancelat':
    case 'discard':
    case 'afresh':
    case 'extend':
    case 'set':
    case 'end':
    case 'resume':
    case 'renew':
    case 'cancelqueue':
    case 'undo':
    case 'undoyes':
    case 'undono':
      return 'session';
    default:
      return assertNever(id.verb);
  }
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
