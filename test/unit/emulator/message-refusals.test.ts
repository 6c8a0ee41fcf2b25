import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { button, Harness, row, text, V2 } from './harness.ts';

let harness: Harness;
let lenient: Harness;
beforeAll(async () => {
  // The emulator's own rules are what is tested here: they must refuse without the help of Discord's document.
  harness = await Harness.start({ openapi: '' });
  lenient = await Harness.start();
});
afterAll(async () => {
  await harness.close();
  await lenient.close();
});

interface Refusal {
  readonly title: string;
  readonly body: unknown;
  readonly status?: number;
  readonly code?: number;
  /** A part of the message that names the place. */
  readonly says?: string;
}
const buttons = (count: number) =>
  Array.from({ length: count }, (_, index) => button(`b${index}`, `id-${count}-${index}`));
const options = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ label: `o${index}`, value: `v${index}` }));
const select = (more: object) => row({ type: 3, custom_id: 's', options: options(2), ...more });
const v2 = (...components: unknown[]) => ({ flags: V2, components });

const refusals: readonly Refusal[] = [
  { title: 'content over 2000 characters', body: { content: 'x'.repeat(2001) }, says: 'content' },
  { title: 'an empty message', body: { content: '' }, code: 50006 },
  { title: 'a message of white space only', body: { content: ' \n\t ' }, code: 50006 },
  { title: 'content that is no string', body: { content: 5 }, says: 'content' },
  { title: 'EPHEMERAL on a normal message', body: { content: 'x', flags: 64 }, says: 'flags' },
  { title: 'a flag that a bot cannot set', body: { content: 'x', flags: 2 }, says: 'flags' },
  { title: 'a nonce over 25 characters', body: { content: 'x', nonce: 'n'.repeat(26) }, says: 'nonce' },
  {
    title: 'allowed_mentions that parse and list users',
    body: { content: 'x', allowed_mentions: { parse: ['users'], users: ['123456789012345678'] } },
    says: 'allowed_mentions',
  },
  {
    title: 'allowed_mentions with over 100 ids',
    body: {
      content: 'x',
      allowed_mentions: {
        users: Array.from({ length: 101 }, (_, n) => String(123456789012345678n + BigInt(n))),
      },
    },
    says: 'allowed_mentions.users',
  },
  {
    title: 'allowed_mentions of an unknown kind',
    body: { content: 'x', allowed_mentions: { parse: ['all'] } },
    says: 'parse.0',
  },
  {
    title: 'a reply to an unknown message',
    body: { content: 'x', message_reference: { message_id: '123456789012345678' } },
    says: 'Unknown message',
  },
  {
    title: 'over ten embeds',
    body: { embeds: Array.from({ length: 11 }, () => ({ title: 't' })) },
    says: 'embeds',
  },
  {
    title: 'embeds over 6000 characters together',
    body: { embeds: [{ description: 'x'.repeat(4000) }, { description: 'y'.repeat(2001) }] },
    says: 'embeds',
  },
  {
    title: 'an attachment that was not uploaded',
    body: { content: 'x', attachments: [{ id: 0, filename: 'a' }] },
    says: 'attachments.0.id',
  },
  { title: 'a field that the emulator does not have', body: { content: 'x', poll: {} }, status: 501 },

  {
    title: 'over five action rows',
    body: { content: 'x', components: Array.from({ length: 6 }, (_, n) => row(button('b', `c${n}`))) },
    says: 'components',
  },
  {
    title: 'an action row without buttons',
    body: { content: 'x', components: [row()] },
    says: 'components.0.components',
  },
  {
    title: 'over five buttons in a row',
    body: { content: 'x', components: [row(...buttons(6))] },
    says: 'components.0.components',
  },
  {
    title: 'a button outside a row',
    body: { content: 'x', components: [button('b', 'c')] },
    says: 'components.0.type',
  },
  {
    title: 'a button and a select in one row',
    body: {
      content: 'x',
      components: [row(button('b', 'c'), { type: 3, custom_id: 's', options: options(1) })],
    },
    says: 'components.0.components',
  },
  {
    title: 'a custom_id twice in a message',
    body: { content: 'x', components: [row(button('a', 'same')), row(button('b', 'same'))] },
    says: 'duplicated',
  },
  {
    title: 'a custom_id over 100 characters',
    body: { content: 'x', components: [row(button('a', 'c'.repeat(101)))] },
    says: 'custom_id',
  },
  {
    title: 'an empty custom_id',
    body: { content: 'x', components: [row(button('a', ''))] },
    says: 'custom_id',
  },
  {
    title: 'a button without custom_id',
    body: { content: 'x', components: [row({ type: 2, style: 1, label: 'a' })] },
    says: 'custom_id',
  },
  {
    title: 'a button label over 80 characters',
    body: { content: 'x', components: [row(button('l'.repeat(81), 'c'))] },
    says: 'label',
  },
  {
    title: 'a button without label and emoji',
    body: { content: 'x', components: [row({ type: 2, style: 1, custom_id: 'c' })] },
    says: 'label',
  },
  {
    title: 'a button of an unknown style',
    body: { content: 'x', components: [row(button('a', 'c', { style: 7 }))] },
    says: 'style',
  },
  {
    title: 'a link button with a custom_id',
    body: {
      content: 'x',
      components: [row({ type: 2, style: 5, label: 'a', url: 'https://example.org', custom_id: 'c' })],
    },
    says: 'custom_id',
  },
  {
    title: 'a button with a url that is no link',
    body: { content: 'x', components: [row(button('a', 'c', { url: 'https://example.org' }))] },
    says: 'url',
  },
  {
    title: 'a link over 512 characters',
    body: {
      content: 'x',
      components: [row({ type: 2, style: 5, label: 'a', url: `https://example.org/${'x'.repeat(500)}` })],
    },
    says: 'url',
  },
  {
    title: 'a link of another scheme',
    body: { content: 'x', components: [row({ type: 2, style: 5, label: 'a', url: 'javascript:alert(1)' })] },
    says: 'url',
  },
  {
    title: 'over 25 options in a select',
    body: { content: 'x', components: [select({ options: options(26) })] },
    says: 'options',
  },
  {
    title: 'a select without options',
    body: { content: 'x', components: [select({ options: [] })] },
    says: 'options',
  },
  {
    title: 'a select option over 100 characters',
    body: { content: 'x', components: [select({ options: [{ label: 'l'.repeat(101), value: 'v' }] })] },
    says: 'label',
  },
  {
    title: 'a select value twice',
    body: {
      content: 'x',
      components: [
        select({
          options: [
            { label: 'a', value: 'v' },
            { label: 'b', value: 'v' },
          ],
        }),
      ],
    },
    says: 'already used',
  },
  {
    title: 'a select placeholder over 150 characters',
    body: { content: 'x', components: [select({ placeholder: 'p'.repeat(151) })] },
    says: 'placeholder',
  },
  {
    title: 'a select with min_values above max_values',
    body: { content: 'x', components: [select({ min_values: 2, max_values: 1 })] },
    says: 'min_values',
  },
  {
    title: 'a component of a modal in a message',
    body: { content: 'x', components: [row({ type: 4, custom_id: 't', style: 1, label: 'l' })] },
    says: 'type',
  },

  { title: 'content together with Components V2', body: { ...v2(text('a')), content: 'x' }, says: 'content' },
  {
    title: 'embeds together with Components V2',
    body: { ...v2(text('a')), embeds: [{ title: 't' }] },
    says: 'embeds',
  },
  {
    title: 'a V2 component without the V2 flag',
    body: { content: 'x', components: [text('a')] },
    says: 'components.0.type',
  },
  {
    title: 'over 40 components, nested ones counted',
    body: v2(...Array.from({ length: 20 }, () => ({ type: 17, components: [text('a')] })), text('b')),
    says: 'components',
  },
  {
    title: 'over 4000 characters of V2 text',
    body: v2(text('a'.repeat(2500)), text('b'.repeat(1501))),
    says: 'components',
  },
  {
    title: 'V2 text over the byte cap',
    body: v2(text('é'.repeat(100)), text('漢'.repeat(3400))),
    status: 500,
    code: 0,
  },
  { title: 'an empty text display', body: v2(text('')), says: 'content' },
  { title: 'a section without accessory', body: v2({ type: 9, components: [text('a')] }), says: 'accessory' },
  {
    title: 'a section of over three texts',
    body: v2({
      type: 9,
      components: [text('a'), text('b'), text('c'), text('d')],
      accessory: button('b', 'c'),
    }),
    says: 'components.0.components',
  },
  {
    title: 'a container in a container',
    body: v2({ type: 17, components: [{ type: 17, components: [text('a')] }] }),
    says: 'type',
  },
  {
    title: 'an accent colour out of range',
    body: v2({ type: 17, accent_color: 0x1000000, components: [text('a')] }),
    says: 'accent_color',
  },
  {
    title: 'a file component without its attachment',
    body: v2({ type: 13, file: { url: 'attachment://a.txt' } }),
    says: 'not found',
  },
  { title: 'a separator of an unknown spacing', body: v2({ type: 14, spacing: 3 }), says: 'spacing' },
  { title: 'a component id twice', body: v2({ ...text('a'), id: 7 }, { ...text('b'), id: 7 }), says: 'id' },
  { title: 'an empty V2 message', body: v2(), code: 50006 },
];

// A bucket is full after five requests; each refusal gets a channel of its own.
describe('Discord refuses a message with', () => {
  for (const refusal of refusals)
    it(refusal.title, async () => {
      const channel = harness.guild.createChannel({ name: 'c' });
      const answer = await harness.post(refusal.body, channel.id);
      const status = refusal.status ?? 400;
      expect(answer.status, JSON.stringify(answer.body)).toBe(status);
      expect(answer.code).toBe(refusal.code ?? (status === 501 ? 0 : 50035));
      if (refusal.says !== undefined) expect(JSON.stringify(answer.body)).toContain(refusal.says);
      expect(channel.messages).toEqual([]);
      expect(harness.discord.takeViolations()).toHaveLength(1);
      harness.discord.advance(1000);
    });
});

describe('Discord takes a message', () => {
  const fine: readonly { title: string; body: unknown }[] = [
    { title: 'of exactly 2000 characters', body: { content: 'x'.repeat(2000) } },
    {
      title: 'with five rows of five buttons',
      body: {
        content: 'x',
        components: Array.from({ length: 5 }, (_, n) =>
          row(...Array.from({ length: 5 }, (_, m) => button('b', `${n}${m}`))),
        ),
      },
    },
    {
      title: 'with a link button',
      body: {
        content: 'x',
        components: [row({ type: 2, style: 5, label: 'a', url: 'https://example.org' })],
      },
    },
    {
      title: 'with exactly 40 components',
      body: v2(...Array.from({ length: 20 }, () => ({ type: 17, components: [text('a')] }))),
    },
    {
      title: 'with a section, a separator and a row in a container',
      body: v2({
        type: 17,
        accent_color: 0xff0000,
        components: [
          { type: 9, components: [text('a')], accessory: button('b', 'c') },
          { type: 14, divider: true, spacing: 2 },
          row(button('d', 'e')),
        ],
      }),
    },
    { title: 'with exactly 4000 characters of V2 text', body: v2(text('a'.repeat(4000))) },
    {
      title: 'with a nonce of 25 characters',
      body: { content: 'x', nonce: 'n'.repeat(25), enforce_nonce: true },
    },
    {
      title: 'that suppresses embeds and notifications',
      body: { content: 'x', flags: 4 | 4096, allowed_mentions: { parse: [] } },
    },
  ];
  for (const { title, body } of fine)
    it(title, async () => {
      const channel = lenient.guild.createChannel({ name: 'c' });
      const answer = await lenient.post(body, channel.id);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      lenient.discord.assertClean();
    });

  it('and numbers its components', async () => {
    const channel = lenient.guild.createChannel({ name: 'c' });
    const { body } = await lenient.post(
      v2({ type: 17, components: [text('a'), { ...text('b'), id: 1 }] }),
      channel.id,
    );
    expect(body.components).toMatchObject([{ id: 2, components: [{ id: 3 }, { id: 1 }] }]);
  });
});
