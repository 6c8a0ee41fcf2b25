/** What becomes of a session's worktree when the session has ended. */
import { describe, expect, it, test } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { WorktreeEntry } from '../../../worker/domain/transcript.ts';
import { renderThread } from '../../../worker/render/thread/thread.ts';
import { worktreeName } from '../../../worker/session/rules/changes/worktrees.ts';
import { OWNER, Play, STARTER, STRANGER } from './play.ts';

const NOTHING = { uncommitted: 0, unmerged: 0, files: [], commits: [], mark: 'm0' };
const SOMETHING = {
  uncommitted: 2,
  unmerged: 1,
  files: ['a.txt', '@everyone.txt'],
  commits: ['abc123 only here'],
  mark: 'm1',
};

/** A session with a worktree that has worked. */
function worked(over: Parameters<Play['open']>[0] = {}): Play {
  const play = new Play().open({ worktree: { name: 'x' }, ...over });
  play.ask('hello');
  play.end(play.begin());
  return play;
}

function told(play: Play, outcome: EventOf<'worktree'>['outcome'], gen = play.gen): void {
  play.event({ kind: 'worktree', gen, outcome });
}

function line(play: Play): WorktreeEntry['state'] {
  const entry = play.entries('worktree').at(-1);
  if (entry === undefined) throw new Error('no line about the worktree');
  return entry.state;
}

function shown(play: Play): { text: string; labels: string[] } {
  const slots = renderThread({ gen: play.gen, entries: [...play.state.entries.values()], stoppable: null });
  const slot = slots.find(({ key }) => key === `w.${play.gen}`);
  const labels = (slot?.rows ?? []).flatMap((row) =>
    Array.isArray(row) ? row.map((button) => ('label' in button ? button.label : '')) : [],
  );
  return { text: slot?.content ?? '', labels };
}

const work = (play: Play) => play.state.conversation?.ended?.worktreeAsked != null;

describe('it begins', () => {
  it('with the command that begins the conversation, and again when it goes on', () => {
    const play = worked();
    expect(play.last('begin').worktree).toEqual({ name: 'x' });
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...NOTHING });
    play.ask('go on');
    expect(play.last('begin')).toMatchObject({ worktree: { name: 'x' }, from: { fork: false } });
    expect(play.gen).toBe(2);
  });

  it('without one nothing is said of it', () => {
    const play = worked({ worktree: null });
    expect(play.last('begin').worktree).toBeUndefined();
    play.act(STARTER, { do: 'end' });
    expect(play.sent('worktree')).toEqual([]);
    expect(play.entries('worktree')).toEqual([]);
  });

  test.each([
    ['Fix the flaky Login test!', 'fix-the-flaky-login-test-ccddee'],
    ['Ünïcode: ärger', 'unicode-arger-ccddee'],
    ['日本語', 'session-ccddee'],
    [null, 'session-ccddee'],
    ['../../etc', 'etc-ccddee'],
    ['a'.repeat(200), `${'a'.repeat(24)}-ccddee`],
  ])('a name for %j', (text, name) => {
    expect(worktreeName(text, '00000000-0000-4000-8000-00aabbccddee')).toBe(name);
  });
});

describe('/end', () => {
  it('ends first, then the thread asks; the thread is archived only after the answer', () => {
    const play = worked();
    expect(play.refusal(play.act(STARTER, { do: 'end' }))).toContain('`heddle/x`');
    const kinds = play.commands.map(({ kind }) => kind);
    expect(kinds.indexOf('end')).toBeLessThan(kinds.indexOf('worktree'));
    expect(play.last('worktree')).toMatchObject({ do: 'look', expect: null });
    expect(play.state.conversation?.ended?.toArchive).toBe(false);
    expect(work(play)).toBe(true);

    told(play, { as: 'kept', ...SOMETHING });
    expect(work(play)).toBe(false);
    expect(shown(play)).toEqual({
      text: '🌿 worktree `heddle/x`: 2 uncommitted files, 1 commit not merged',
      labels: ['Keep', 'Remove'],
    });
    play.press(STARTER, 'wtkeep', { tag: '' });
    expect(shown(play)).toMatchObject({ text: expect.stringContaining('is kept'), labels: [] });
    expect(play.state.conversation?.ended?.toArchive).toBe(true);
  });

  it('nothing is in it: Remove does it at once', () => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...NOTHING });
    expect(shown(play).text).toContain('nothing uncommitted');
    play.press(STARTER, 'wtremove', { tag: '' });
    expect(play.last('worktree')).toMatchObject({ do: 'remove', expect: null });
    told(play, { as: 'removed' });
    expect(shown(play).text).toBe('-# 🌿 worktree `heddle/x` is removed · sam');
    expect(play.state.conversation?.ended?.toArchive).toBe(true);
  });

  it('something would be lost: it is named, and only the button that names it does it', () => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...SOMETHING });
    play.press(STARTER, 'wtremove', { tag: '' });
    expect(play.sent('worktree')).toHaveLength(1);
    const { text, labels } = shown(play);
    expect(labels).toEqual(['Keep', 'Remove for good']);
    expect(text).toContain('loses for good: 2 uncommitted files, 1 commit not merged');
    expect(text).toContain('only here');
    expect(text).not.toMatch(/@everyone/);

    expect(play.refusal(play.press(STARTER, 'wtremove', { tag: '' }))).toContain('changed meanwhile');
    expect(play.refusal(play.press(STARTER, 'wtremove', { tag: 'm0' }))).toContain('changed meanwhile');
    expect(play.sent('worktree')).toHaveLength(1);
    play.press(STARTER, 'wtremove', { tag: 'm1' });
    expect(play.last('worktree')).toMatchObject({ do: 'remove', expect: 'm1' });

    // It has changed on the runner: asked once more, with what is there now.
    told(play, { as: 'kept', ...SOMETHING, uncommitted: 3, mark: 'm2' });
    expect(shown(play).labels).toEqual(['Keep', 'Remove for good']);
    expect(shown(play).text).toContain('3 uncommitted files');
  });

  it('/end worktree:remove asks as well before anything is lost', () => {
    const play = worked();
    play.act(STARTER, { do: 'end', worktree: 'remove' });
    expect(play.last('worktree')).toMatchObject({ do: 'remove', expect: null });
    expect(play.state.conversation?.ended?.toArchive).toBe(false);
    told(play, { as: 'kept', ...SOMETHING });
    expect(shown(play).labels).toEqual(['Keep', 'Remove for good']);
    play.act(STARTER, { do: 'end', worktree: 'remove' });
    expect(play.last('worktree')).toMatchObject({ do: 'remove', expect: 'm1' });
    told(play, { as: 'removed' });
    expect(play.refusal(play.act(STARTER, { do: 'end', worktree: 'remove' }))).toContain('already');
  });

  it('/end worktree:keep asks nobody; /end all keeps it, and so does /new', () => {
    for (const end of [
      (play: Play) => play.act(STARTER, { do: 'end', worktree: 'keep' }),
      (play: Play) =>
        play.step({
          kind: 'act',
          act: {
            id: play.id(),
            member: STARTER,
            place: {
              guild: play.state.thread?.guild as never,
              channel: '9' as never,
              channelType: 0,
              parent: null,
              appPermissions: '0',
            },
            through: 'guild',
            act: { do: 'end' },
          },
        }),
      (play: Play) => play.open({ after: play.gen, text: 'next' }),
    ]) {
      const play = worked();
      end(play);
      expect(play.sent('worktree')).toEqual([]);
      expect(line(play)).toMatchObject({ is: 'kept' });
    }
  });

  it('the runner is offline: kept, and told; Remove says so too', () => {
    const play = worked();
    const presence = { online: false, sinceMs: play.nowMs, rev: 2 } as const;
    const runner = play.state.conversation?.runner;
    const access = play.state.conversation?.access;
    if (runner === undefined || access === undefined) throw new Error('no conversation');
    play.linkUp = false;
    play.step({ kind: 'facts', runner, presence, access });
    play.act(STARTER, { do: 'end' });
    expect(play.sent('worktree')).toEqual([]);
    expect(shown(play).text).toContain('is offline');
    expect(play.refusal(play.act(STARTER, { do: 'end', worktree: 'remove' }))).toContain('offline');
    expect(play.sent('worktree')).toEqual([]);
  });

  it('the runner does not answer: kept, and told', () => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    play.later(10 * 60_000);
    expect(line(play)).toMatchObject({ is: 'kept', why: expect.stringContaining('did not answer') });
    expect(work(play)).toBe(false);
    told(play, { as: 'kept', ...SOMETHING });
    expect(line(play).is).toBe('kept');
    // What is gone is gone.
    told(play, { as: 'removed' });
    expect(line(play).is).toBe('removed');
  });

  it('the session rested, and hears only now that the runner is away: kept, and told', () => {
    const play = worked();
    const c = play.state.conversation;
    if (c === null) throw new Error('no conversation');
    play.linkUp = false;
    play.act(STARTER, { do: 'end' });
    expect(work(play)).toBe(true);
    play.step({
      kind: 'facts',
      runner: c.runner,
      access: c.access,
      presence: { online: false, sinceMs: 5, rev: 9 },
    });
    expect(shown(play).text).toContain('is offline; it stays there');
    expect(work(play)).toBe(false);
    expect(play.state.conversation?.ended?.toArchive).toBe(true);
  });

  test.each<[EventOf<'worktree'>['outcome'], WorktreeEntry['state']['is']]>([
    [{ as: 'missing' }, 'missing'],
    [{ as: 'failed', words: 'git took too long.' }, 'kept'],
  ])('%j', (outcome, is) => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    told(play, outcome);
    expect(line(play).is).toBe(is);
    expect(play.state.conversation?.ended?.toArchive).toBe(true);
  });
});

describe('who and when', () => {
  it('a stranger decides nothing; the runner’s owner may', () => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...NOTHING });
    for (const verb of ['wtkeep', 'wtremove'] as const)
      expect(play.refusal(play.press(STRANGER, verb, { tag: '' }))).toMatch(/Nothing was done/);
    expect(line(play).is).toBe('open');
    play.press(OWNER, 'wtkeep', { tag: '' });
    expect(line(play).is).toBe('kept');
  });

  it('a session that goes on keeps it, whatever is pressed or told', () => {
    const play = worked();
    expect(play.refusal(play.press(STARTER, 'wtremove', { tag: '' }))).toContain('goes on');
    told(play, { as: 'removed' });
    expect(play.entries('worktree')).toEqual([]);
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...SOMETHING });
    play.ask('go on');
    expect(play.entries('worktree').every(({ state }) => state.is === 'kept')).toBe(true);
    // The button of the old conversation, and the word of the old gen.
    expect(play.refusal(play.press(STARTER, 'wtremove', { gen: 1, tag: 'm1' }))).toContain('earlier');
    told(play, { as: 'removed' }, 1 as never);
    expect(play.state.conversation?.worktree).toBe('x');
  });

  it('a double press removes once', () => {
    const play = worked();
    play.act(STARTER, { do: 'end' });
    told(play, { as: 'kept', ...NOTHING });
    play.press(STARTER, 'wtremove', { tag: '' });
    expect(play.refusal(play.press(STARTER, 'wtremove', { tag: '' }))).toContain('being removed');
    expect(play.sent('worktree').filter((command) => command.do === 'remove')).toHaveLength(1);
  });
});

describe('presence', () => {
  it('an older one never replaces a newer one', () => {
    const play = worked();
    const c = play.state.conversation;
    if (c === null) throw new Error('no conversation');
    const facts = { kind: 'facts', runner: c.runner, access: c.access } as const;
    play.step({ ...facts, presence: { online: false, sinceMs: 5, rev: 4 } });
    play.step({ ...facts, presence: { online: true, rev: 3 } });
    expect(play.state.conversation?.presence).toEqual({ online: false, sinceMs: 5, rev: 4 });
    play.step({ ...facts, presence: { online: true, rev: 5 } });
    expect(play.state.conversation?.presence).toEqual({ online: true, rev: 5 });
  });
});

describe('what the folder looks like', () => {
  it('is kept of the conversation that goes on, and of no older one', () => {
    const play = worked();
    const workspace = {
      branch: 'heddle/x',
      changed: { files: 2, added: 4, removed: 1, names: ['a.txt', 'b.txt'] },
      main: { name: 'main', ahead: 1, behind: 0 },
    };
    play.event({ kind: 'workspace', gen: play.gen, ...workspace });
    expect(play.state.conversation).toMatchObject({ runsWith: { branch: 'heddle/x', workspace } });
    play.event({ kind: 'workspace', gen: 7 as never, ...workspace, branch: 'other' });
    expect(play.state.conversation?.runsWith.branch).toBe('heddle/x');
  });
});
