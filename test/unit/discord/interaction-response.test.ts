import { expect, it } from 'vitest';
import {
  answerBody,
  deferPrivate,
  deferUpdate,
  pong,
  respond,
} from '../../../worker/discord/interaction-response.ts';

const rows = [[{ label: 'Look', style: 'primary', id: 'h1:page:1:2:' }]] as const;

it('answers a command privately', () => {
  expect(respond({ kind: 'private', text: '@everyone' })).toEqual({
    type: 4,
    data: { content: '@everyone', components: [], flags: 64 | 4, allowed_mentions: { parse: [] } },
  });
});

it('replaces the message of a button', () => {
  expect(respond({ kind: 'update', text: 'Allowed', rows })).toMatchObject({
    type: 7,
    data: { content: 'Allowed', components: [{ type: 1 }], flags: 4, allowed_mentions: { parse: [] } },
  });
  expect(respond({ kind: 'update', text: 'Allowed', rows: [] })).toMatchObject({ data: { components: [] } });
});

it('defers with the one flag that Discord allows', () => {
  expect(deferPrivate()).toEqual({ type: 5, data: { flags: 64 } });
  expect(deferUpdate()).toEqual({ type: 6 });
  expect(pong()).toEqual({ type: 1 });
});

it('keeps to the limits', () => {
  expect(answerBody({ kind: 'private', text: 'x'.repeat(5000) }).content).toHaveLength(2000);
  expect(answerBody({ kind: 'private', text: '' }).content).not.toBe('');
});
