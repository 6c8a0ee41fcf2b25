/** Discord's timestamps as words. */
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
/** Where the next larger unit reads better, in seconds. */
const UNITS: readonly (readonly [below: number, unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  [MINUTE_S, 'second', 1],
  [HOUR_S, 'minute', MINUTE_S],
  [DAY_S, 'hour', HOUR_S],
  [30 * DAY_S, 'day', DAY_S],
  [365 * DAY_S, 'month', 30 * DAY_S],
  [Number.POSITIVE_INFINITY, 'year', 365 * DAY_S],
];

const FORMATS: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

export function relativeWords(seconds: number, nowMs: number): string {
  const off = Math.round(seconds - nowMs / 1000);
  if (off === 0) return 'now';
  const [, unit, size] = UNITS.find(([below]) => Math.abs(off) < below) ?? [0, 'second' as const, 1];
  return relative.format(Math.trunc(off / size), unit);
}

/** A time that no calendar has is shown as its number. */
export function timeWords(seconds: number, style: string, nowMs: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  if (style === 'R') return relativeWords(seconds, nowMs);
  return new Intl.DateTimeFormat('en-GB', FORMATS[style] ?? FORMATS.f).format(date);
}

export function clockWords(ms: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(ms);
}
