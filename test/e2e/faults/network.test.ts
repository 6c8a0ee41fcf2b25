/** The fault table, rows 6, 7, 13, 23 and 24: the network between the runner and its objects, and a machine that sleeps. */
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { ofBot } from '../stage.ts';
import { useFaults } from './use.ts';

const use = useFaults({ durations: { linkPollMs: 200, linkSilentMs: 1_500, presenceGraceMs: 1_500 } });
const LINKS = /\/runner\//;
const SESSIONS = /\/runner\/session\//;
const GUILDS = /\/runner\/guild\//;

afterEach(() => use.stage.proxy.hole(null));

const words = (count: number) => Array.from({ length: count }, (_, at) => String(at).padStart(6, 'w'));
const shown = (text: string) => [...text.matchAll(/\bw+\d+\b/g)].map(([word]) => word);

it('row 6: RST of every link in the middle of a turn: it is no news, and no word is lost', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:80:25');
  await stage.says(thread, 'wwwww3');
  let offline = 0;
  const stop = stage.discord.on('change', () => {
    offline += stage.count(thread, /offline|restart/i);
  });
  stage.proxy.cut(LINKS);
  await stage.finished(thread, 'wwww79');
  stop();
  expect(offline, 'a reconnect is not news').toBe(0);
  expect(ofBot(thread).flatMap((m) => shown(m.text))).toEqual(words(80));
});

it('row 6: a link that stays away is told after the grace, and what was asked meanwhile runs when it is back', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'row-6');
  await stage.finished(thread, 'Echo: row-6');
  stage.proxy.hole(LINKS);
  stage.proxy.cut(LINKS);
  await stage.ask(thread, 'row-6 meanwhile');
  await stage.says(thread, /meanwhile[\s\S]*offline/);
  stage.proxy.hole(null);
  await stage.finished(thread, 'Echo: row-6 meanwhile');
  expect(stage.count(thread, /offline/)).toBe(0);
});

it('row 7: the cable is pulled in the middle of a turn: both ends notice, and the next link carries it on', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:200:20 row-7');
  await stage.says(thread, 'wwwww3');
  const { length } = stage.runner.output;
  stage.proxy.hole(LINKS);
  stage.proxy.halfOpen(LINKS);
  // The runner by its pings; the objects by the silence.
  await stage.runner.said(/cannot be reached/, length);
  await stage.discord.waitFor(() => /offline/.test(stage.discord.message(thread.id)?.text ?? ''), {
    timeoutMs: 20_000,
    what: 'the session card to say offline',
  });
  stage.proxy.hole(null);
  await stage.finished(thread, 'ww199');
  expect(ofBot(thread).flatMap((m) => shown(m.text))).toEqual(words(200));
  expect(stage.prompts('row-7')).toBe(1);
});

it('row 13: acks are lost: what was sent is sent again, and shown once', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:40:10 tools:5:50 stream:40:10 row-13');
  await stage.says(thread, 'wwwww1');
  // The object hears the runner and applies; the runner hears nothing of it.
  stage.proxy.deafen(SESSIONS);
  await stage.finished(thread, 'wwww39');
  stage.proxy.cut(SESSIONS);
  await stage.stillWorks(thread);
  expect(ofBot(thread).flatMap((m) => shown(m.text))).toEqual([...words(40), ...words(40)]);
  expect(stage.prompts('row-13')).toBe(1);
});

it('row 23: a session’s link works without the guild’s, and the guild agrees when it is back', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'ask:1 row-23');
  const card = await stage.card(thread, 'echo');
  stage.proxy.hole(GUILDS);
  stage.proxy.cut(GUILDS);
  await stage.press(stage.owner, card, 'Allow');
  await stage.finished(thread, 'Decided: allow');
  // The guild has to say that the runner is away before it can say that it is back.
  await setTimeout(1_600);
  expect((await stage.command(stage.owner, stage.system.channel.id, 'runner list')).text).toMatch(/offline/);
  const { length } = stage.runner.output;
  stage.proxy.hole(null);
  await stage.runner.said('Online in', length);
  expect((await stage.command(stage.owner, stage.system.channel.id, 'runner list')).text).toMatch(/online/);
  await stage.stillWorks(thread);
  await stage.discord.waitFor(() => /Done/.test(stage.discord.message(thread.id)?.text ?? ''), {
    what: 'the session card to say Done',
  });
});

it('row 24: the machine sleeps in the middle of a turn: on waking it connects at once and goes on', async () => {
  const { stage } = use;
  const thread = await stage.begin(stage.owner, 'stream:120:25 row-24');
  await stage.says(thread, 'wwwww3');
  const { pid, output } = stage.runner;
  if (pid === null) throw new Error('the runner does not run');
  process.kill(pid, 'SIGSTOP');
  await setTimeout(2_000);
  process.kill(pid, 'SIGCONT');
  await stage.runner.said(/"why":"slept"/, output.length);
  await stage.finished(thread, 'ww119');
  expect(ofBot(thread).flatMap((m) => shown(m.text))).toEqual(words(120));
  expect(stage.prompts('row-24')).toBe(1);
});
