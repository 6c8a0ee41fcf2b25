/** The runner's log: one line an event, made of names and numbers. Prompts, answers, inputs and tokens have no place in it. */

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type Log = (event: string, fields?: Fields) => void;

/** A value longer than this is cut, so that no line floods a terminal. Characters. */
const VALUE_MAX = 300;

/** A log that writes lines: `json` for machines, else `12:03:44 event key=value`. */
export function createLog(options: {
  readonly write: (line: string) => void;
  readonly json: boolean;
  readonly now?: () => number;
}): Log {
  const now = options.now ?? Date.now;
  return (event, fields = {}) => {
    const time = new Date(now()).toISOString();
    const entries = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, clean(value)] as const],
    );
    options.write(
      options.json
        ? JSON.stringify({ time, event, ...Object.fromEntries(entries) })
        : [time.slice(11, 19), event, ...entries.map(([key, value]) => `${key}=${value}`)].join(' '),
    );
  };
}

export const silent: Log = () => {};

function clean(value: string | number | boolean | null): string | number | boolean | null {
  if (typeof value !== 'string') return value;
  const line = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > VALUE_MAX ? `${line.slice(0, VALUE_MAX)}…` : line;
}
