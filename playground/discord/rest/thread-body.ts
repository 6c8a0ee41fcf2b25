import { AUTO_ARCHIVE_MINUTES } from '../core/threads.ts';
import type { Problems } from '../validate/problems.ts';
import type { JsonObject } from '../world/json.ts';

/** Discord: characters of a channel's name, seconds of slow mode. */
export const NAME_CHARS = 100;
export const MAX_SLOWMODE_S = 21_600;

/** Discord: one of four times, in minutes. */
export function autoArchiveOf(body: JsonObject, problems: Problems): number | undefined {
  const value = body.auto_archive_duration;
  if (value === undefined || value === null) return undefined;
  const known = AUTO_ARCHIVE_MINUTES.find((minutes) => minutes === value);
  if (known === undefined)
    problems.add(
      'auto_archive_duration',
      'BASE_TYPE_CHOICES',
      `Value must be one of (${AUTO_ARCHIVE_MINUTES.join(', ')}).`,
    );
  return known;
}
