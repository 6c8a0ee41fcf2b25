/** The sockets of an object's links and what is attached to each. A socket without a card is superseded or closed: its frames are dropped. */
import type { RunnerId } from '../../protocol/ids.ts';
import type { Conn } from '../../protocol/link.ts';

/** Kept in the socket's attachment, which survives hibernation. Cloudflare: 16,384 bytes at most; `Conn` holds up to 256 numbers. */
export interface SocketCard {
  readonly runner: RunnerId;
  /** The public key that signed for it. Absent in what older code attached. */
  readonly key?: string;
  readonly epoch: number;
  readonly conn: Conn;
  /**
   * Up to where the runner has our messages, as it said over this socket. Stored with the next message that it sends, because each row
   * is billed; it says so again after each `hello`.
   */
  readonly acked: number;
  /** Since when it is linked; before that, since when it is connected. Unix milliseconds. */
  readonly sinceMs: number;
  /** The last frame. Unix milliseconds. */
  readonly heardMs: number;
}

export interface LinkSocket {
  readonly ws: WebSocket;
  readonly card: SocketCard;
}

export const readCard = (ws: WebSocket): SocketCard | null => ws.deserializeAttachment() as SocketCard | null;

export const writeCard = (ws: WebSocket, card: SocketCard): void => ws.serializeAttachment(card);

/** Those that are in use, without those that are closing. */
export const socketsOf = (ctx: DurableObjectState, runner: RunnerId): WebSocket[] =>
  ctx.getWebSockets(runner).filter((ws) => readCard(ws) !== null);

export function currentSocket(ctx: DurableObjectState, runner: RunnerId, epoch: number): LinkSocket | null {
  for (const ws of ctx.getWebSockets(runner)) {
    const card = readCard(ws);
    if (card !== null && card.epoch === epoch && ws.readyState === WebSocket.OPEN) return { ws, card };
  }
  return null;
}

/** False: the socket is going, and the message is sent again after the next welcome. Cloudflare: `send` after `close` throws. */
export function trySend(ws: WebSocket, text: string): boolean {
  try {
    ws.send(text);
    return true;
  } catch {
    return false;
  }
}

/** Closes it and forgets it at once: what still comes over it, or its own close event, concerns nobody. */
export function drop(ws: WebSocket, code: number): void {
  try {
    ws.serializeAttachment(null);
    ws.close(code);
  } catch {
    // Closed already.
  }
}
