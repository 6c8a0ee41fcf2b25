/** What the brands keep apart. The compiler is the judge: `npm run check` fails when one of these does. */
import { expect, expectTypeOf, it } from 'vitest';
import type { ChannelId, GuildId, MessageId, ThreadId } from '../../protocol/ids.ts';

it('a thread is a channel, and nothing else is one by mistake', () => {
  expectTypeOf<ThreadId>().not.toBeNever();
  expectTypeOf<ThreadId>().toExtend<ChannelId>();
  expectTypeOf<ChannelId>().not.toExtend<ThreadId>();
  expectTypeOf<ThreadId>().not.toExtend<GuildId>();
  expectTypeOf<MessageId>().not.toExtend<ThreadId>();
  expectTypeOf<string>().not.toExtend<ThreadId>();
  expect.assertions(0);
});
