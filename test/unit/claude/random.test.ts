import fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { Event } from '../../../protocol/events.ts';
import { type Captured, replay } from './replay.ts';

/** Lines in any order, also in orders that no CLI would write. */
const ids = ['a', 'b', 'c'];
const uuids = Array.from({ length: 6 }, (_, at) => `${at}1111111-1111-4111-8111-111111111111`);
const uuid = fc.constantFrom(...uuids);
const id = fc.constantFrom(...ids);
const parent = fc.option(id, { nil: null });
const words = fc.constantFrom('', ' ', 'text', 'more text\n', '🙂');
const prompts = fc.option(fc.array(uuid, { maxLength: 2 }), { nil: undefined });
const out = (msg: fc.Arbitrary<Captured>) => msg.map((line) => ({ dir: 'out', msg: line }));
const block = fc.oneof(
  words.map((text) => ({ type: 'text', text })),
  id.map((tool) => ({ type: 'tool_use', id: tool, name: 'Bash', input: { command: tool } })),
  fc.constant({ type: 'thinking', thinking: 'x' }),
);
const streamed = fc.oneof(
  fc.constant({ type: 'message_start', message: { id: 'm' } }),
  fc.constant({ type: 'content_block_start', content_block: { type: 'text', text: '' } }),
  words.map((text) => ({ type: 'content_block_delta', delta: { type: 'text_delta', text } })),
  fc.constantFrom('end_turn', 'max_tokens').map((reason) => ({
    type: 'message_delta',
    delta: { stop_reason: reason },
    usage: { input_tokens: 5 },
  })),
  fc.constant({ type: 'message_stop', abandoned_blocks: { from_block_index: 0 } }),
);
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: uuid.map((name) => ({ dir: 'in', msg: { type: 'user', uuid: name, message: {} } })),
  },
  out(
    fc.record({
      type: fc.constant('system'),
      subtype: fc.constant('init'),
      user_message_uuids: prompts,
      capabilities: fc.constantFrom(undefined, ['msg_lifecycle_v1']),
    }),
  ),
  out(
    fc.record({ type: fc.constant('system'), subtype: fc.constant('status'), user_message_uuids: prompts }),
  ),
  out(fc.record({ type: fc.constant('system'), subtype: fc.constant('task_notification') })),
  out(
    fc.record({
      type: fc.constant('command_lifecycle'),
      command_uuid: uuid,
      state: fc.constantFrom('queued', 'started', 'completed', 'cancelled', 'discarded'),
    }),
  ),
  {
    weight: 3,
    arbitrary: out(streamed.map((event) => ({ type: 'stream_event', event, parent_tool_use_id: null }))),
  },
  out(
    fc.record({
      type: fc.constant('assistant'),
      message: fc.array(block, { maxLength: 2 }).map((content) => ({ content })),
      parent_tool_use_id: parent,
    }),
  ),
  out(
    id.map((tool) => ({ type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: tool }] } })),
  ),
  out(
    id.map((request) => ({
      type: 'control_request',
      request_id: request,
      request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: request } },
    })),
  ),
  out(id.map((request) => ({ type: 'control_cancel_request', request_id: request }))),
  id.map((request) => ({ dir: 'in', msg: { type: 'control_response', response: { request_id: request } } })),
  {
    weight: 2,
    arbitrary: out(
      fc.record({
        type: fc.constant('result'),
        subtype: fc.constantFrom('success', 'error_during_execution'),
        is_error: fc.boolean(),
        terminal_reason: fc.constantFrom('completed', 'aborted_tools', undefined),
        user_message_uuids: prompts,
        origin: fc.constantFrom(undefined, { kind: 'task-notification' }),
      }),
    ),
  },
);

it('whatever the CLI writes: each prompt ends once, each turn is whole, each event is the protocol’s', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const { events, given } = replay(lines);
      const ended = events.flatMap((event) =>
        event.kind === 'turnEnded' && event.prompt !== null ? [event.prompt as string] : [],
      );
      expect(ended.sort()).toEqual([...given].sort());
      let running: string | null = null;
      let segment = 0;
      const tools = new Set<string>();
      const requests = new Set<string>();
      for (const event of events) {
        expect(v.safeParse(Event, { ...event, gen: 1 }).success, JSON.stringify(event)).toBe(true);
        switch (event.kind) {
          case 'turnBegan':
            expect(running).toBeNull();
            running = event.turn;
            segment = 0;
            break;
          case 'turnEnded':
            // A prompt that was cancelled before its turn began may end while another turn runs.
            if (running !== event.turn) break;
            running = null;
            expect([...tools]).toEqual([]);
            break;
          case 'text':
            expect([event.turn, event.segment]).toEqual([running, segment]);
            segment += 1;
            break;
          case 'toolBegan':
            expect(event.turn).toBe(running);
            expect(tools.has(event.tool)).toBe(false);
            tools.add(event.tool);
            break;
          case 'toolEnded':
            expect(tools.delete(event.tool)).toBe(true);
            break;
          case 'requestOpened':
            expect(requests.has(event.request)).toBe(false);
            requests.add(event.request);
            break;
          case 'requestSettled':
            expect(requests.delete(event.request)).toBe(true);
            break;
          default:
        }
      }
      expect(running).toBeNull();
    }),
    { numRuns: 3000 },
  );
});
