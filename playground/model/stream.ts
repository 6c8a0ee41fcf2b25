/** An answer as the Messages API sends it: one JSON message, or server-sent events paced like a model. */
import type { Pace, PlayBlock } from './blocks.ts';

export interface Envelope {
  readonly id: string;
  readonly model: string;
  readonly inputTokens: number;
}
export interface SseStep {
  readonly waitMs: number;
  readonly event: Record<string, unknown> & { readonly type: string };
  /** Characters of the answer so far, this step's included. */
  readonly characters: number;
}

/** How fast text comes when a scene does not say: quick, but in pieces. */
export const DEFAULT_PACE: Pace = { size: 16, intervalMs: 5 };
/** Characters of a tool's input in a delta: nobody reads them as they come, so they come fast. */
const TOOL_PIECE = 1000;
/** A rough measure; nothing bills by it. */
const CHARACTERS_PER_TOKEN = 4;

const tokens = (characters: number) => Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN));
const toolId = (envelope: Envelope, index: number) => `toolu_${envelope.id.slice(4)}_${index}`;
const stopReason = (blocks: readonly PlayBlock[]) =>
  blocks.some((block) => block.type === 'tool') ? 'tool_use' : 'end_turn';

function size(blocks: readonly PlayBlock[]): number {
  return blocks.reduce(
    (sum, block) => sum + (block.type === 'tool' ? JSON.stringify(block.input) : block.text).length,
    0,
  );
}

const usage = (envelope: Envelope, output: number) => ({
  input_tokens: envelope.inputTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
});

/** The answer to a request that does not stream. */
export function wholeMessage(envelope: Envelope, blocks: readonly PlayBlock[]): Record<string, unknown> {
  return {
    id: envelope.id,
    type: 'message',
    role: 'assistant',
    model: envelope.model,
    content: blocks.map((block, index) => {
      if (block.type === 'text') return { type: 'text', text: block.text };
      if (block.type === 'thinking') return { type: 'thinking', thinking: block.text, signature: SIGNATURE };
      return { type: 'tool_use', id: toolId(envelope, index), name: block.name, input: block.input };
    }),
    stop_reason: stopReason(blocks),
    stop_sequence: null,
    usage: usage(envelope, tokens(size(blocks))),
  };
}

/** Base64 of anything: nobody checks it offline. */
const SIGNATURE = 'c2NyaXB0ZWQ=';

export function* sseSteps(
  envelope: Envelope,
  blocks: readonly PlayBlock[],
  pace: Pace,
): Generator<SseStep, void> {
  let characters = 0;
  const step = (event: SseStep['event'], waitMs = 0): SseStep => ({ waitMs, event, characters });
  yield step({
    type: 'message_start',
    message: {
      id: envelope.id,
      type: 'message',
      role: 'assistant',
      model: envelope.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: usage(envelope, 1),
    },
  });
  for (const [index, block] of blocks.entries()) {
    yield step({ type: 'content_block_start', index, content_block: emptyBlock(envelope, block, index) });
    const whole = block.type === 'tool' ? JSON.stringify(block.input) : block.text;
    const own = block.type === 'text' && block.pace !== undefined ? block.pace : pace;
    for (const piece of pieces(whole, block.type === 'tool' ? TOOL_PIECE : own.size)) {
      characters += piece.length;
      yield step({ type: 'content_block_delta', index, delta: delta(block, piece) }, own.intervalMs);
    }
    if (block.type === 'thinking')
      yield step({
        type: 'content_block_delta',
        index,
        delta: { type: 'signature_delta', signature: SIGNATURE },
      });
    yield step({ type: 'content_block_stop', index });
  }
  yield step({
    type: 'message_delta',
    delta: { stop_reason: stopReason(blocks), stop_sequence: null },
    usage: usage(envelope, tokens(size(blocks))),
  });
  yield step({ type: 'message_stop' });
}

function emptyBlock(envelope: Envelope, block: PlayBlock, index: number): Record<string, unknown> {
  if (block.type === 'text') return { type: 'text', text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  return { type: 'tool_use', id: toolId(envelope, index), name: block.name, input: {} };
}

function delta(block: PlayBlock, piece: string): Record<string, unknown> {
  if (block.type === 'text') return { type: 'text_delta', text: piece };
  if (block.type === 'thinking') return { type: 'thinking_delta', thinking: piece };
  return { type: 'input_json_delta', partial_json: piece };
}

/** Pieces of `length` code points, so that no character is cut. */
function pieces(text: string, length: number): string[] {
  const points = Array.from(text);
  const result: string[] = [];
  for (let at = 0; at < points.length; at += length) result.push(points.slice(at, at + length).join(''));
  return result;
}
