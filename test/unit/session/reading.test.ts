/** The rules about what the thread shows: files, the to-do list, diffs, the title, what was chosen for the thread. */
import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../protocol/events.ts';
import type { TurnId } from '../../../protocol/ids.ts';
import { FILES_A_TURN_MAX } from '../../../protocol/limits.ts';
import { mayNotify } from '../../../worker/session/state/notifying.ts';
import { fileRows } from '../../../worker/session/state/rows.ts';
import { Play, STARTER, THREAD } from './play.ts';

function running(): { play: Play; turn: TurnId } {
  const play = new Play().open();
  play.ask('do it');
  return { play, turn: play.begin() };
}

function send(play: Play, turn: TurnId, file: string, over: Partial<EventOf<'file'>> = {}): void {
  const { gen } = play;
  play.event({ kind: 'filePart', gen, file, part: 0, base64: 'AAAA' });
  play.event({
    kind: 'file',
    gen,
    turn,
    file,
    what: 'picture',
    name: 'a.png',
    bytes: 3,
    parts: 1,
    caption: 'a',
    ...over,
  });
}

describe('a file for the thread', () => {
  it('keeps its bytes until Discord has it', () => {
    const { play, turn } = running();
    const rows = fileRows(play.gen, 'one');
    send(play, turn, 'one');
    expect(play.entries('file')).toHaveLength(1);
    expect(play.inputs.get(rows)).toEqual(['AAAA']);
    play.step({ kind: 'shown', card: null, file: { gen: play.gen, file: 'one' } });
    expect(play.inputs.has(rows)).toBe(false);
    expect(play.entries('file')).toHaveLength(1);
  });

  it('of a turn that is over or unknown, sent twice, or one too many, leaves nothing', () => {
    const { play, turn } = running();
    send(play, '99999999-9999-4999-8999-999999999999' as TurnId, 'unknown');
    expect(play.entries('file')).toEqual([]);
    expect(play.inputs.has(fileRows(play.gen, 'unknown'))).toBe(false);
    for (let n = 0; n < FILES_A_TURN_MAX; n++) send(play, turn, `file-${n}`);
    send(play, turn, 'file-0');
    expect(play.entries('file')).toHaveLength(FILES_A_TURN_MAX);
    send(play, turn, 'too-many');
    expect(play.entries('file')).toHaveLength(FILES_A_TURN_MAX);
    expect(play.inputs.has(fileRows(play.gen, 'too-many'))).toBe(false);
    play.end(turn);
    send(play, turn, 'late');
    expect(play.inputs.has(fileRows(play.gen, 'late'))).toBe(false);
  });

  it('that Discord never took goes with its turn', () => {
    const { play, turn } = running();
    send(play, turn, 'refused');
    play.end(turn);
    expect(play.inputs.has(fileRows(play.gen, 'refused'))).toBe(true);
    // The newest finished turn is drawn as long as its buttons stand.
    play.ask('next');
    play.end(play.begin());
    play.ask('the one after it');
    expect(play.inputs.has(fileRows(play.gen, 'refused'))).toBe(false);
    expect(play.entries('file')).toEqual([]);
  });

  it('is named but not kept when too much waits for Discord', () => {
    const { play, turn } = running();
    for (let n = 0; n < 9; n++) send(play, turn, `f${n}`, { bytes: 8 * 1024 * 1024 });
    expect(play.entries('file')).toHaveLength(9);
    expect(play.inputs.has(fileRows(play.gen, 'f7'))).toBe(true);
    expect(play.inputs.has(fileRows(play.gen, 'f8'))).toBe(false);
  });

  it('of an older conversation is nothing', () => {
    const { play, turn } = running();
    play.event({
      kind: 'filePart',
      gen: (play.gen + 1) as typeof play.gen,
      file: 'x',
      part: 0,
      base64: 'AAAA',
    });
    expect(play.inputs.size).toBe(0);
    play.end(turn);
  });
});

describe('the to-do list of a turn', () => {
  it('is one entry, and a call that changes nothing writes nothing', () => {
    const { play, turn } = running();
    const call = (state: 'open' | 'done', tool: string) =>
      play.step({
        kind: 'event',
        event: {
          kind: 'toolBegan',
          gen: play.gen,
          turn,
          tool,
          parent: null,
          name: 'TodoWrite',
          class: 'todo',
          summary: '',
          todos: [{ text: 'A', state }],
        },
      });
    call('open', 't1');
    expect(call('open', 't2').changes).toEqual([]);
    call('done', 't3');
    expect(play.entries('todo')).toMatchObject([{ todos: [{ text: 'A', state: 'done' }] }]);
    expect(play.entries('tool')).toEqual([]);
  });
});

describe('an edit', () => {
  const edit = (play: Play, turn: TurnId, tool: string) => ({
    begin: () =>
      play.event({
        kind: 'toolBegan',
        gen: play.gen,
        turn,
        tool,
        parent: null,
        name: 'Edit',
        class: 'edit',
        summary: 'a.ts',
      }),
    end: () =>
      play.event({
        kind: 'toolEnded',
        gen: play.gen,
        turn,
        tool,
        outcome: 'done',
        added: 1,
        removed: 0,
        diff: { text: '+x', lines: 1 },
      }),
  });

  it('keeps its diff, and whether something came after it before it ended', () => {
    const { play, turn } = running();
    const [one, two] = [edit(play, turn, 't1'), edit(play, turn, 't2')];
    one.begin();
    two.begin();
    two.end();
    one.end();
    expect(play.entries('tool').map(({ last, diff }) => [last, diff?.text])).toEqual([
      [undefined, '+x'],
      [true, '+x'],
    ]);
  });
});

describe('the title', () => {
  it('is the first prompt’s words until Claude has one, and that stays', () => {
    const { play } = running();
    const title = () => play.state.conversation?.title;
    expect(title()).toBe('do it');
    play.event({ kind: 'titled', gen: play.gen, title: 'Fix the\n login' });
    expect(title()).toBe('Fix the login');
    play.event({ kind: 'titled', gen: play.gen, title: 'Another' });
    expect(title()).toBe('Fix the login');
  });
});

describe('what was chosen for a thread', () => {
  it('says what notifies whom', () => {
    const thread = (chosen: 'all' | 'requests' | 'none' | null) => {
      const { play } = running();
      const known = play.state.thread;
      if (known === null) throw new Error(`no thread ${THREAD}`);
      return chosen === null ? known : { ...known, notify: { [STARTER.id]: chosen } };
    };
    const about = (chosen: Parameters<typeof thread>[0]) =>
      (['request', 'turn'] as const).map((what) => mayNotify(thread(chosen), STARTER.id, what));
    expect(about(null)).toEqual([true, true]);
    expect(about('all')).toEqual([true, true]);
    expect(about('requests')).toEqual([true, false]);
    expect(about('none')).toEqual([false, false]);
  });

  it('none: no card and no end of a turn notifies; the card is there all the same', () => {
    const play = new Play().open();
    const { thread } = play.state;
    if (thread !== null)
      play.state = { ...play.state, thread: { ...thread, notify: { [STARTER.id]: 'none' } } };
    play.ask('do it');
    const turn = play.begin();
    play.request('r1', turn);
    expect(play.requests()).toMatchObject([{ notify: false, state: { is: 'open' } }]);
    play.event({
      kind: 'turnEnded',
      gen: play.gen,
      turn,
      prompt: null,
      outcome: { as: 'failed', code: 'api', words: 'no', started: true },
      durationMs: 1,
      costUsd: 0,
      usage: {},
    });
    expect(play.entries('end')).toMatchObject([{ notify: null }]);
  });

  it('holds for turns that begin after the choice', () => {
    const { play, turn } = running();
    const { thread } = play.state;
    if (thread !== null) play.state = { ...play.state, thread: { ...thread, verbosity: 'quiet' } };
    play.end(turn);
    play.ask('again');
    play.begin();
    expect(play.entries('prompt').map((entry) => entry.verbosity)).toEqual([undefined, 'quiet']);
  });
});
