/**
 * Counts what Cloudflare bills as rows written. `rows.ts` puts a call of it into the objects' constructors when it bundles the Worker
 * for itself; nothing else has it.
 */
interface Storage {
  readonly sql: object;
}
interface Counted {
  rows: number;
  /** Rows read. */
  read: number;
  /** Calls of the objects: WebSocket messages apart, because 20 of them are billed as one request. */
  calls: number;
  messages: number;
  alarms: number;
  /** Rows by the statement that wrote them. */
  readonly by: Record<string, number>;
}

const counted: Counted = { rows: 0, read: 0, calls: 0, messages: 0, alarms: 0, by: {} };
const patched = new WeakSet<object>();

export function countRows(storage: Storage, who: string): void {
  const sql = Object.getPrototypeOf(storage.sql);
  wrap(storage.sql, sql, 'exec', (result, args) => {
    // A statement without RETURNING has run to its end when `exec` returns.
    const { rowsWritten, rowsRead } = result as { rowsWritten: number; rowsRead: number };
    counted.read += rowsRead;
    if (rowsWritten > 0)
      note(`${who}: ${String(args[0]).trim().replace(/\s+/g, ' ').slice(0, 60)}`, rowsWritten);
    counted.rows += rowsWritten;
  });
  // Cloudflare: setAlarm is billed as one row written.
  wrap(storage, Object.getPrototypeOf(storage), 'setAlarm', () => {
    counted.alarms++;
    note(`${who}: setAlarm`, 1);
  });
}

/** Each way into an object, on its prototype: that is where the platform looks for it. */
export function countCalls(object: object): void {
  const prototype = Object.getPrototypeOf(object) as Record<string, Method>;
  if (patched.has(prototype)) return;
  patched.add(prototype);
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[name];
    if (name === 'constructor' || typeof method !== 'function') continue;
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      if (name.startsWith('webSocketM')) counted.messages++;
      else counted.calls++;
      return method.apply(this, args);
    };
  }
}

/** All that was counted since the last call. */
export function takeRows(): Counted {
  const taken = { ...counted, by: { ...counted.by } };
  counted.rows = 0;
  counted.read = 0;
  counted.calls = 0;
  counted.messages = 0;
  counted.alarms = 0;
  for (const key of Object.keys(counted.by)) delete counted.by[key];
  return taken;
}

function note(key: string, rows: number): void {
  counted.by[key] = (counted.by[key] ?? 0) + rows;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** An own property of the instance, so that each object's counts have its name. */
function wrap(
  instance: object,
  prototype: Record<string, Method>,
  name: string,
  after: (result: unknown, args: unknown[]) => void,
): void {
  const method = prototype[name];
  if (method === undefined) throw new Error(`nothing to count: ${name}`);
  if (patched.has(instance)) return;
  patched.add(instance);
  Object.defineProperty(instance, name, {
    value: (...args: unknown[]) => {
      const result = method.apply(instance, args);
      after(result, args);
      return result;
    },
  });
}
