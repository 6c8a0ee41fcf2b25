/**
 * The files as they were before a turn. Claude: `rewind_files` takes the uuid of the turn's prompt, works after `--resume` as well, and
 * brings back what its own tools changed; what commands did it does not know.
 */
import { isAbsolute, relative } from 'node:path';
import * as v from 'valibot';
import type { EventOf } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { REWOUND_FILES_MAX, TOOL_SUMMARY_MAX, WORDS_MAX } from '../../../protocol/limits.ts';
import { clip } from './clip.ts';
import type { ControlReply } from './control.ts';
import type { Json } from './json.ts';

export type RewindOutcome = EventOf<'rewound'>['outcome'];

const count = v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0);
const Reply = v.object({
  canRewind: v.boolean(),
  error: v.fallback(v.optional(v.string()), undefined),
  filesChanged: v.fallback(v.array(v.string()), []),
  insertions: count,
  deletions: count,
});

/** Never throws: what Claude cannot do is an outcome. */
export async function rewind(
  turn: TurnId,
  apply: boolean,
  cwd: string,
  ask: (request: Json) => Promise<ControlReply>,
): Promise<RewindOutcome> {
  const reply = await ask({ subtype: 'rewind_files', user_message_id: turn, dry_run: !apply });
  if (!reply.ok) return cannot(reply.words);
  const read = v.safeParse(Reply, reply.response);
  if (!read.success) return cannot('Claude gave an answer that Heddle cannot read.');
  const { canRewind, error, filesChanged, insertions, deletions } = read.output;
  if (!canRewind) return cannot(error ?? 'Claude has no checkpoint of it.');
  const files = filesChanged
    .slice(0, REWOUND_FILES_MAX)
    .map((path) => clip(within(cwd, path), TOOL_SUMMARY_MAX));
  return { as: 'ok', files, count: filesChanged.length, insertions, deletions };
}

export function cannot(words: string): RewindOutcome {
  return { as: 'cannot', why: clip(words, WORDS_MAX) };
}

function within(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
