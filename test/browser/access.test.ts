/** The page on the narrowest phone: nothing overflows, everything has a name, all text can be read; menus work. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { COMMANDS } from '../../worker/interactions/commands.ts';
import { type Stand, startStand } from './bot.ts';
import { startBrowser } from './browser.ts';
import { CHECK_PAGE, type Findings } from './check-page.ts';

const PATIENCE_MS = 30_000;
const NOTHING: Findings = { pale: [], nameless: [], small: [], wide: [], doubleIds: [] };
const FORM = {
  type: 9,
  data: {
    custom_id: 'form',
    title: 'Deny with a reason',
    components: [
      {
        type: 18,
        label: 'What should Claude do instead?',
        description: 'It reads this.',
        component: { type: 4, custom_id: 'why', style: 2 },
      },
    ],
  },
};

let browser: Browser;
let stand: Stand;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  const answer = { type: 4, data: { content: 'done', flags: 64 } };
  stand = await startStand(
    (asked) =>
      asked.type === 3 && asked.data.values !== undefined
        ? { type: 4, data: { content: `chose ${asked.data.values.join(' and ')}`, flags: 64 } }
        : asked.data.custom_id === 'open'
          ? FORM
          : answer,
    [...COMMANDS, { type: 3, name: 'Ask Claude' }],
  );
  page = await browser.newPage({ viewport: { width: 360, height: 700 }, hasTouch: true });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(stand.page.url);
  await page.locator('.welcome').waitFor();
});
afterEach(async () => {
  await page.close();
  await stand[Symbol.asyncDispose]();
});

const check = (): Promise<Findings> => page.evaluate<Findings>(CHECK_PAGE);
const menu = (custom_id: string, max_values: number) => ({
  type: 1,
  components: [
    {
      type: 3,
      custom_id,
      max_values,
      placeholder: `Up to ${max_values}`,
      options: [
        { label: 'Unit', value: 'unit', description: 'Fast' },
        { label: 'Browser', value: 'browser' },
      ],
    },
  ],
});

test('every part of the page can be read, named and reached', async () => {
  const olga = stand.members[0]?.id ?? stand.discord.botId;
  const long = 'a-very-long-word-without-any-place-to-break-it-'.repeat(4);
  const path = `/channels/${stand.channel.id}/messages`;
  const first = await stand.rest('POST', path, {
    content: `<@${olga}> 🔐 **Bash** ${long} [link](https://example.com/${long}) \`${long}\` ||s|| <t:0:R>\n-# small <#${stand.channel.id}>\n\`\`\`diff\n-${long}\n+b\n\`\`\``,
    allowed_mentions: { users: [olga] },
    components: [
      {
        type: 1,
        components: [1, 2, 3, 4].map((style) => ({
          type: 2,
          style,
          label: `Style ${style}`,
          custom_id: `style ${style}`,
        })),
      },
      { type: 1, components: [{ type: 2, style: 2, label: 'Open', custom_id: 'open' }] },
      menu('one', 1),
      menu('many', 2),
    ],
  });
  await stand.rest('POST', `${path}/${first.id}/threads`, { name: long.slice(0, 100) });
  await stand.rest('POST', path, {
    flags: 1 << 15,
    components: [
      {
        type: 17,
        components: [
          {
            type: 9,
            components: [{ type: 10, content: long }],
            accessory: { type: 2, style: 4, label: long.slice(0, 80), custom_id: 'stop' },
          },
        ],
      },
    ],
  });
  stand.discord.user({ id: stand.members[1]?.id ?? olga }).sendMessage(stand.channel.id, 'see', {
    files: [{ name: `${long}.txt`, data: long, contentType: 'text/plain' }],
    replyTo: stand.discord.channel(stand.channel.id).messages[0]?.id ?? stand.channel.id,
  });
  stand.health.runner('laptop', true, async () => {});
  stand.health.say('runner', 'The runner is gone.');
  await page.locator('.file').waitFor();
  expect(await check()).toEqual(NOTHING);
  await page.getByRole('button', { name: 'Channels and people' }).click();
  await page.locator('#side.open').waitFor();
  expect(await check()).toEqual(NOTHING);
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.activeElement.id')).toBe('side-open');
  await page.getByRole('button', { name: 'Notifications, 1 new' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await check()).toEqual(NOTHING);
  await page.keyboard.press('Escape');
  await page.locator('#say').fill('/');
  await page.getByRole('option', { name: /^\/new / }).waitFor();
  expect(await check()).toEqual(NOTHING);
  await page.locator('#say').fill('/runner share ');
  await page.getByLabel('member').waitFor();
  expect(await check()).toEqual(NOTHING);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByLabel('What should Claude do instead?').waitFor();
  expect(await check()).toEqual(NOTHING);
});

test('menus: one choice, several, and the message menu', async () => {
  const { id } = await stand.rest('POST', `/channels/${stand.channel.id}/messages`, {
    content: 'choose',
    components: [menu('one', 1), menu('many', 2)],
  });
  const shown = (text: string) => page.locator('#messages').getByText(text);
  await page.getByLabel('Up to 1').selectOption('unit');
  await shown('chose unit').waitFor();
  await page.getByLabel('Unit · Fast').check();
  await page.getByLabel('Browser').check();
  await page.getByRole('button', { name: 'Choose' }).click();
  await shown('chose unit and browser').waitFor();
  await page.locator(`#message-${id} summary`).click();
  await page.getByRole('button', { name: 'Ask Claude' }).first().click();
  await shown('done').waitFor();
  expect(stand.asked.map(({ data }) => data.custom_id ?? data.name)).toEqual(['one', 'many', 'Ask Claude']);
});
