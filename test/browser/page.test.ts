/** The page against the emulator alone: what it draws, what it refuses to draw, and what a person can do in it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { COMMANDS } from '../../worker/interactions/commands.ts';
import { type Asked, type Stand, startStand } from './bot.ts';
import { startBrowser } from './browser.ts';

const PATIENCE_MS = 30_000;
const EPHEMERAL = 64;

interface Found {
  readonly scripts: number;
  readonly images: number;
  readonly handlers: readonly string[];
  readonly links: readonly string[];
}

let browser: Browser;
let stand: Stand;
let page: Page;
let answer: (asked: Asked) => unknown;
let problems: string[];

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  answer = () => ({ type: 4, data: { content: 'done', flags: EPHEMERAL } });
  stand = await startStand((asked) => answer(asked), COMMANDS);
  problems = [];
  page = await browser.newPage({ viewport: { width: 360, height: 700 }, hasTouch: true });
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(stand.page.url);
  await page.locator('.welcome').waitFor();
});
afterEach(async () => {
  await page.close();
  await stand[Symbol.asyncDispose]();
  expect(problems).toEqual([]);
});

const post = (body: object): Promise<{ id: string }> =>
  stand.rest('POST', `/channels/${stand.channel.id}/messages`, body);
/** In the list of messages: what is new is also said to screen readers, elsewhere. */
const shown = (text: string | RegExp) => page.locator('#messages').getByText(text);
const here = (id: string) => page.locator(`#message-${id}`);

test('text is data: no markup, script or outside picture comes out of a message, a name, a file', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const { id } = await post({
    content: `${evil} **<b onclick=alert(3)>** [x](javascript:alert(4)) [y](https://e.com/"onmouseover="alert(5)) \`<i>\`\n\`\`\`html\n${evil}\n\`\`\`\n||${evil}|| <@1> <#2> <javascript:alert(6)>`,
    components: [
      { type: 1, components: [{ type: 2, style: 1, label: evil, custom_id: 'evil' }] },
      {
        type: 1,
        components: [
          { type: 2, style: 5, label: 'link', url: 'https://example.com/"><script>alert(7)</script>' },
        ],
      },
    ],
  });
  const thread = stand.channel.startThread({
    name: evil.slice(0, 90),
    owner: stand.members[0] ?? { id: stand.discord.botId },
  });
  stand.discord
    .user({ id: stand.members[1]?.id ?? stand.discord.botId })
    .sendMessage(stand.channel.id, evil, {
      files: [
        {
          name: '<script>alert(8)</script>.html',
          data: '<script>alert(9)</script>',
          contentType: 'text/html',
        },
      ],
    });
  await here(id).waitFor();
  await page.locator('.file-toggle').click();
  await page.locator('.file pre', { hasText: 'alert(9)' }).waitFor();
  await page.getByRole('button', { name: 'Channels and people' }).click();
  await page.locator('.place', { hasText: '<script>' }).click();
  await page
    .getByRole('heading', { name: /<img src=x/ })
    .first()
    .waitFor();
  await page.locator('.parent').click();
  await here(id).waitFor();
  // As text: this side is compiled without the browser's types.
  const found = await page.evaluate<Found>(`({
    scripts: document.querySelectorAll('#messages script, #messages i, #messages b').length,
    images: [...document.images].filter((image) => !image.src.endsWith('/icon.svg')).length,
    handlers: [...document.querySelectorAll('*')].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith('on')),
    ),
    links: [...document.links].map((link) => link.protocol),
  })`);
  expect(found).toEqual({ scripts: 0, images: 0, handlers: [], links: expect.any(Array) });
  for (const protocol of found.links) expect(protocol).toMatch(/^https?:$/);
  expect(await here(id).locator('.md').textContent()).toContain(evil);
  expect(thread.name).toContain('<img');
});

test('a file of a message is only ever downloaded', async () => {
  const sam = stand.members[1] ?? { id: stand.discord.botId };
  const sent = stand.discord.user(sam).sendMessage(stand.channel.id, 'see', {
    files: [{ name: 'page.html', data: '<script>alert(1)</script>', contentType: 'text/html' }],
  });
  const got = await fetch(`${stand.page.url}file/${sent.id}/0/page.html`);
  expect(got.headers.get('content-type')).toBe('application/octet-stream');
  expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await fetch(`${stand.page.url}file/${sent.id}/1/page.html`)).status).toBe(404);
});

test('Markdown looks like Discord’s, and an edit is drawn in its place', async () => {
  const { id } = await post({
    content:
      '# Title\n**bold** *italic* __under__ ~~gone~~ ||hidden|| `code`\n- one\n  - two\n1. first\n> quoted\n-# small\n```ts\nconst a = "**";\n```\nafter <t:0:d> https://example.com/a_b_c.',
  });
  const message = here(id);
  await message.waitFor();
  const texts = (selector: string) => message.locator(selector).allTextContents();
  expect(await texts('.heading-1')).toEqual(['Title']);
  expect(await texts('strong')).toEqual(['bold']);
  expect(await texts('em')).toEqual(['italic']);
  expect(await texts('u')).toEqual(['under']);
  expect(await texts('s')).toEqual(['gone']);
  expect(await texts('ul ul li')).toEqual(['two']);
  expect(await texts('ol li')).toEqual(['first']);
  expect(await texts('blockquote')).toEqual(['quoted']);
  expect(await texts('.subtext')).toEqual(['small']);
  expect(await texts('pre')).toEqual(['const a = "**";']);
  expect(await texts('time:not(.header time)')).toContain('01/01/1970');
  expect(await message.locator('a').getAttribute('href')).toBe('https://example.com/a_b_c');
  await message.getByRole('button', { name: 'Spoiler: show it' }).press('Enter');
  await message.getByText('hidden').waitFor();
  await stand.rest('PATCH', `/channels/${stand.channel.id}/messages/${id}`, { content: 'new ||hidden||' });
  // An edit does not close the spoiler again.
  await message.getByText('new').waitFor();
  expect(await message.locator('.spoiler.open').count()).toBe(1);
});

test('a card, its button, a form, and what it answers; a button that is off stays off', async () => {
  const { id } = await post({
    flags: 1 << 15,
    components: [
      {
        type: 17,
        accent_color: 0x00ff00,
        components: [
          {
            type: 9,
            components: [{ type: 10, content: '**Card**' }],
            accessory: { type: 2, style: 4, label: 'Stop', custom_id: 'stop' },
          },
          { type: 14 },
          {
            type: 1,
            components: [
              { type: 2, style: 2, label: 'Reason', custom_id: 'reason' },
              { type: 2, style: 3, label: 'Off', custom_id: 'off', disabled: true },
            ],
          },
        ],
      },
    ],
  });
  answer = (asked) =>
    asked.type === 5
      ? { type: 4, data: { content: `heard: ${JSON.stringify(asked.data.components)}`, flags: EPHEMERAL } }
      : {
          type: 9,
          data: {
            custom_id: 'form',
            title: 'Why?',
            components: [
              {
                type: 18,
                label: 'Reason',
                component: { type: 4, style: 2, custom_id: 'why', required: true },
              },
            ],
          },
        };
  await here(id).waitFor();
  expect(await page.evaluate(`getComputedStyle(document.querySelector('.container')).borderLeftColor`)).toBe(
    'rgb(0, 255, 0)',
  );
  await here(id).getByRole('button', { name: 'Reason' }).click();
  await page.getByLabel('Reason *').fill('use bun');
  await page.getByRole('button', { name: 'Submit' }).click();
  await shown(/heard:.*use bun/).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await shown(/heard:/).waitFor({ state: 'detached' });
  expect(await here(id).getByRole('button', { name: 'Off' }).isDisabled()).toBe(true);
  expect(stand.asked.map(({ data }) => data.custom_id)).toEqual(['reason', 'form']);
});

test('a command by keyboard alone, with autocomplete; others do not see the private answer', async () => {
  answer = (asked) =>
    asked.type === 4
      ? { type: 8, data: { choices: [{ name: 'api on laptop', value: 'laptop/api' }] } }
      : { type: 4, data: { content: `project ${String(asked.data.options?.[1]?.value)}`, flags: EPHEMERAL } };
  await page.locator('#say').focus();
  await page.keyboard.type('/new fix it');
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: 'api on laptop' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await shown('project laptop/api').waitFor();
  const command = stand.asked.find(({ type }) => type === 2);
  expect(command?.data.options?.[0]?.value).toBe('fix it');
  await page.getByRole('button', { name: 'Channels and people' }).click();
  await page.getByRole('button', { name: 'mallory' }).click();
  await shown('project laptop/api').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Close the channels' }).click();
  await page.locator('#say').fill('hello');
  await page.keyboard.press('Enter');
  await page.locator('.message', { hasText: 'hello' }).locator('.author', { hasText: 'mallory' }).waitFor();
});

test('no answer, a trouble, a push: each is shown', async () => {
  answer = () => undefined;
  await page.locator('#say').fill('/stop');
  // The first chooses the command, the second runs it.
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('The application did not respond').waitFor();
  stand.health.say('runner', 'The runner is gone.');
  await page.getByRole('alert').getByText('The runner is gone.').waitFor();
  const olga = stand.members[0]?.id ?? stand.discord.botId;
  await post({ content: `<@${olga}> look here`, allowed_mentions: { users: [olga] } });
  await page.getByText('notified olga').waitFor();
  await page.getByRole('button', { name: 'Notifications, 1 new' }).click();
  await page.getByRole('dialog').getByText('@olga look here').waitFor();
});

test('only the page itself may talk to its server', async () => {
  const { port } = stand.page;
  const refused = (url: string, headers: Record<string, string>): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = new WebSocket(url, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
  const live = `ws://127.0.0.1:${port}/live`;
  expect(await refused(live, { origin: `http://127.0.0.1:${port}` })).toBe(false);
  expect(await refused(live, {})).toBe(true);
  expect(await refused(live, { origin: 'https://evil.example' })).toBe(true);
  expect(await refused(live, { origin: `http://127.0.0.1:${port + 1}` })).toBe(true);
  // A name that its owner lets point to 127.0.0.1.
  const rebound = { origin: `http://evil.example:${port}`, host: `evil.example:${port}` };
  expect(await refused(live, rebound)).toBe(true);
  const socket = new WebSocket(live, { origin: `http://127.0.0.1:${port}` });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'act', ref: 1, action: { type: 'eval', code: '1' } })),
  );
  expect(await closed).toBe(1008);
});

test('the page that was changed on disk is loaded again, with what was on it', async () => {
  const { id } = await post({ content: 'still here' });
  await here(id).waitFor();
  await page.evaluate('globalThis.before = true');
  await Promise.all([page.waitForEvent('load'), stand.page.reload()]);
  await here(id).waitFor();
  expect(await page.evaluate('"before" in globalThis')).toBe(false);
});
