/** `/status` in a channel: which sessions, page by page, and what they cost; and the budget that new ones begin with. */
import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, test, vi } from 'vitest';
import type { Gen, ProjectName, UserId } from '../../protocol/ids.ts';
import type { SessionSummary } from '../../worker/domain/contract.ts';
import { Session } from '../../worker/index.ts';
import { ADA, BOB, useGuild, world } from './guild-world.ts';
import { MANAGE_GUILD, newId, typing } from './interaction.ts';

useGuild();

const bobs = { starter: { id: BOB as UserId, name: 'bob' } };
const ended = { state: { is: 'ended' }, work: false } as const;
const idle = { state: { is: 'idle' }, work: false } as const;
const spent = (costUsd: number, turns = 1) => ({
  costUsd,
  turns,
  tokens: { in: 1000 * turns, out: 10 * turns },
});
const option = (name: string, value: string, type = 3) => ({ name, type, value });

async function reported(...all: Partial<SessionSummary>[]): Promise<string[]> {
  const threads = all.map(() => newId());
  for (const [at, over] of all.entries())
    await world.report(threads[at] ?? '', 1, { activeMs: 1_700_000_000_000 - at, ...over });
  return threads;
}

const threadsIn = (text: string) => [...text.matchAll(/<#(\d+)>/g)].map((match) => match[1]);

describe('filters', () => {
  test('by state, person and project, alone and together', async () => {
    const [running, mine, his, web] = await reported(
      { state: { is: 'running', sinceMs: 1 } },
      idle,
      { ...ended, ...bobs },
      { ...ended, project: 'web' as ProjectName },
    );
    vi.spyOn(Session.prototype, 'glance').mockResolvedValue(null);
    const list = async (...options: object[]) => threadsIn((await world.command('status', options)).text);
    expect(await list()).toEqual([running, mine, his, web]);
    expect(await list(option('state', 'active'))).toEqual([running, mine]);
    expect(await list(option('state', 'ended'))).toEqual([his, web]);
    expect(await list(option('person', BOB, 6))).toEqual([his]);
    expect(await list(option('project', 'web'))).toEqual([web]);
    expect(await list(option('state', 'ended'), option('person', ADA, 6))).toEqual([web]);
    expect((await world.command('status', [option('project', 'nowhere')])).text).toContain(
      'No session is like',
    );
    const here = { channel: newId(), channelType: 11 };
    expect(
      threadsIn((await world.command('status', [option('state', 'active')], here)).text),
      'in a thread too, when it is asked which',
    ).toEqual([running, mine]);
  });

  test('projects of sessions are offered while one types', async () => {
    await reported(idle, { ...ended, project: 'web' as ProjectName });
    const typed = { name: 'project', type: 3, value: 'w', focused: true };
    expect((await world.send(typing('status', [typed], { guild: world.guild }))).choices).toEqual(['web']);
  });
});

describe('pages', () => {
  test('keep the filter; a forged button is refused', async () => {
    await reported(...Array.from({ length: 9 }, () => ({ ...ended, ...bobs })), idle);
    const first = await world.command('status', [option('person', BOB, 6)]);
    expect(first.text).toContain('Page 1 of 3 · 9 sessions · 0 active');
    const [older = ''] = first.ids;
    const second = await world.press(older);
    expect(second.type, 'the same message').toBe(7);
    expect(second.text).toContain('Page 2 of 3 · 9 sessions');
    expect(second.text).toContain('bob: 9 sessions');
    const last = await world.press(older.replace(/:1:/, ':2:'));
    expect(threadsIn(last.text)).toHaveLength(1);
    expect(threadsIn((await world.press(older.replace(/:1:/, ':999:'))).text), 'the nearest').toHaveLength(1);
    for (const tag of ['9-1-a', '0', '-x-'])
      expect((await world.press(`h1:page:0:1:${tag}`)).text, tag).toContain('nothing happened');
  });
});

describe('sums', () => {
  test('are of the one who asks and of the server; another’s with a filter', async () => {
    await reported(
      { ...idle, ...spent(1.5, 2) },
      { ...ended, ...spent(0.25) },
      { ...idle, ...bobs, ...spent(10) },
    );
    const all = (await world.command('status')).text;
    expect(all).toContain('3 sessions · 2 active');
    expect(all).toContain('You: 2 sessions · $1.75 · 3k in, 30 out');
    expect(all).toContain('This server: 3 sessions, 2 active · $11.75 · 4k in, 40 out');
    expect((await world.command('status', [option('person', BOB, 6)])).text).toContain(
      'bob: 1 session · $10.00',
    );
  });

  test('count a session that goes on once', async () => {
    const thread = newId();
    await world.report(thread, 1, { ...ended, ...spent(1, 4) }, 1);
    await world.report(
      thread,
      2,
      { ...idle, ...spent(1.5, 5), continues: 1 as Gen, inherited: spent(1, 4) },
      2,
    );
    expect((await world.command('status')).text).toContain('You: 1 session · $1.50 · 5k in');
  });

  test('hold what forgotten sessions cost, and a forgotten one that goes on counts once', async () => {
    const old = newId();
    await world.report(old, 1, { ...ended, ...spent(2, 3), activeMs: 1 });
    const stub = await world.stub();
    await runInDurableObject(stub, (_guild, { storage }) => {
      for (let n = 0; n < 499; n++)
        storage.sql.exec(
          `INSERT INTO sessions (thread, gen, rev, runner, work, active_ms, summary)
           SELECT ?, gen, rev, runner, work, 5, json_set(summary, '$.costUsd', 0, '$.turns', 0, '$.tokens.in', 0, '$.tokens.out', 0)
           FROM sessions WHERE thread = ?`,
          `7${n}`,
          old,
        );
    });
    await world.report(newId(), 1, { ...idle, ...spent(1) });
    expect(await world.rows('SELECT 1 FROM sessions WHERE thread = ?', old)).toEqual([]);
    expect(await world.rows('SELECT 1 FROM threads WHERE thread = ?', old), 'nor its thread').toEqual([]);
    expect((await world.command('status')).text).toContain('You: 501 sessions · $3.00 · 4k in, 40 out');

    await world.report(old, 9, { ...idle, ...spent(2.5, 4), continues: 1 as Gen, inherited: spent(2, 3) }, 2);
    await world.report(old, 10, { ...idle, ...spent(3, 5), continues: 1 as Gen, inherited: spent(2, 3) }, 2);
    expect((await world.command('status')).text).toContain('You: 501 sessions · $4.00 · 6k in, 60 out');
  });
});

describe('what a running session does', () => {
  test('is asked of it; one that does not answer is shown as it was', async () => {
    const [first, second] = await reported(
      { state: { is: 'running', sinceMs: 1 }, model: 'claude-opus-4-1', doing: 'Bash old' },
      { state: { is: 'running', sinceMs: 1 }, doing: 'Bash known' },
    );
    vi.spyOn(Session.prototype, 'glance').mockImplementation(async function (this: Session) {
      const { ctx } = this as unknown as { ctx: DurableObjectState };
      if (ctx.id.name === second) throw new Error('gone');
      const [row] = await world.rows('SELECT summary FROM sessions WHERE thread = ?', first ?? '');
      return { ...JSON.parse(String(row?.summary)), doing: 'Bash new' };
    });
    const { text } = await world.command('status');
    expect(text).toContain('Bash new');
    expect(text).toContain('Opus 4.1');
    expect(text).not.toContain('Bash old');
    expect(text).toContain('Bash known');
  });
});

describe('/budget in a channel', () => {
  const budget = (value: number, given = {}) =>
    world.command('budget', [{ name: 'amount', type: 10, value }], given);
  const begun = async () => {
    const before = world.opened.length;
    await world.command('ask', [{ name: 'prompt', type: 3, value: 'fix' }]);
    await vi.waitFor(() => expect(world.opened.length).toBeGreaterThan(before));
    return world.opened.at(-1)?.budgetUsd;
  };

  test('is what each new session begins with, until it is taken away', async () => {
    await world.connect(await world.runner());
    expect(await begun()).toBeNull();
    expect((await budget(2.5, { permissions: MANAGE_GUILD })).text).toContain('$2.50');
    expect(await begun()).toBe(2.5);
    expect((await budget(0, { permissions: MANAGE_GUILD })).text).toContain('no budget');
    expect(await begun()).toBeNull();
  });

  test('needs Manage Server, and an amount that can be one', async () => {
    expect((await budget(5)).text).toContain('Manage Server');
    for (const amount of [-1, 0.001, 1e9])
      expect((await budget(amount, { permissions: MANAGE_GUILD })).text).toContain('Nothing was done');
    expect((await world.command('budget', [], { permissions: MANAGE_GUILD })).text).toContain(
      'how many dollars',
    );
    expect(await world.rows("SELECT 1 FROM meta WHERE key = 'budgetCents'")).toEqual([]);
  });
});
