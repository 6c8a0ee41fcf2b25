/** What the brands keep apart. Nothing runs here: the compiler is the judge, and `npm run check` fails when one of these is not true. */
import type { ChannelId, GuildId, MessageId, ThreadId } from '../../protocol/ids.ts';

type Is<A, B> = [A] extends [B] ? true : false;
type All<_Claims extends readonly true[]> = true;
type Not<Claim extends boolean> = Claim extends true ? false : true;

/** A thread is a channel, and nothing else is one by mistake. */
export type IdsStandApart = All<
  [
    Not<Is<ThreadId, never>>,
    Is<ThreadId, ChannelId>,
    Not<Is<ChannelId, ThreadId>>,
    Not<Is<ThreadId, GuildId>>,
    Not<Is<MessageId, ThreadId>>,
    Not<Is<string, ThreadId>>,
  ]
>;
