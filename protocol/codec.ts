/** Text <-> frame. Total: whatever arrives, the answer is a frame or the code to close with. */
import * as v from 'valibot';
import { Close, type CloseCode, Frame } from './frames.ts';
import { FRAME_MAX_BYTES } from './limits.ts';

/** What `{"t":"msg","from":N,"items":[…]}` adds to the items, at its longest. UTF-8. */
export const MESSAGES_FRAME_BYTES = 64;
/** One message's JSON text: alone in a frame, it must pass the receiver's `FRAME_MAX_BYTES`. UTF-8. */
export const MESSAGE_MAX_BYTES = FRAME_MAX_BYTES - MESSAGES_FRAME_BYTES;

export type Decoded =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly close: CloseCode };

/** Reads what came over a socket. Binary and unreadable text close 4002, too much of it 4013. Never throws. */
export function decodeFrame(data: unknown): Decoded {
  if (typeof data !== 'string') return { ok: false, close: Close.protocol };
  if (isLongerThan(data, FRAME_MAX_BYTES)) return { ok: false, close: Close.tooLarge };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { ok: false, close: Close.protocol };
  }
  const read = v.safeParse(Frame, value);
  return read.success ? { ok: true, frame: read.output } : { ok: false, close: Close.protocol };
}

export function encodeFrame(frame: Frame): string {
  return JSON.stringify(frame);
}

/** A `msg` frame of messages that are JSON text already, as stores keep them. */
export function encodeMessages(from: number, texts: readonly string[]): string {
  return `{"t":"msg","from":${from},"items":[${texts.join(',')}]}`;
}

export type EncodedMessage =
  | { readonly ok: true; readonly text: string; readonly bytes: number }
  | { readonly ok: false; readonly why: 'tooLarge' | 'notJson' };

/** The JSON text of one message as a store keeps it; one that could never be sent is refused here, not later. */
export function encodeMessage(body: unknown): EncodedMessage {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    return { ok: false, why: 'notJson' };
  }
  if (text === undefined) return { ok: false, why: 'notJson' };
  const bytes = utf8Bytes(text);
  return bytes > MESSAGE_MAX_BYTES ? { ok: false, why: 'tooLarge' } : { ok: true, text, bytes };
}

/** UTF-8 length without making the bytes. A lone surrogate counts 3, as the replacement character that it becomes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      bytes += 1;
      continue;
    }
    bytes += 2;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(at + 1);
      if (next >= 0xdc00 && next <= 0xdfff) at += 1; // two units, four bytes
    }
  }
  return bytes;
}

/** A UTF-16 unit is 1 to 3 bytes, so most texts need no counting. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  if (text.length * 3 <= maxBytes) return false;
  return utf8Bytes(text) > maxBytes;
}
