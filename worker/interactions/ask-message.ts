import { checkFiles, LOOK } from '../discord/prompt-files.ts';
import { plainName } from '../render/thread/people.ts';
import { type Acting, begin, say } from './acting.ts';
import type { MenuCommand } from './command.ts';
import { PROMPT_MAX_CHARACTERS } from './options.ts';

/** In a message's menu: its text and attachments are the next prompt here, or begin a session, as `/ask` does. */
export const askMessage: MenuCommand = {
  name: 'Ask Claude',
  async run(acting, _, data) {
    const message = data.target_id === undefined ? undefined : data.resolved.messages?.[data.target_id];
    if (message === undefined)
      return say('Discord did not say what the message is, so nothing was done. Try `/ask`.');
    if (message.author.id === acting.env.DISCORD_APPLICATION_ID || message.author.bot === true)
      return say('That message is a bot’s, and Claude answers people. `/ask` with your own words goes on.');
    if ((message.message_snapshots ?? []).length > 0)
      return say(
        'That message is forwarded, and its words are somebody else’s. Copy them into `/ask` instead.',
      );
    const text = message.content.trim();
    if (text === '' && message.attachments.length === 0)
      return say('There is nothing to ask in that message: it has neither text nor files.');
    const given = checkFiles(acting.env, message.attachments);
    if ('refused' in given) return say(given.refused);
    const asked = whoSaid(acting, message.author) + (text === '' ? LOOK : text);
    if (asked.length > PROMPT_MAX_CHARACTERS)
      return say('That message is longer than a prompt may be. Nothing was done.');
    const { files } = given;
    return begin(acting, { text: asked, project: null, files }, { do: 'ask', text: asked, files });
  },
};

/** The prompt stands under the name of the one who chose it, so the words of another say so. */
function whoSaid(
  { member }: Acting,
  author: {
    readonly id: string;
    readonly username: string;
    readonly global_name?: string | null | undefined;
  },
): string {
  if (author.id === member.id) return '';
  return `[@${plainName(author.global_name ?? author.username)} wrote] `;
}
