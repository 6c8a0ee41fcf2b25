/** Finds a port for the page before anything is started, so that a taken one is said at once. */
import { createServer } from 'node:net';
import { DEFAULT_PORT } from './arguments.ts';

/** Further than this nobody looks for a page. */
const PORTS_TRIED = 50;
const PORT_MAX = 65_535;

export type Port =
  | { readonly ok: true; readonly port: number; readonly note: string | null }
  | { readonly ok: false; readonly words: string };

/** `wanted` null: the default, or the next one that is free. A port that was asked for is had or refused. */
export async function choosePort(wanted: number | null): Promise<Port> {
  if (wanted === 0) return { ok: true, port: 0, note: null };
  const first = wanted ?? DEFAULT_PORT;
  const trouble = await portTrouble(first);
  if (trouble === null) return { ok: true, port: first, note: null };
  const free = await nextFree(first + 1);
  if (free === null)
    return { ok: false, words: `Port ${first} ${trouble}, and none of the next ${PORTS_TRIED} is free.` };
  return wanted === null
    ? { ok: true, port: free, note: `Port ${first} ${trouble}, so the page is on ${free}.` }
    : {
        ok: false,
        words: `Port ${first} ${trouble}. ${free} is free: npm start -- --port ${free}`,
      };
}

async function nextFree(from: number): Promise<number | null> {
  for (let port = from; port < from + PORTS_TRIED && port <= PORT_MAX; port++)
    if ((await portTrouble(port)) === null) return port;
  return null;
}

/** Why it cannot be had; null: it can. */
function portTrouble(port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        error.code === 'EADDRINUSE'
          ? 'is taken'
          : error.code === 'EACCES'
            ? 'is not allowed for you'
            : `cannot be had (${error.code ?? error.message})`,
      );
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
}
