import type { Snowflake } from '../../../protocol/ids.ts';
import type { Clock } from './clock.ts';

/** Discord: the first second of 2015, from which snowflakes count milliseconds (reference "Snowflakes"). */
const DISCORD_EPOCH_MS = 1_420_070_400_000n;
/** The low bits of a snowflake: worker, process and a counter within the millisecond. */
const COUNTER_BITS = 22n;
const SNOWFLAKE = /^\d{15,20}$/;

export type Mint = <T extends Snowflake>() => T;

/** Makes ids that grow strictly, also within one millisecond; the one place where a fresh id gets its brand. */
export function createMint(clock: Clock): Mint {
  let last = 0n;
  return <T extends Snowflake>(): T => {
    const first = (BigInt(clock.now()) - DISCORD_EPOCH_MS) << COUNTER_BITS;
    last = first > last ? first : last + 1n;
    return String(last) as T;
  };
}

export function snowflakeTimeMs(id: Snowflake): number {
  return Number((BigInt(id) >> COUNTER_BITS) + DISCORD_EPOCH_MS);
}

export function isSnowflake(value: unknown): value is Snowflake {
  return typeof value === 'string' && SNOWFLAKE.test(value);
}

/** Orders two snowflakes by age: negative when `a` is the older. */
export function compareSnowflakes(a: Snowflake, b: Snowflake): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length;
}
