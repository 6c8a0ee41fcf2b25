import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserId } from '../../../protocol/ids.ts';
import { createBody, cutText, editBody } from '../../../worker/discord/message-body.ts';
import type { ButtonRow, CardSlot } from '../../../worker/domain/slot.ts';
import { plain } from './model-object.ts';

const button = (id: string, label = 'Go') => ({ label, id, style: 'success' }) as const;

describe('a plain message', () => {
  it('is quiet, unfurls nothing and mentions nobody', () => {
    expect(createBody(plain('a', 'text @everyone'), 'n').body).toEqual({
      content: 'text @everyone',
      components: [],
      flags: 4 | 4096,
      allowed_mentions: { parse: [] },
      nonce: 'n',
      enforce_nonce: true,
    });
    expect(editBody(plain('a', 'text')).body).toEqual({
      content: 'text',
      components: [],
      flags: 4,
      allowed_mentions: { parse: [] },
    });
  });

  it('notifies the one asked, once', () => {
    const slot = plain('a', 'Allow?', { notify: '42' as UserId });
    const { body } = createBody(slot, 'n');
    expect(body).toMatchObject({
      content: '<@42> Allow?',
      flags: 4,
      allowed_mentions: { parse: [], users: ['42'] },
    });
    expect(editBody(slot).body).toMatchObject({ content: '<@42> Allow?', allowed_mentions: { parse: [] } });
  });

  it('names its files', () => {
    const files = [
      { name: 'a.txt', source: '1' },
      { name: 'b.txt', source: '2' },
    ];
    const built = createBody(plain('a', 'x', { files }), 'n');
    expect(built.body.attachments).toEqual([
      { id: '0', filename: 'a.txt' },
      { id: '1', filename: 'b.txt' },
    ]);
    expect(built.files).toEqual(files);
    expect(createBody(plain('a', 'x', { files, rows: [[button('a')]] }), 'n', true).body).not.toHaveProperty(
      'attachments',
    );
    expect(createBody(plain('a', 'x', { files, rows: [[button('a')]] }), 'n', true).body.components).toEqual(
      [],
    );
  });

  it('has links and buttons in rows', () => {
    const rows: ButtonRow[] = [
      [button('x', 'Stop'), { label: 'Open', url: 'https://discord.com/channels/1/2' }],
    ];
    expect(editBody(plain('a', 'x', { rows })).body.components).toEqual([
      {
        type: 1,
        components: [
          { type: 2, style: 3, label: 'Stop', custom_id: 'x' },
          { type: 2, style: 5, label: 'Open', url: 'https://discord.com/channels/1/2' },
        ],
      },
    ]);
  });
});

describe('a card', () => {
  it('is one container', () => {
    const slot: CardSlot = {
      kind: 'card',
      key: 'c',
      phase: 'card',
      whenDeleted: 'again',
      accent: 0x5865f2,
      content: '# hello',
      rows: [[button('a')]],
    };
    const { body } = createBody(slot, 'n');
    expect(body.flags).toBe(4 | 4096 | 32768);
    expect(body).not.toHaveProperty('content');
    expect(body.components).toEqual([
      {
        type: 17,
        accent_color: 0x5865f2,
        components: [
          { type: 10, content: '# hello' },
          { type: 1, components: [{ type: 2, style: 3, label: 'Go', custom_id: 'a' }] },
        ],
      },
    ]);
    expect(editBody(slot).body.flags).toBe(4 | 32768);
  });
});

describe('limits', () => {
  it('keeps a card under the bytes that Discord can bear', () => {
    const card: CardSlot = {
      kind: 'card',
      key: 'c',
      phase: 'card',
      whenDeleted: 'again',
      accent: 0,
      content: '漢'.repeat(4000),
      rows: [],
    };
    const { body, notes } = editBody(card);
    const text = JSON.stringify(body.components);
    expect(new TextEncoder().encode(text).length).toBeLessThan(10_150);
    expect(text).not.toContain('\uFFFD');
    expect(notes).toEqual(['a card was cut']);
  });

  it('cuts and says so', () => {
    const rows: ButtonRow[] = [
      [
        button('1', 'x'.repeat(90)),
        button('1'),
        button('2'),
        button('3'),
        button('4'),
        button('5'),
        button('6'),
      ],
      [],
      [button('7')],
      [button('8')],
      [button('9')],
      [button('a')],
      [button('b')],
      [button('x'.repeat(101)), { label: 'l', url: 'javascript:alert(1)' }],
    ];
    const { body, notes } = editBody(plain('a', 'y'.repeat(2001), { rows, notify: '1' as UserId }));
    expect(body.content).toHaveLength(2000);
    expect(body.components).toHaveLength(5);
    expect(notes.length).toBeGreaterThanOrEqual(6);
    expect(notes.join()).not.toContain('yyy');
  });

  it('is never empty', () => {
    expect(editBody(plain('a', '  \n')).body.content).toBe('…');
  });

  it('does not cut a character in two', () => {
    expect(cutText('😀😀😀', 4)).toBe('😀…');
  });

  it('holds for any slot', () => {
    const buttons = fc.oneof(
      fc.record({
        label: fc.string(),
        id: fc.string({ maxLength: 120 }),
        style: fc.constant('primary' as const),
      }),
      fc.record({ label: fc.string(), url: fc.oneof(fc.webUrl(), fc.string()) }),
    );
    const slots = fc.record({
      content: fc.string({ maxLength: 3000, unit: 'grapheme' }),
      rows: fc.array(fc.array(buttons, { maxLength: 8 }), { maxLength: 8 }),
      notify: fc.option(fc.constant('123456789012345678' as UserId)),
    });
    fc.assert(
      fc.property(slots, (more) => {
        const { body } = createBody(plain('a', '', more), 'n');
        expect(body.content?.length).toBeLessThanOrEqual(2000);
        expect(body.content?.trim()).not.toBe('');
        const rows = (body.components ?? []) as { components: { custom_id?: string; label: string }[] }[];
        expect(rows.length).toBeLessThanOrEqual(5);
        const ids: string[] = [];
        for (const row of rows) {
          expect(row.components.length).toBeGreaterThan(0);
          expect(row.components.length).toBeLessThanOrEqual(5);
          for (const one of row.components) {
            expect(one.label.length).toBeLessThanOrEqual(80);
            if (one.custom_id !== undefined) ids.push(one.custom_id);
          }
        }
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
