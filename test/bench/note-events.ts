/**
 * Notes when a Session has committed what a runner told it, and when a runner has acked a Session's commands. `many.ts` puts calls of
 * it into the Worker when it bundles it for itself; nothing else has it.
 */
export interface Noted {
  /** From the CLI's stdout to the commit, by the mark that the stub gave it. Milliseconds; clocks of one machine. */
  readonly delaysMs: Readonly<Record<string, number>>;
  /** When each thread's runner last acked a command. Unix milliseconds. */
  readonly acked: Readonly<Record<string, number>>;
}

let delaysMs: Record<string, number> = {};
let acked: Record<string, number> = {};
let pending: { readonly mark: string; readonly thread: string }[] = [];

/** A Worker's clock stands still while it runs, so the time is taken in the next turn of its loop: a little late, never early. */
function soon(note: (nowMs: number) => void): void {
  setTimeout(() => note(Date.now()), 0);
}

export function noteEvents(items: readonly unknown[], thread: string): void {
  const marks = [...JSON.stringify(items).matchAll(/at(\d{13}\.\d{3})/g)].map(([mark]) => mark);
  if (marks.length === 0) return;
  pending.push(...marks.map((mark) => ({ mark, thread })));
  soon((nowMs) => {
    for (const one of pending) {
      // A text's mark is in the delta, the finished text and what is drawn of it: the first commit counts.
      delaysMs[`${one.thread} ${one.mark}`] ??= nowMs - Number(one.mark.slice(2));
    }
    pending = [];
  });
}

export function noteAcked(thread: string): void {
  soon((nowMs) => {
    acked[thread] = nowMs;
  });
}

/** All since the last call. */
export function takeNotes(): Noted {
  const taken = { delaysMs, acked };
  delaysMs = {};
  acked = {};
  return taken;
}
