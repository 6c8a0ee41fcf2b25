/** What a guild is told of Claude's own conversations: of its projects alone, nothing that Heddle holds, bounded. */
import { describe, expect, it } from 'vitest';
import { CONVERSATIONS_MAX_BYTES } from '../../../protocol/limits.ts';
import { Conversations, KEPT_FRESH_MS } from '../../../runner/guild/conversations.ts';
import { DEFAULTS } from '../../../runner/home/settings.ts';
import { claudeSession, GUILD, Stage, temporaryFolder } from './stage.ts';

const OTHER = '999' as never;

function given(projects: number, titles: readonly string[]) {
  const { home } = new Stage();
  const folders = Array.from({ length: projects }, () => temporaryFolder());
  const settings = {
    ...DEFAULTS,
    projects: folders.map((path, at) => ({ name: `p${at}` as never, path, guilds: [GUILD] })),
  };
  const reads: string[] = [];
  const held = new Set<string>();
  const clock = { nowMs: 0 };
  const of = new Conversations({
    home,
    settings: () => settings,
    read: async ({ cwd, without }) => {
      reads.push(cwd);
      return titles
        .map((title, at) => ({ id: claudeSession() as string, title, atMs: at }))
        .filter(({ id }) => !without(id));
    },
    holds: (session) => held.has(session),
    nowMs: () => clock.nowMs,
  });
  return { of, reads, held, clock, settings };
}

describe('conversations that a guild may be told of', () => {
  it('are those of its own projects', async () => {
    const { of, reads } = given(1, ['one']);
    expect([...(await of.of(GUILD)).keys()]).toEqual(['p0']);
    expect(await of.of(OTHER)).toEqual(new Map());
    expect(reads).toHaveLength(1);
  });

  it('are read again only after a while, and one that became a session’s goes at once', async () => {
    const { of, reads, held, clock } = given(1, ['one', 'two']);
    const before = (await of.of(GUILD)).get('p0' as never) ?? [];
    held.add(before[0]?.id ?? '');
    expect((await of.of(GUILD)).get('p0' as never)?.map(({ title }) => title)).toEqual(['two']);
    expect(reads).toHaveLength(1);
    clock.nowMs = KEPT_FRESH_MS;
    await of.of(GUILD);
    expect(reads).toHaveLength(2);
  });

  it('are no more than a catalogue may hold', async () => {
    const { of } = given(
      100,
      Array.from({ length: 25 }, () => 'é'.repeat(80)),
    );
    const all = [...(await of.of(GUILD)).values()].flat();
    expect(Buffer.byteLength(JSON.stringify(all))).toBeLessThanOrEqual(CONVERSATIONS_MAX_BYTES);
    expect(all.length).toBeGreaterThan(100);
  });

  it('are none when a project’s folder or Claude’s files cannot be read', async () => {
    const { of, settings } = given(1, ['one']);
    settings.projects = [{ name: 'gone' as never, path: '/nowhere/at/all', guilds: [GUILD] }];
    expect(await of.of(GUILD)).toEqual(new Map());
  });
});
