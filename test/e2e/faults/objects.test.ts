/** The fault table, rows 1 to 5: what Cloudflare does to objects, and a crash between Discord's answer and the record of it. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import { ofBot } from '../stage.ts';
import { evict } from './platform.ts';
import { type FaultStage, useFaults } from './use.ts';

const use = useFaults();

/** Of `stream:N:MS`: each of its words is there, once, in order. */
const WORDS = Array.from({ length: 60 }, (_, at) => String(at).padStart(6, 'w'));
const streamed = (text: string) => [...text.matchAll(/\bw+\d+\b/g)].map(([word]) => word);

const said = (thread: Channel) =>
  ofBot(thread)
    .filter((m) => !m.system)
    .map((m) => m.text.split('\n')[0])
    // Whether the runner was away long enough to be news depends on the machine.
    .filter((line) => line?.startsWith('-# 🔌') !== true);

/** workerd evicts an object only while it does nothing: until Discord has heard nothing for a while. */
async function quiet(stage: FaultStage): Promise<void> {
  for (let heard = -1; heard !== stage.discord.log.length; ) {
    heard = stage.discord.log.length;
    await setTimeout(300);
  }
}

describe('objects that go', () => {
  it('row 1: objects hibernate while a person thinks: the click reaches the process, and no link is made anew', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'ask:1 row-1');
    const card = await stage.card(thread, 'echo');
    await quiet(stage);
    const output = stage.runner.output.length;
    const links = stage.proxy.count(/\/runner\//);
    await evict(stage.system.worker, 'Session', thread.id, 'hibernate');
    await evict(stage.system.worker, 'Guild', stage.system.guild.id, 'hibernate');
    await stage.press(stage.owner, card, 'Allow');
    await stage.finished(thread, 'Decided: allow');
    // One of an earlier test may have come to rest meanwhile.
    expect(stage.proxy.count(/\/runner\//)).toBeLessThanOrEqual(links);
    expect(stage.runner.output.slice(output)).not.toMatch(/offline|online/);
    expect(
      stage.stub
        .read()
        .filter((e) => e.event === 'decision')
        .map((e) => e.known),
    ).toEqual([true]);
  });

  it.each(['Session', 'Guild'] as const)(
    'row 2: a %s that is evicted with its sockets: the runner comes back, and what was said is shown once',
    async (kind) => {
      const { stage } = use;
      const thread = await stage.begin(stage.owner, 'stream:60:5 ask:1');
      const card = await stage.card(thread, 'echo');
      await quiet(stage);
      const { length } = stage.runner.output;
      await evict(stage.system.worker, kind, kind === 'Session' ? thread.id : stage.system.guild.id, 'close');
      await stage.press(stage.owner, card, 'Deny');
      await stage.finished(thread, 'Decided: deny');
      expect(ofBot(thread).flatMap((m) => streamed(m.text))).toEqual(WORDS);
      await stage.stillWorks(thread);
      if (kind === 'Guild') await stage.runner.said(/cannot be reached[\s\S]*Online in/, length);
    },
  );

  it('row 3: a deploy in the middle of three turns: each goes on to its end', async () => {
    const { stage } = use;
    const threads = [];
    for (const n of [1, 2, 3]) threads.push(await stage.begin(stage.owner, `stream:60:40 row-3-${n}`));
    for (const thread of threads) await stage.says(thread, 'wwwww1');
    await stage.system.worker.deploy();
    for (const thread of threads) {
      await stage.finished(thread, 'wwww59');
      expect(ofBot(thread).flatMap((m) => streamed(m.text))).toEqual(WORDS);
    }
    for (const thread of threads) await stage.stillWorks(thread);
  });

  it('row 4: SIGKILL of workerd while events pour in: none is lost, none is shown twice', async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'tools:20:30 stream:60:10 tools:20:30 ask:1');
    await stage.says(thread, /Read|file/);
    await stage.crash();
    await stage.press(stage.owner, await stage.card(thread, 'echo'), 'Allow');
    await stage.finished(thread, 'Decided: allow');
    expect(ofBot(thread).flatMap((m) => streamed(m.text))).toEqual(WORDS);
    expect(ofBot(thread).filter((m) => m.text.includes('Read 20 files')).length).toBeGreaterThan(0);
    expect(stage.stub.read().filter((e) => e.event === 'prompt' && e.text.includes('tools:20'))).toHaveLength(
      1,
    );
    await stage.stillWorks(thread);
  });
});

describe('a crash between Discord and the row', () => {
  it("row 5: crash between Discord's 200 and the record of it: the message is not posted again", async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'row-5 first');
    await stage.finished(thread, 'Echo: row-5 first');
    const create = stage.discord.faults.next(
      { method: 'POST', path: new RegExp(`^/channels/${thread.id}/messages`) },
      { hang: true, afterApply: true },
    );
    await stage.ask(thread, 'row-5 second');
    await create.waitHits();
    await stage.crash();
    create.release();
    await stage.finished(thread, 'Echo: row-5 second');
    expect(said(thread)).toEqual([
      '**olga** row-5 first',
      'Echo: row-5 first',
      '**olga** row-5 second',
      'Echo: row-5 second',
    ]);
  });

  it("row 5: crash between Discord's 200 to an edit and the record of it: the edit is made again, to the same effect", async () => {
    const { stage } = use;
    const thread = await stage.begin(stage.owner, 'ask:1 row-5-edit');
    const card = await stage.card(thread, 'echo');
    const edit = stage.discord.faults.next(
      { method: 'PATCH', path: new RegExp(`^/channels/${thread.id}/messages/${card.id}`) },
      { hang: true, afterApply: true },
    );
    await stage.press(stage.owner, card, 'Allow');
    await edit.waitHits();
    await stage.crash();
    edit.release();
    await stage.finished(thread, 'Decided: allow');
    expect(stage.discord.message(card.id)?.text).toMatch(/olga allowed/);
    expect(stage.count(thread, 'olga allowed')).toBe(1);
    await stage.stillWorks(thread);
  });
});
