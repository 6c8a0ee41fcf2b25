import type { MessageId, Snowflake } from '../../protocol/ids.ts';

/** The first second of 2015, from which Discord counts (Discord: Snowflakes). Unix milliseconds. */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;
const TIME_SHIFT = 22n;

/** When the thing with this id was made, in Unix milliseconds; null if it is not a snowflake. */
export function snowflakeTimeMs(id: Snowflake): number | null {
  if (!/^\d{1,20}$/.test(id)) return null;
  return Number((BigInt(id) >> TIME_SHIFT) + DISCORD_EPOCH_MS);
}

/** The lowest id that something made at this time can have: an `after` for lists of messages. */
export function snowflakeAt(timeMs: number): MessageId {
  const since = BigInt(Math.floor(timeMs)) - DISCORD_EPOCH_MS;
  return (since <= 0n ? 0n : since << TIME_SHIFT).toString() as MessageId;
}
