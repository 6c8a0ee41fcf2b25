/** The rows of threads in the journal: conversations, prompts and processes. */
import * as v from 'valibot';
import { type PromptFile, PromptFiles } from '../../protocol/files.ts';
import type {
  ClaudeSessionId,
  Gen,
  ProcessId,
  ProjectName,
  PromptId,
  ThreadId,
  TurnId,
  UserId,
} from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import type { ProcessRecord } from '../claude/process/orphans.ts';
import type { PairingId } from '../home/pairings.ts';
import type { Journal } from './journal.ts';
import type { Facts, Ran, ThreadState, Write } from './session-state.ts';
import { putWish, readWish, type Wish } from './wishes.ts';

/** An ended prompt is remembered this long, so that one which comes again is known. */
const PROMPT_MEMORY_MS = 30 * 24 * 60 * 60 * 1000;

/** Rules of one session that are kept: they go into one argument of the CLI. Those after it are asked for again in the next process. */
const GRANTED_MAX = 200;
/** Linux: 128 KiB an argument of a program, or it does not start at all. JSON, UTF-8. */
const GRANTED_MAX_BYTES = 64 * 1024;

/** A process as it was recorded; `record` null: the system did not say what it is. */
export interface RecordedProcess {
  readonly process: ProcessId;
  readonly record: ProcessRecord | null;
  readonly claudeSession: ClaudeSessionId;
}

/** In the place of files whose row cannot be read: nobody can fetch it, so the prompt ends with words. */
const UNREADABLE: readonly PromptFile[] = [{ name: 'What is attached', url: '', type: '', bytes: 0 }];

function readFiles(json: string): readonly PromptFile[] {
  try {
    return v.parse(PromptFiles, JSON.parse(json));
  } catch {
    return UNREADABLE;
  }
}

export class JournalSessions {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Threads with something to do or to end: prompts that have not ended, or recorded processes. */
  unfinished(): { readonly pairing: PairingId; readonly thread: ThreadId }[] {
    return this.#journal
      .sql(
        `SELECT pairing, thread FROM prompts WHERE state <> 'ended'
         UNION SELECT pairing, thread FROM processes
         UNION SELECT pairing, scope FROM links JOIN outgoing ON link = id WHERE scope <> 'guild'`,
      )
      .all()
      .map((row) => ({
        pairing: String(row.pairing) as PairingId,
        thread: String(row.thread) as ThreadId,
      }));
  }

  /** Forgets the prompts that ended long ago. */
  prune(nowMs: number): void {
    this.#journal
      .sql(`DELETE FROM prompts WHERE state = 'ended' AND at_ms < ?`)
      .run(nowMs - PROMPT_MEMORY_MS);
  }

  /** The pairing is over: what waits is not run, what is untold stays so, and its Claude conversations are free. */
  forget(pairing: PairingId): void {
    this.#journal.tx(() => {
      for (const change of [
        `UPDATE prompts SET state = 'ended', text = '', files = NULL WHERE pairing = ? AND state <> 'ended'`,
        'UPDATE sessions SET ended = 1 WHERE pairing = ? AND ended = 0',
        'DELETE FROM outgoing WHERE link IN (SELECT id FROM links WHERE pairing = ?)',
        'UPDATE links SET acked = last WHERE pairing = ?',
      ])
        this.#journal.sql(change).run(pairing);
    });
  }

  /** A session of Heddle's is, or was, this Claude conversation. */
  holds(session: ClaudeSessionId): boolean {
    return (
      this.#journal.sql('SELECT 1 FROM sessions WHERE claude_session = ? LIMIT 1').get(session) !== undefined
    );
  }

  /** The same for one thread, whose Session does not know this runner any more. */
  forgetThread(pairing: PairingId, thread: ThreadId): void {
    this.#journal.tx(() => {
      for (const change of [
        `UPDATE prompts SET state = 'ended', text = '', files = NULL WHERE pairing = ? AND thread = ? AND state <> 'ended'`,
        'UPDATE sessions SET ended = 1 WHERE pairing = ? AND thread = ? AND ended = 0',
        'DELETE FROM outgoing WHERE link IN (SELECT id FROM links WHERE pairing = ? AND scope = ?)',
        'UPDATE links SET acked = last WHERE pairing = ? AND scope = ?',
      ])
        this.#journal.sql(change).run(pairing, thread);
    });
  }

  of(pairing: PairingId, thread: ThreadId): ThreadRows {
    return new ThreadRows(this.#journal, pairing, thread);
  }
}

export class ThreadRows {
  readonly #journal: Journal;
  readonly #key: readonly [PairingId, ThreadId];

  constructor(journal: Journal, pairing: PairingId, thread: ThreadId) {
    this.#journal = journal;
    this.#key = [pairing, thread];
  }

  state(): ThreadState {
    const sql = (text: string) => this.#journal.sql(text);
    const conversation = sql(
      'SELECT * FROM sessions WHERE pairing = ? AND thread = ? ORDER BY gen DESC LIMIT 1',
    ).get(...this.#key);
    return {
      conversation:
        conversation === undefined
          ? null
          : {
              gen: Number(conversation.gen) as Gen,
              project: String(conversation.project) as ProjectName,
              claudeSession: String(conversation.claude_session) as ClaudeSessionId,
              starter: String(conversation.starter) as UserId,
              ran: String(conversation.ran) as Ran,
              forkOf:
                conversation.fork_of === null ? null : (String(conversation.fork_of) as ClaudeSessionId),
              forkAt: conversation.fork_at === null ? null : String(conversation.fork_at),
              worktree:
                conversation.worktree === null
                  ? null
                  : { name: String(conversation.worktree), goesOn: conversation.worktree_on === 1 },
              ended: conversation.ended === 1,
              refused: conversation.refused === null ? null : String(conversation.refused),
            },
      prompts: sql(
        `SELECT id, gen, text, state, slash, files FROM prompts WHERE pairing = ? AND thread = ? AND state <> 'ended' ORDER BY seq`,
      )
        .all(...this.#key)
        .map((row) => ({
          id: String(row.id) as PromptId,
          gen: Number(row.gen) as Gen,
          text: String(row.text),
          ...(row.slash === 1 ? { slash: true } : {}),
          ...(row.files === null ? {} : { files: readFiles(String(row.files)) }),
          state: row.state === 'started' ? 'started' : 'accepted',
        })),
      processes: sql('SELECT process, gen, own_turn FROM processes WHERE pairing = ? AND thread = ?')
        .all(...this.#key)
        .map((row) => ({
          process: String(row.process) as ProcessId,
          gen: Number(row.gen) as Gen,
          ownTurn: row.own_turn === null ? null : (String(row.own_turn) as TurnId),
        })),
    };
  }

  facts(): Facts {
    const [pairing, thread] = this.#key;
    return {
      takenElsewhere: (session) =>
        this.#journal
          .sql(
            `SELECT 1 FROM sessions WHERE claude_session = ? AND ended = 0 AND refused IS NULL
             AND NOT (pairing = ? AND thread = ?)`,
          )
          .get(session, pairing, thread) !== undefined,
      seen: (prompt) => this.#journal.sql('SELECT 1 FROM prompts WHERE id = ?').get(prompt) !== undefined,
      before: (session) => {
        const rows = this.#journal
          .sql('SELECT ran, fork_of, fork_at FROM sessions WHERE claude_session = ?')
          .all(session);
        if (rows.length === 0) return null;
        const ran = (['kept', 'fed'] as const).find((far) => rows.some((row) => row.ran === far)) ?? 'never';
        const fork = rows.find((row) => row.fork_of !== null);
        return {
          ran,
          forkOf: fork === undefined ? null : (String(fork.fork_of) as ClaudeSessionId),
          forkAt: fork?.fork_at == null ? null : String(fork.fork_at),
        };
      },
    };
  }

  /** Applies one write; call it inside a transaction. */
  apply(write: Write): void {
    const [pairing, thread] = this.#key;
    const sql = (text: string) => this.#journal.sql(text);
    switch (write.write) {
      case 'conversation': {
        const { gen, project, claudeSession, starter, ran, refused, ended, forkOf, forkAt, worktree } =
          write.conversation;
        sql(
          `INSERT INTO sessions (pairing, thread, gen, project, claude_session, starter, ran, refused, ended, fork_of, fork_at, worktree, worktree_on)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          ...[pairing, thread, gen, project, claudeSession, starter, ran, refused, ended ? 1 : 0],
          ...[forkOf, forkAt, worktree?.name ?? null, worktree?.goesOn === true ? 1 : 0],
        );
        return;
      }
      case 'conversationEnded':
        for (const change of [
          'UPDATE sessions SET ended = 1 WHERE pairing = ? AND thread = ? AND gen = ?',
          'DELETE FROM granted WHERE pairing = ? AND thread = ? AND gen = ?',
        ])
          sql(change).run(pairing, thread, write.gen);
        return;
      case 'ran':
        sql('UPDATE sessions SET ran = ? WHERE pairing = ? AND thread = ? AND gen = ?').run(
          ...[write.ran, pairing, thread, write.gen],
        );
        return;
      case 'claudeSession':
        // `/clear` gave it a new one. OR IGNORE: one that somebody else has stays theirs.
        sql(
          'UPDATE OR IGNORE sessions SET claude_session = ? WHERE pairing = ? AND thread = ? AND gen = ?',
        ).run(...[write.claudeSession, pairing, thread, write.gen]);
        return;
      case 'promptAccepted':
        sql(
          `INSERT INTO prompts (id, pairing, thread, gen, text, state, at_ms, slash, files) VALUES (?, ?, ?, ?, ?, 'accepted', ?, ?, ?)`,
        ).run(
          ...[write.id, pairing, thread, write.gen, write.text, Date.now(), write.slash === true ? 1 : 0],
          write.files === undefined ? null : JSON.stringify(write.files),
        );
        return;
      case 'promptStarted':
        sql(`UPDATE prompts SET state = 'started' WHERE id = ? AND state = 'accepted'`).run(write.id);
        return;
      case 'promptReturned':
        sql(`UPDATE prompts SET state = 'accepted' WHERE id = ? AND state = 'started'`).run(write.id);
        return;
      case 'promptEnded':
        sql(`UPDATE prompts SET state = 'ended', text = '', files = NULL WHERE id = ?`).run(write.id);
        return;
      case 'ownTurn':
        sql('UPDATE processes SET own_turn = ? WHERE process = ?').run(write.turn, write.process);
        return;
      case 'processGone':
        sql('DELETE FROM processes WHERE process = ?').run(write.process);
        return;
      case 'wish':
        return putWish(this.#journal, this.#key, write.gen, write.wish);
      default:
        assertNever(write);
    }
  }

  /** What the people of this gen want it to run with. */
  wish(gen: Gen): Wish {
    return readWish(this.#journal, this.#key, gen);
  }

  /** A process runs for this gen now; `record` null: the system has not said what it is, and until it does it cannot be ended later. */
  processRuns(gen: Gen, process: ProcessId, pid: number, record: ProcessRecord | null): void {
    const [pairing, thread] = this.#key;
    this.#journal
      .sql(
        `INSERT INTO processes (process, pairing, thread, gen, pid, started, command) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (process) DO UPDATE
         SET started = COALESCE(excluded.started, started), command = COALESCE(excluded.command, command)`,
      )
      .run(process, pairing, thread, gen, pid, record?.started ?? null, record?.command ?? null);
  }

  /** A person allowed this for the rest of the session. */
  grant(gen: Gen, rules: readonly string[]): void {
    const [pairing, thread] = this.#key;
    for (const rule of rules) {
      const all = [...new Set([...this.granted(gen), rule])];
      if (all.length > GRANTED_MAX || Buffer.byteLength(JSON.stringify(all)) > GRANTED_MAX_BYTES) return;
      this.#journal.sql('INSERT OR IGNORE INTO granted VALUES (?, ?, ?, ?)').run(pairing, thread, gen, rule);
    }
  }

  /** What was allowed so, for the next process. */
  granted(gen: Gen): string[] {
    return this.#journal
      .sql('SELECT rule FROM granted WHERE pairing = ? AND thread = ? AND gen = ? ORDER BY rule')
      .all(...this.#key, gen)
      .map((row) => String(row.rule));
  }

  recorded(): RecordedProcess[] {
    return this.#journal
      .sql(
        `SELECT process, pid, started, command, claude_session FROM processes JOIN sessions USING (pairing, thread, gen)
         WHERE pairing = ? AND thread = ?`,
      )
      .all(...this.#key)
      .map((row) => ({
        process: String(row.process) as ProcessId,
        claudeSession: String(row.claude_session) as ClaudeSessionId,
        record:
          row.started === null || row.command === null
            ? null
            : { pid: Number(row.pid), started: String(row.started), command: String(row.command) },
      }));
  }
}
