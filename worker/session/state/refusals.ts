import { assertNever } from '../../../protocol/never.ts';
import type { Why } from '../../domain/access.ts';
import { escapeText } from '../../render/text/escape.ts';
import type { Conversation } from './conversation.ts';

/** Why somebody may not, and who may. */
export function refusal(why: Why, c: Conversation): string {
  const owner = escapeText(c.access.ownerName);
  const starter = escapeText(c.starter.name);
  const who = owner === starter ? owner : `${starter} and ${owner}`;
  switch (why) {
    case 'notStarterOrOwner':
      return `This session is for ${who}. Nothing was done.`;
    case 'notShared':
      return `The runner **${escapeText(c.runnerName)}** belongs to ${owner}, who has not shared it with you. Nothing was done.`;
    case 'runnerRemoved':
      return `The runner **${escapeText(c.runnerName)}** was removed from this server. Nothing was done.`;
    case 'notAuthor':
      return 'Only who wrote a prompt can change its words. **Remove** takes it out of the line. Nothing was done.';
    case 'noRunner':
    case 'notOwner':
    case 'needsManageServer':
    case 'needsManageChannels':
      return 'You may not do that here. Nothing was done.';
    default:
      return assertNever(why);
  }
}
