/** What others send may be nested deeper than any stack. It is read, or refused, and never thrown over. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeMessage } from '../../protocol/codec.ts';
import { Command } from '../../protocol/commands.ts';
import { Event, Live } from '../../protocol/events.ts';
import { Close } from '../../protocol/frames.ts';
import {
  Catalogue,
  PairRequest,
  PairResponse,
  RotateRequest,
  UpgradeRefusal,
  Wanted,
} from '../../protocol/guild.ts';
import { nestingOf } from '../../protocol/nesting.ts';
import { decodeLine } from '../../runner/claude/line/decode.ts';
import { Settings } from '../../runner/home/settings.ts';
import { classify, errorText } from '../../worker/discord/errors.ts';
import { parsePayload } from '../../worker/interactions/payload.ts';

/** Node and workerd run out of stack at some thousands. */
const DEEP = 20_000;
const texts = [
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  `${'[{"options":'.repeat(DEEP)}[]${'}]'.repeat(DEEP)}`,
];
const values = texts.map((text): unknown => JSON.parse(text));

/** Names that these schemas read, so that the depth stands wherever one of them looks. */
const names = [
  ...[
    'body',
    'items',
    'from',
    'sent',
    'received',
    'stream',
    'verdict',
    'answers',
    'files',
    'suggestions',
    'outcome',
  ],
  ...[
    'usage',
    'todos',
    'diff',
    'changed',
    'main',
    'projects',
    'offers',
    'sessions',
    'worktree',
    'error',
    'modes',
  ],
  ...[
    'data',
    'options',
    'resolved',
    'components',
    'member',
    'user',
    'channel',
    'message',
    'context',
    'gen',
    'claude',
  ],
];
const kinds = [
  ...[
    'begin',
    'prompt',
    'decide',
    'configure',
    'requestInput',
    'requestOpened',
    'requestSettled',
    'turnEnded',
  ],
  ...['toolBegan', 'toolEnded', 'workspace', 'rewound', 'worktree', 'offers', 'wanted', 'catalogue'],
];

describe('a value that is nested deeper than any stack', () => {
  it('is a frame, or closes the socket', () => {
    for (const text of texts) {
      expect(decodeFrame(text)).toEqual({ ok: false, close: Close.protocol });
      expect(decodeFrame(`{"t":"msg","from":1,"items":[${text}]}`)).toMatchObject({ ok: true });
      expect(decodeFrame(`{"t":"state","body":${text}}`)).toMatchObject({ ok: true });
      expect(decodeFrame(`{"t":"hello","version":1,"boot":"b","sent":${text}}`)).toMatchObject({ ok: false });
    }
  });

  it('is no message of ours, command, event, catalogue, interaction or setting', () => {
    const schemas: v.GenericSchema[] = [Command, Event, Live, Wanted, Catalogue];
    schemas.push(PairRequest, PairResponse, RotateRequest, UpgradeRefusal, Settings);
    for (const value of values) {
      const everywhere = Object.fromEntries(names.map((name) => [name, value]));
      const sent = [value, ...kinds.map((kind) => ({ kind, ...everywhere }))];
      for (const one of [...sent, ...[1, 2, 3, 4, 5].map((type) => ({ type, ...everywhere }))]) {
        for (const schema of schemas) expect(v.safeParse(schema, one).success).toBe(false);
      }
      expect(encodeMessage({ value })).toEqual({ ok: false, why: 'notJson' });
      for (const type of [2, 3, 4, 5]) expect(parsePayload({ type, ...everywhere })).toBeNull();
    }
  });

  it('beside what is read of an interaction is left out', () => {
    for (const value of values) {
      const data = { name: 'ask', type: 1, options: [], resolved: value, more: value };
      const payload = { type: 2, id: '1', token: 't', data, entitlements: value };
      expect(parsePayload(payload)).toEqual({
        ...{ type: 2, id: '1', token: 't', authorizing_integration_owners: {} },
        data: { name: 'ask', type: 1, options: [], resolved: {} },
      });
    }
  });

  it('is a line of the CLI, or ignored', () => {
    const types = [
      'control_request',
      'control_response',
      'assistant',
      'user',
      'system',
      'stream_event',
      'result',
    ];
    for (const text of texts)
      for (const type of types)
        for (const name of ['request', 'response', 'message', 'event', 'modelUsage', 'tool_use_result'])
          expect(decodeLine(`{"type":"${type}","request_id":"r","${name}":${text}}`)).toHaveProperty('type');
  });

  it('is an answer of Discord that says no more', () => {
    for (const text of texts) {
      const body = `{"code":50035,"message":"Invalid Form Body","errors":${text}}`;
      const error = classify(400, new Headers(), body);
      expect(errorText(error)).toBe('refused 400/50035: Invalid Form Body');
    }
  });
});

describe('how deep a value is nested', () => {
  const depth = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;

  it('is counted up to a limit, and one beyond it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.nat(12), (value, max) => {
        expect(nestingOf(value, max)).toBe(Math.min(depth(value), max + 1));
      }),
    );
    for (const text of texts) expect(nestingOf(JSON.parse(text), 100)).toBe(101);
  });
});
