/** The other side of the books: what the objects, the runner and the Claude CLI have stored, read from their files while they run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Entry } from '../../worker/domain/transcript.ts';
import type { State } from '../../worker/session/state/state.ts';
import { SessionStore } from '../../worker/session/storage/store.ts';

export interface StoredLink {
  readonly stream: string;
  readonly acked: number;
  readonly receivedStream: string | null;
  readonly receivedLast: number;
  /** Messages for the other end that it has not acked. */
  readonly waiting: number;
}

export interface StoredSession {
  readonly state: State;
  /** All of them, also those that are not drawn any more. */
  readonly entries: readonly Entry[];
  readonly link: StoredLink | null;
  /** Which message shows which slot. */
  readonly posted: ReadonlyMap<string, { readonly message: string | null; readonly state: string }>;
}

/** By thread. `folder`: where workerd keeps its objects. */
export function readSessions(folder: string): Map<string, StoredSession> {
  const sessions = new Map<string, StoredSession>();
  const at = join(folder, 'do', 'heddle-Session');
  for (const file of existsSync(at) ? readdirSync(at) : []) {
    if (!/^[0-9a-f]{64}\.sqlite$/.test(file)) continue;
    const session = reading(join(at, file), readSession);
    if (session?.state.thread != null) sessions.set(session.state.thread.thread, session);
  }
  return sessions;
}

/** By thread: the runner's ends of the sessions' links, from its journal. */
export function readJournal(file: string): Map<string, StoredLink & { readonly last: number }> {
  return reading(file, (db) => {
    const rows = db
      .prepare(
        `SELECT scope, stream, last, acked, received_stream, received_last,
         (SELECT count(*) FROM outgoing WHERE link = links.id) AS waiting FROM links WHERE scope <> 'guild'`,
      )
      .all();
    return new Map(
      rows.map((row) => [
        String(row.scope),
        {
          stream: String(row.stream),
          last: Number(row.last),
          acked: Number(row.acked),
          receivedStream: row.received_stream === null ? null : String(row.received_stream),
          receivedLast: Number(row.received_last ?? 0),
          waiting: Number(row.waiting),
        },
      ]),
    );
  });
}

/** The prompts that the CLI wrote to its transcripts, as often as it did. `folder`: its configuration. */
export function readTranscripts(folder: string): string[] {
  const at = join(folder, 'projects');
  if (!existsSync(at)) return [];
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) => readFileSync(join(at, file), 'utf8').split('\n'))
    .flatMap((line) => promptOf(line) ?? []);
}

function promptOf(line: string): string | null {
  try {
    const { type, message, isMeta } = JSON.parse(line);
    if (type !== 'user' || isMeta === true) return null;
    const { content } = message;
    if (typeof content === 'string') return content;
    return content.every((block: { type: string }) => block.type === 'text')
      ? content.map((block: { text: string }) => block.text).join('')
      : null;
  } catch {
    // The line that is being written, or one that is no message.
    return null;
  }
}

function reading<T>(file: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 2_000 });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

function readSession(db: DatabaseSync): StoredSession | null {
  if (db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'doc'").get() === undefined) return null;
  const store = new SessionStore(asSqlStorage(db));
  const link = db.prepare('SELECT * FROM link').all().at(-1);
  return {
    state: store.load(),
    entries: db
      .prepare('SELECT body FROM entry ORDER BY seq')
      .all()
      .map((row) => JSON.parse(String(row.body)) as Entry),
    link:
      link === undefined
        ? null
        : {
            stream: String(link.stream),
            acked: Number(link.acked),
            receivedStream: link.received_stream === null ? null : String(link.received_stream),
            receivedLast: Number(link.received_last),
            waiting: Number(db.prepare('SELECT count(*) AS n FROM link_out').get()?.n ?? 0),
          },
    posted: new Map(
      db
        .prepare('SELECT slot, message, state FROM delivery')
        .all()
        .map((row) => [
          String(row.slot),
          { message: row.message === null ? null : String(row.message), state: String(row.state) },
        ]),
    ),
  };
}

/** As much of Cloudflare's `ctx.storage.sql` as the Session's store uses to read. */
function asSqlStorage(db: DatabaseSync): ConstructorParameters<typeof SessionStore>[0] {
  const sql = {
    exec(query: string, ...bindings: (string | number | null)[]) {
      const rows = db.prepare(query).all(...bindings);
      return {
        toArray: () => rows,
        one: () => rows[0],
        [Symbol.iterator]: () => rows[Symbol.iterator](),
      };
    },
  };
  return sql as unknown as ConstructorParameters<typeof SessionStore>[0];
}
