import type { ChannelId, ThreadId } from '../../protocol/ids.ts';
import { ChannelType, kindOf } from '../discord/channel-type.ts';
import type { Answer } from '../domain/contract.ts';
import { type Acting, askGuild, askSession, say, textOption, threadOf } from './acting.ts';
import type { Command } from './command.ts';
import { prompt, session } from './options.ts';
import { elsewhereWords, missingPermissions } from './place.ts';

/** A new thread that goes on from here with a copy of the conversation. */
export const fork: Command = {
  name: 'fork',
  description: 'Go on in a new thread with a copy of a session; the session itself stays as it is',
  options: [prompt, session('fork')],
  async run(acting, options) {
    const chosen = textOption(options, 'session');
    const text = textOption(options, 'prompt');
    if (chosen !== null && !/^\d{1,20}$/.test(chosen))
      return say('Choose one from the list that appears while you type.');
    const there = besideThread(acting);
    if ('refused' in there) return there.refused;
    const { beside } = there;
    if (chosen !== null)
      return askGuild(beside, { do: 'fork', thread: chosen as ThreadId, text, token: acting.token });
    if (kindOf(acting.place) === 'channel')
      return say('Use this in the thread of a session, or choose one with `session`.');
    const answer = await askSession(acting, threadOf(acting), { do: 'fork', text });
    if (answer.kind !== 'start') return answer;
    const { origin: goesOn } = answer;
    if (goesOn === undefined) return say('No session is in this thread. `/ask` or `/new` begins one.');
    const { token } = acting;
    return askGuild(beside, { do: 'start', text, project: null, thread: false, after: null, token, goesOn });
  },
};

/** Where a thread of its own can be made: the channel, or the one that this thread is in. */
export function besideThread(acting: Acting): { readonly beside: Acting } | { readonly refused: Answer } {
  const { place } = acting;
  if (kindOf(place) === 'elsewhere') return { refused: say(elsewhereWords(place)) };
  const inThread = kindOf(place) === 'thread';
  if (inThread && place.parent === null)
    return { refused: say('Discord did not say which channel this thread is in. Use this in a channel.') };
  const channel: ChannelId = inThread ? (place.parent ?? place.channel) : place.channel;
  const beside = inThread ? { ...place, channel, channelType: ChannelType.text, parent: null } : place;
  const missing = missingPermissions(beside);
  if (missing.length > 0) {
    return {
      refused: say(
        `Heddle lacks permissions in the channel, so nothing was begun: **${missing.join('**, **')}**. Someone who manages the channel can grant them.`,
      ),
    };
  }
  return { beside: { ...acting, place: beside } };
}
