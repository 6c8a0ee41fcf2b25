import { describe, expect, it } from 'vitest';
import type { MessageId, UserId } from '../../../protocol/ids.ts';
import { adopt, type Doubt, fingerprintOf } from '../../../worker/discord/adopt.ts';
import type { RestMessage } from '../../../worker/discord/rest-types.ts';

const ME = '900' as UserId;
const us = { me: ME, isTaken: () => false };

function message(id: string, content: string, more: Partial<RestMessage> = {}): RestMessage {
  return { id: id as MessageId, author: ME, nonce: null, type: 0, content, files: 0, ...more };
}

function doubt(nonce: string, content: string): Doubt {
  return { nonce, fingerprint: fingerprintOf(content) };
}

describe('adopting the message of a create in doubt', () => {
  it('goes by the nonce, whatever the text has become', () => {
    const list = [message('1', 'first', { nonce: 'b' }), message('2', 'other', { nonce: 'a' })];
    expect(adopt(list, doubt('a', 'first'), [], us)?.id).toBe('2');
  });

  it('takes nothing by its text where another nonce is named', () => {
    expect(adopt([message('1', 'first', { nonce: 'b' })], doubt('a', 'first'), [], us)).toBeUndefined();
  });

  it('goes by the text without nonces, with the white space that Discord cuts', () => {
    const list = [message('1', 'first'), message('2', 'second')];
    expect(adopt(list, doubt('b', '\nsecond  '), [doubt('a', 'first')], us)?.id).toBe('2');
  });

  it('leaves alone what is the text of another create in doubt', () => {
    expect(adopt([message('2', 'second')], doubt('a', 'first'), [doubt('b', 'second')], us)).toBeUndefined();
  });

  it('takes a text that has grown between two tries', () => {
    expect(adopt([message('1', 'first and more')], doubt('a', 'first'), [], us)?.id).toBe('1');
  });

  it('takes the first of two with the same text', () => {
    const list = [message('1', 'same'), message('2', 'same')];
    expect(adopt(list, doubt('a', 'same'), [doubt('b', 'same')], us)?.id).toBe('1');
  });

  it('tells cards without text apart by nothing: the first that is free', () => {
    const list = [message('1', ''), message('2', '')];
    const taken = { me: ME, isTaken: (one: RestMessage) => one.id === '1' };
    expect(adopt(list, doubt('a', ''), [doubt('b', '')], taken)?.id).toBe('2');
  });

  it.each([
    ['of somebody else', { author: '77' as UserId }],
    ['of nobody', { author: null }],
    ['of the system', { type: 18 }],
  ])('never takes a message %s', (_, more) => {
    expect(adopt([message('1', 'first', more)], doubt('a', 'first'), [], us)).toBeUndefined();
  });

  it('never takes a message that a slot has', () => {
    const taken = { me: ME, isTaken: () => true };
    expect(adopt([message('1', 'first')], doubt('a', 'first'), [], taken)).toBeUndefined();
  });
});
