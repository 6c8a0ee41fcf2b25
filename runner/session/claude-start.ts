/** From a conversation to a live CLI process: its folder, the executable, what it may read, whether it resumes. */
import { randomUUID } from 'node:crypto';
import type { PermissionMode } from '../../protocol/configure.ts';
import type { ProcessId, ThreadId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import {
  type ClaudeProcess,
  type ClaudeSink,
  ClaudeStartError,
  type StartFailure,
} from '../claude/line/types.ts';
import type { Place } from '../git/worktrees.ts';
import { findProject } from '../home/projects.ts';
import { allowedModes } from '../home/settings.ts';
import type { Conversation } from '../journal/session-state.ts';
import { checkWish, type Wish } from '../journal/wishes.ts';
import type { HostContext, HostPairing } from './host-context.ts';
import { folderOf } from './prompt-files.ts';
import type { FailedCode } from './session-endings.ts';
import { placeFor, prepareWorktree } from './session-worktree.ts';

/** Where, and with which permission mode, this machine's owner lets a conversation run. */
export interface Terms {
  /** The project's folder, or its worktree. */
  readonly cwd: string;
  /** The project's own folder. */
  readonly project: string;
  readonly place: Place | null;
  /** With files of its prompts; null: there are none. */
  readonly files: string | null;
  readonly mode: PermissionMode;
  /** Null: Claude's default. */
  readonly model: string | null;
  readonly effort: string | null;
}

export type StartResult =
  | { readonly ok: true; readonly process: ClaudeProcess; readonly pid: number; readonly terms: Terms }
  | { readonly ok: false; readonly code: FailedCode; readonly words: string };

export interface StartHooks {
  readonly thread: ThreadId;
  /** A process is about to be spawned: where its events go. A second one takes the place of the first. */
  sink(process: ProcessId): ClaudeSink;
  created(process: ClaudeProcess): void;
  /** Rules that people allowed for the rest of the session. */
  readonly granted: readonly string[];
  /** Nobody wants it any more. */
  cancelled(): boolean;
}

/** The terms of now: the settings may have changed since the process began, and the folder may be gone. */
export function termsOf(
  { settings, home }: HostContext,
  pairing: HostPairing,
  thread: ThreadId,
  conversation: Conversation,
  wish: Wish,
):
  | ({ readonly ok: true } & Terms)
  | { readonly ok: false; readonly code: FailedCode; readonly words: string } {
  const { project, starter } = conversation;
  const found = findProject(settings(), home, pairing.guild, project);
  if (!found.ok) return { ...found, code: 'project' };
  const place = placeFor(conversation, found.path);
  if (place !== null && 'words' in place) return { ok: false, code: 'worktree', words: place.words };
  const { mode, wish: kept } = checkWish(settings(), wish, starter, pairing.owner);
  return {
    ok: true,
    cwd: place?.cwd ?? found.path,
    project: found.path,
    place,
    files: folderOf(home.path, pairing, thread, conversation.gen),
    mode,
    model: kept.model,
    effort: kept.effort,
  };
}

export async function startClaude(
  context: HostContext,
  pairing: HostPairing,
  conversation: Conversation,
  wish: Wish,
  hooks: StartHooks,
): Promise<StartResult> {
  const { claude } = context;
  const terms = termsOf(context, pairing, hooks.thread, conversation, wish);
  if (!terms.ok) return terms;
  const located = await claude.locate();
  if (!located.ok) return { ok: false, code: 'start', words: located.words };
  // A worktree is the project's folder once more: who trusts the one trusts the other.
  const sources = await claude.settingsSources(terms.project);
  if (hooks.cancelled()) return UNWANTED;
  if (terms.place !== null) {
    const of = { place: terms.place, trusted: sources === 'all' };
    const made = await prepareWorktree(context, pairing, hooks.thread, conversation, of);
    if (!made.ok) return { ok: false, code: 'worktree', words: made.words };
  }

  const { ran, forkOf } = conversation;
  const attempt = async (
    resume: boolean,
    forkAt: string | null = conversation.forkAt,
  ): Promise<StartResult | StartFailure> => {
    if (hooks.cancelled()) return UNWANTED;
    const id = randomUUID() as string as ProcessId;
    const process = claude.create(
      {
        bin: located.bin,
        version: located.version,
        cwd: terms.cwd,
        ...(terms.files === null ? {} : { addFolder: terms.files }),
        claudeSession: conversation.claudeSession,
        resume,
        ...(resume || forkOf === null ? {} : { forkOf, ...(forkAt === null ? {} : { forkAt }) }),
        settings: sources,
        ...(hooks.granted.length === 0 ? {} : { allowed: hooks.granted }),
        process: id,
        mode: terms.mode,
        ...modelOf(terms, wish),
        ...(terms.effort === null ? {} : { effort: terms.effort }),
        modes: allowedModes(context.settings(), conversation.starter, pairing.owner),
      },
      hooks.sink(id),
    );
    hooks.created(process);
    try {
      return { ok: true, process, pid: (await process.start()).pid, terms };
    } catch (error) {
      if (error instanceof ClaudeStartError) return error.failure;
      throw error;
    }
  };

  let result = await attempt(ran !== 'never');
  // A prompt was given once, but the process died before Claude wrote a transcript: there is nothing to lose.
  if ('code' in result && result.code === 'transcriptMissing' && ran === 'fed') result = await attempt(false);
  // Claude: the message may be gone from the conversation, after a rewind in a terminal. All of it is better than nothing.
  if ('code' in result && result.code === 'exited' && NO_MESSAGE.test(result.words))
    result = await attempt(false, null);
  return 'ok' in result ? result : { ok: false, code: failureCode(result), words: result.words };
}

const UNWANTED: StartResult = { ok: false, code: 'other', words: 'It is not wanted any more.' };

const NO_MESSAGE = /^No message found with message\.uuid/m;

/** Claude: a conversation that is resumed keeps its last model, so that the default has to be asked for. */
function modelOf({ model }: Terms, { rev }: Wish): { readonly model?: string } {
  if (model !== null) return { model };
  return rev === 0 ? {} : { model: 'default' };
}

function failureCode(failure: StartFailure): FailedCode {
  switch (failure.code) {
    case 'transcriptMissing':
      return 'transcript';
    case 'cwdMissing':
      return 'project';
    case 'notFound':
    case 'tooOld':
    case 'timeout':
    case 'exited':
      return 'start';
    default:
      return assertNever(failure);
  }
}
