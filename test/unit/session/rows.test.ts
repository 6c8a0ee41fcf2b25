/** What a turn costs in rows: Cloudflare's free plan has 100,000 a day. `npm run bench` counts the platform's own numbers. */
import { describe, expect, it } from 'vitest';
import type { TurnId } from '../../../protocol/ids.ts';
import { apply } from '../../../worker/session/rules/rules.ts';
import type { Change } from '../../../worker/session/state/rows.ts';
import { IN_THREAD, Play, PROCESS, STARTER } from './play.ts';

const names = (changes: readonly Change[]): string[] =>
  changes.map((change) => (change.table === 'doc' ? change.key : change.table)).toSorted();

/** A session with a live process that has ended its first turn. */
function warm(): Play {
  const play = new Play().open();
  play.ask('first');
  play.event({
    kind: 'processStarted',
    gen: play.gen,
    process: PROCESS,
    claudeVersion: '2',
    model: 'sonnet',
    mode: 'default',
    claudeSession: '00000000-0000-4000-8000-00000000abcd' as never,
    settings: 'all',
  });
  play.end(play.begin());
  return play;
}

function ask(play: Play) {
  return play.step({
    kind: 'act',
    act: { id: play.id(), member: STARTER, place: IN_THREAD, act: { do: 'ask', text: 'next' } },
  });
}

function began(play: Play, model: string) {
  const { prompt } = play.last('prompt');
  const turn = prompt as string as TurnId;
  return play.step({
    kind: 'event',
    event: { kind: 'turnBegan', gen: play.gen, turn, prompt, model, mode: 'default' },
  });
}

describe('rows of a turn', () => {
  it('are a head and a prompt when it is given, a head and an end when it is over', () => {
    const play = warm();
    const given = names(ask(play).changes).filter((name) => !name.startsWith('queue/'));
    expect(given).toEqual(['entry', 'head']);
    const { prompt } = play.last('prompt');
    const ended = play.step({
      kind: 'event',
      event: {
        kind: 'turnEnded',
        gen: play.gen,
        turn: prompt as string as TurnId,
        prompt,
        outcome: { as: 'done' },
        durationMs: 1,
        costUsd: 0,
        usage: {},
      },
    });
    expect(names(ended.changes)).toEqual(['entry', 'head']);
  });

  it('are none for a turn that begins with the model, mode and branch of the last one', () => {
    const play = warm();
    ask(play);
    expect(began(play, 'sonnet').changes).toEqual([]);
    expect(play.entries('prompt').at(-1)).toMatchObject({ state: 'running', model: 'sonnet' });
  });

  it('say it when the model is another one', () => {
    const play = warm();
    ask(play);
    expect(names(began(play, 'opus').changes)).toEqual(['entry', 'head']);
    expect(play.entries('prompt').at(-1)).toMatchObject({ state: 'running', model: 'opus' });
  });

  it('are none for a report that arrived; the next change of the head has it', () => {
    const play = warm();
    const rev = play.state.thread?.rev ?? 0;
    expect(rev).toBeGreaterThan(play.state.thread?.reportedRev ?? 0);
    const reported = apply(play.state, { kind: 'reported', rev }, play.context());
    expect(reported.changes).toEqual([]);
    expect(reported.state.thread?.reportedRev).toBe(rev);
    play.state = reported.state;
    ask(play);
    expect(play.state.thread).toMatchObject({ reportedRev: rev, rev: rev + 1 });
  });
});
