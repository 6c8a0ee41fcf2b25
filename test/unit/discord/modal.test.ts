/** Forms and menus: Discord's limits, checked by the emulator's own validator. */
import { describe, expect, it } from 'vitest';
import { checkModal } from '../../../playground/discord/validate/modal.ts';
import { answerBody, respond } from '../../../worker/discord/interaction-response.ts';
import { toRows } from '../../../worker/discord/message-body.ts';
import { modalBody } from '../../../worker/discord/modal.ts';
import type { Modal } from '../../../worker/domain/contract.ts';
import { fieldsOf, parsePayload } from '../../../worker/interactions/payload.ts';

const MODAL: Modal = {
  id: 'h1:edit:1:0:a',
  title: 'Edit',
  fields: [
    { kind: 'text', id: 'text', label: 'Prompt', style: 'paragraph', required: true, value: 'do it' },
    {
      kind: 'choice',
      id: 'which',
      label: 'Which',
      required: false,
      max: 2,
      options: [
        { label: 'One', value: '1', description: 'the first' },
        { label: 'Two', value: '2', chosen: true },
      ],
    },
  ],
};

describe('forms', () => {
  it('are what Discord takes', () => {
    expect(checkModal(JSON.parse(JSON.stringify(modalBody(MODAL)))).customId).toBe(MODAL.id);
    expect(respond({ kind: 'modal', modal: MODAL })).toMatchObject({ type: 9, data: { title: 'Edit' } });
  });

  it('are cut to what Discord takes', () => {
    const long = 'x'.repeat(5000);
    const option = { label: long, value: long, description: long };
    const fields = Array.from({ length: 7 }, (_, n) => ({ ...MODAL.fields[0], id: `f${n}`, label: long }));
    const texts = { ...MODAL, title: long, fields: fields as Modal['fields'] };
    expect(() => checkModal(JSON.parse(JSON.stringify(modalBody(texts))))).not.toThrow();
    const choice = {
      kind: 'choice',
      id: 'c',
      label: long,
      required: true,
      max: 99,
      options: [option],
    } as const;
    expect(() =>
      checkModal(JSON.parse(JSON.stringify(modalBody({ ...MODAL, fields: [choice] })))),
    ).not.toThrow();
  });

  it('cannot be shown when they are late: the person is told to press again', () => {
    expect(answerBody({ kind: 'modal', modal: MODAL }).content).toContain('press again');
  });

  it('come back as fields, whatever a forger puts in them', () => {
    const sent = {
      type: 5,
      id: '1',
      token: 't',
      data: {
        custom_id: MODAL.id,
        components: [
          { type: 18, id: 1, component: { type: 4, custom_id: 'text', value: 'new words' } },
          { type: 18, id: 2, component: { type: 3, custom_id: 'which', values: ['1', '2'] } },
          { type: 18, id: 3, component: { type: 4, custom_id: '__proto__', value: 'x' } },
          { type: 10, id: 4 },
        ],
      },
    };
    const payload = parsePayload(sent);
    if (payload?.type !== 5) throw new Error('not read');
    const fields = fieldsOf(payload.data);
    expect(fields).toMatchObject({ text: ['new words'], which: ['1', '2'] });
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect(parsePayload({ ...sent, data: { custom_id: 'x' } })).toBeNull();
  });
});

describe('menus', () => {
  const options = Array.from({ length: 30 }, (_, n) => ({ label: `Option ${n}`, value: String(n) }));

  it('hold 25 options, and no more may be chosen than there are', () => {
    const { rows, notes } = toRows([[{ id: 'm', placeholder: 'Which?', max: 40, options }]]);
    expect(rows[0]?.components[0]).toMatchObject({ type: 3, max_values: 25, min_values: 1 });
    expect(notes).toHaveLength(1);
  });

  it('hold each value once', () => {
    const options = ['a', 'b', 'a'].map((value) => ({ label: value, value }));
    const [row] = toRows([[{ id: 'h1:set:1:0:model', options, max: 3 }]]).rows;
    expect(row?.components[0]).toMatchObject({ options: [{ value: 'a' }, { value: 'b' }], max_values: 2 });
  });

  it('without options or with a used id are left out', () => {
    expect(toRows([[{ id: 'm', options: [] }]]).rows).toEqual([]);
    expect(toRows([[{ label: 'A', style: 'primary', id: 'm' }], [{ id: 'm', options }]]).rows).toHaveLength(
      1,
    );
  });
});
