/** Why a process did not start, or ended by itself, in words that a person can be shown. */
import { stat } from 'node:fs/promises';
import { WORDS_MAX } from '../../../protocol/limits.ts';
import { clip } from '../line/clip.ts';
import type { ControlReply } from '../line/control.ts';
import type { StartFailure } from '../line/types.ts';
import type { ChildExit } from '../process/child.ts';
import { NO_CONVERSATION, type Outcome } from './outcome.ts';

/** Claude: a missing folder and a missing program are the same ENOENT of `spawn`, so each is looked for first. */
export async function missingPlace(cwd: string, bin: string): Promise<StartFailure | null> {
  const folder = await stat(cwd).catch(() => null);
  if (folder?.isDirectory() !== true)
    return { code: 'cwdMissing', words: `The project's folder ${cwd} is gone.` };
  const program = await stat(bin).catch(() => null);
  if (program?.isFile() !== true) return { code: 'notFound', words: `There is no Claude Code at ${bin}.` };
  return null;
}

export interface NotStarted {
  readonly bin: string;
  /** 0: the system could not run it at all. */
  readonly pid: number;
  readonly reply: Extract<ControlReply, { ok: false }>;
  readonly exit: ChildExit;
  readonly exitedByItself: boolean;
  /** What it said in results, before it was ready. */
  readonly said: readonly string[];
}

export function startFailure({ bin, pid, reply, exit, exitedByItself, said }: NotStarted): StartFailure {
  if (pid === 0) return { code: 'notFound', words: `${bin} cannot be run on this machine.` };
  const words = [...said, exit.stderr].filter((text) => text.trim() !== '');
  if (words.some((text) => NO_CONVERSATION.test(text)))
    return {
      code: 'transcriptMissing',
      words: 'Claude no longer has this conversation: its file was deleted.',
    };
  if (reply.why === 'timeout' && !exitedByItself) return { code: 'timeout', words: reply.words };
  const own = reply.why === 'error' && reply.words !== '' ? reply.words : exitWords({ ...exit, stderr: '' });
  return {
    code: 'exited',
    exitCode: exit.code,
    signal: exit.signal,
    words: clip(words.at(-1) ?? own, WORDS_MAX),
  };
}

/** How a turn ends whose process died. The CLI may have seen the prompt, so it is not sent again. */
export function crashed(words: string): Outcome {
  return { as: 'failed', code: 'crashed', words, started: true };
}

export function exitWords(exit: ChildExit): string {
  const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  return clip(`Claude ended ${how}.${exit.stderr === '' ? '' : ` It said: ${exit.stderr}`}`, WORDS_MAX);
}
