/** What the brands keep apart, as claims for the compiler. */
import type { ChannelId, GuildId, MessageId, ThreadId } from '../../protocol/ids.ts';
import type { All, Is, Not } from './claims.ts';

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
