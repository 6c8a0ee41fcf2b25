/** Numbers and times as a phone shows them. */

const SECOND_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;

/** `45s`, `2m 14s`, `1h 03m`. Under a second: `1s`, because zero looks like nothing happened. */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / SECOND_MS));
  if (seconds < MINUTE_S) return `${seconds}s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m ${two(seconds % MINUTE_S)}s`;
  return `${Math.floor(seconds / HOUR_S)}h ${two(Math.floor((seconds % HOUR_S) / MINUTE_S))}m`;
}

/** US dollars: `$0.21`, `$0.004`, `$12.30`; nothing spent is `$0`. */
export function money(usd: number): string {
  if (usd <= 0) return '$0';
  if (usd < 0.001) return '<$0.001';
  return usd < 0.01 ? `$${usd.toFixed(3)}` : `$${usd.toFixed(2)}`;
}

/** `950`, `12k`, `1.2M`. */
export function tokens(count: number): string {
  return scaled(count, 1000, ['', 'k', 'M', 'G']);
}

/** `950 bytes`, `12 kB`, `1.2 MB`. */
export function bytes(count: number): string {
  return scaled(count, 1000, [' bytes', ' kB', ' MB', ' GB']);
}

function scaled(count: number, step: number, units: readonly string[]): string {
  let value = count;
  let unit = 0;
  while (value >= step - 0.5 && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  const text = unit > 0 && value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
  return `${text}${units[unit] ?? ''}`;
}

/** `1st`, `2nd`, `3rd`, `4th`, `11th`. */
export function ordinal(place: number): string {
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][place % 10] ?? 'th');
  return `${place}${ending}`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `38%` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** `+12 −3`, with a real minus sign so that it lines up; empty when both are unknown or zero. */
export function changed(added: number | null, removed: number | null): string {
  const parts = [];
  if (added !== null && added > 0) parts.push(`+${added}`);
  if (removed !== null && removed > 0) parts.push(`−${removed}`);
  return parts.join(' ');
}

/**
 * Discord renders it in the reader's own time zone and keeps it current. `R` relative, `t` 16:20, `T` 16:20:30, `f` date and time.
 * `atMs`: Unix milliseconds.
 */
export function timestamp(atMs: number, style: 'R' | 't' | 'T' | 'f'): string {
  return `<t:${Math.floor(atMs / SECOND_MS)}:${style}>`;
}

const MODEL =
  /^(?:.*[./])?claude-(?:(\d+)(?:-(\d{1,2}))?-)?([a-z]+)(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[-@:[].*)?$/;

/** `claude-sonnet-4-5-20250929` is `Sonnet 4.5`; a name that is not like that stays. The result is as trusted as the name. */
export function modelName(model: string): string {
  const match = MODEL.exec(model);
  const family = match?.[3];
  if (match === null || family === undefined) return model;
  const major = match[4] ?? match[1];
  const minor = match[5] ?? match[2];
  const version = major === undefined ? '' : minor === undefined ? ` ${major}` : ` ${major}.${minor}`;
  return `${family.charAt(0).toUpperCase()}${family.slice(1)}${version}`;
}

/** The first of these lines that are at most `max` characters together, and how many do not fit. */
export function fitting(
  lines: readonly string[],
  max: number,
): { readonly shown: readonly string[]; readonly left: number } {
  let room = max;
  const first = lines.findIndex((line) => {
    room -= line.length + 1;
    return room < 0;
  });
  const shown = first === -1 ? lines : lines.slice(0, first);
  return { shown, left: lines.length - shown.length };
}
