/** The bytes of what a slot attaches. */
import { parseFileSource } from '../../render/thread/file.ts';
import { requestFileText, showInput } from '../../render/thread/input.ts';
import { planFileText } from '../../render/thread/plan.ts';
import { fileRows } from '../state/rows.ts';
import type { State } from '../state/state.ts';
import type { SessionStore } from '../storage/store.ts';

type Rows = Pick<SessionStore, 'input' | 'parts'>;

/** The whole input of a request, or a file that the runner sent. Null: it is not here, or not whole. */
export function slotFile(source: string, state: State, store: Rows): string | Uint8Array | null {
  const file = parseFileSource(source);
  if (file === null) return requestFile(source, state, store);
  const parts = store.parts(fileRows(file.gen, file.file), file.parts);
  return parts === null ? null : joinBytes(parts.map(fromBase64));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The text of an attached file: the whole input of a request. */
function requestFile(source: string, state: State, store: Rows): string | null {
  const ref = Number(/^request:(\d+)$/.exec(source)?.[1]);
  const request = state.requests.get(ref);
  const entry = request === undefined ? undefined : state.entries.get(request.seq);
  if (request === undefined || entry?.kind !== 'request') return null;
  const input = store.input(request.request, request.parts);
  if (input === null) return null;
  if (entry.asks === 'plan') return planFileText(input);
  return requestFileText(entry.asks === 'question' ? 'input.json' : showInput(entry).fileName, input);
}
