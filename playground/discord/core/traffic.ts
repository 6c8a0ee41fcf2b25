import { appendFileSync } from 'node:fs';

/** One request that the emulator got (`in`) or sent (`out`). */
export interface TrafficEntry {
  /** When it began: real time, milliseconds since the epoch with fractions. */
  readonly t_ms: number;
  readonly dir: 'in' | 'out';
  readonly method: string;
  readonly path: string;
  /** 0 while there is no answer, and for ever when the connection was cut or left hanging. */
  status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  /** The answer. */
  response?: unknown;
  /** Milliseconds from the request's begin to its answer. */
  tookMs?: number;
}

/** Entries kept in memory; a long chaos run must not fill it. */
const MAX_ENTRIES = 50_000;

export class Traffic {
  readonly entries: TrafficEntry[] = [];
  private readonly file: string | undefined;

  constructor(file: string | undefined) {
    this.file = file;
  }

  begin(
    dir: 'in' | 'out',
    method: string,
    path: string,
    headers: Record<string, string>,
    body: unknown,
  ): TrafficEntry {
    const shown = { ...headers };
    if (shown.authorization !== undefined)
      shown.authorization = shown.authorization.replace(/ .*/, ' (hidden)');
    const entry: TrafficEntry = { t_ms: nowMs(), dir, method, path, status: 0, headers: shown, body };
    if (this.entries.length >= MAX_ENTRIES) this.entries.shift();
    this.entries.push(entry);
    return entry;
  }

  /** Completes an entry and writes its line. */
  end(entry: TrafficEntry, status: number, response?: unknown): void {
    entry.status = status;
    entry.response = response;
    entry.tookMs = nowMs() - entry.t_ms;
    if (this.file !== undefined) appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }
}

export const nowMs = (): number => performance.timeOrigin + performance.now();

/** A body as the log shows it: JSON parsed, anything else as text of bounded length. */
export function logBody(bytes: Uint8Array, headers: Record<string, string>): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  if ((headers['content-type'] ?? '').startsWith('application/json')) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  const payload = /name="payload_json"[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/.exec(text)?.[1];
  const files = [...text.matchAll(/name="(files\[\d\])"; filename="([^"]*)"/g)].map((match) => ({
    part: match[1],
    filename: match[2],
  }));
  try {
    return { payload_json: payload === undefined ? undefined : (JSON.parse(payload) as unknown), files };
  } catch {
    return { payload_json: payload, files };
  }
}
