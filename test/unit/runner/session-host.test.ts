import { describe, expect, test } from 'vitest';
import type { Event, EventOf } from '../../../protocol/events.ts';
import type { ProcessId, ProjectName, PromptId, TurnId, UserId } from '../../../protocol/ids.ts';
import { Journal } from '../../../runner/journal/journal.ts';
import {
  begin,
  claudeSession,
  decide,
  end,
  interrupt,
  last,
  prompt,
  promptId,
  Stage,
  settle,
  thread,
} from './stage.ts';

const endings = (events: readonly Event[], id: PromptId): EventOf<'turnEnded'>[] =>
  events.filter((event): event is EventOf<'turnEnded'> => event.kind === 'turnEnded' && event.prompt === id);
const kinds = (events: readonly Event[]) => events.map((event) => event.kind);

async function running(stage = new Stage()) {
  const life = stage.live();
  const id = promptId();
  const commands = [begin(1), prompt(1, id)];
  life.deliver(commands);
  await settle();
  return { stage, life, id, commands, claude: last(stage.world.claudes) };
}

describe('a prompt', () => {
  test('starts a process, is fed once, and ends once', async () => {
    const { stage, life, id, claude } = await running();
    expect(stage.world.fed).toEqual([{ process: claude.id, prompt: id, text: 'do it' }]);
    expect(claude.options.resume).toBe(false);
    claude.finish();
    await settle();
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['done']);
    expect(kinds(life.events())).toEqual(['processStarted', 'turnBegan', 'turnEnded']);
  });

  test('begin alone starts nothing', async () => {
    const stage = new Stage();
    stage.live().deliver([begin(1)]);
    await settle();
    expect(stage.world.claudes).toEqual([]);
  });

  test('the next one goes to the same process; one that comes early waits for the turn', async () => {
    const { stage, life, commands, claude } = await running();
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.fed).toHaveLength(1);
    claude.finish();
    await settle();
    expect(stage.world.fed.map((one) => one.prompt)).toEqual([
      commands[1]?.kind === 'prompt' ? commands[1].prompt : '',
      next,
    ]);
    expect(stage.world.claudes).toHaveLength(1);
  });

  test('the same prompt again, under a new number, changes nothing', async () => {
    const { stage, life, id, commands, claude } = await running();
    claude.finish();
    await settle();
    life.deliver([...commands, prompt(1, id)]);
    await settle();
    expect(stage.world.fed).toHaveLength(1);
    expect(endings(life.events(), id)).toHaveLength(1);
  });

  test('of an older gen is answered with nothing; of an unknown one as not started', async () => {
    const stage = new Stage();
    const life = stage.live();
    const [old, unknown] = [promptId(), promptId()];
    life.deliver([begin(2), prompt(1, old), prompt(3, unknown)]);
    await settle();
    expect(stage.world.fed).toEqual([]);
    expect(endings(life.events(), old)).toEqual([]);
    expect(endings(life.events(), unknown).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'transcript', started: false },
    ]);
  });

  test('that a self-started turn beats waits for its end, and is fed once', async () => {
    const { stage, life, commands, claude } = await running();
    claude.finish();
    claude.beginOwn(promptId() as string as TurnId);
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.fed).toHaveLength(1);
    claude.finishOwn();
    await settle();
    expect(stage.world.fed.map((one) => one.prompt)).toContain(next);
  });

  test('a project that is gone, or hidden from this guild, fails it as not started', async () => {
    for (const projects of [
      [],
      [{ name: 'api' as ProjectName, path: '/nowhere/at/all', guilds: ['100' as never] }],
    ]) {
      const stage = new Stage({ projects });
      const life = stage.live();
      const id = promptId();
      life.deliver([begin(1), prompt(1, id)]);
      await settle();
      expect(stage.world.claudes).toEqual([]);
      expect(endings(life.events(), id).map((event) => event.outcome)).toMatchObject([
        { as: 'failed', code: 'project', started: false },
      ]);
    }
  });

  test.each([
    ['notFound', 'start'],
    ['timeout', 'start'],
    ['cwdMissing', 'project'],
    ['transcriptMissing', 'transcript'],
  ] as const)(
    'a start that fails with %s ends it with %s, and the next one tries again',
    async (code, told) => {
      const stage = new Stage();
      stage.world.startFailure = { code, words: 'no' };
      const life = stage.live();
      const [first, second] = [promptId(), promptId()];
      const commands = [begin(1), prompt(1, first)];
      life.deliver(commands);
      await settle();
      expect(endings(life.events(), first).map((event) => event.outcome)).toMatchObject([
        { as: 'failed', code: told, words: 'no', started: false },
      ]);
      stage.world.startFailure = null;
      life.deliver([...commands, prompt(1, second)]);
      await settle();
      expect(stage.world.fed.map((one) => one.prompt)).toEqual([second]);
    },
  );
});

describe('a process that misbehaves', () => {
  test('ends a turn twice: the second end is not told', async () => {
    const { life, id, claude } = await running();
    claude.finish();
    claude.current = id;
    claude.finish({ as: 'failed', code: 'crashed', words: 'again', started: true });
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['done']);
  });

  test('goes without ending its turn: the host ends it', async () => {
    const { life, id, claude } = await running();
    claude.current = null;
    claude.die('crashed');
    await settle();
    expect(endings(life.events(), id).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'crashed', started: true },
    ]);
  });

  test('refuses a prompt: it stays waiting, and goes in after the next turn', async () => {
    const { stage, life, commands, claude } = await running();
    claude.finish();
    await settle();
    const feed = claude.prompt.bind(claude);
    claude.prompt = () => {
      claude.prompt = feed;
      throw new Error('a turn has just begun');
    };
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.fed.map((one) => one.prompt)).not.toContain(next);
    expect(claude.prompt).toBe(feed);
    claude.beginOwn(promptId() as string as TurnId);
    claude.finishOwn();
    await settle();
    expect(stage.world.fed.at(-1)?.prompt).toBe(next);
  });
});

describe('the permission mode', () => {
  test.each([
    ['1' as UserId, 'acceptEdits'],
    ['2' as UserId, 'default'],
  ])('for a session that %s started is %s', async (starter, mode) => {
    const stage = new Stage({ permissionMode: 'acceptEdits' });
    stage.live().deliver([begin(1, claudeSession(), starter), prompt(1, promptId())]);
    await settle();
    expect(last(stage.world.claudes).options.mode).toBe(mode);
  });
});

describe('interrupt', () => {
  test('before the process is up: the prompt never starts and ends as interrupted', async () => {
    const stage = new Stage();
    const gate = Promise.withResolvers<void>();
    stage.world.gate = gate.promise;
    const life = stage.live();
    const id = promptId();
    life.deliver([begin(1), prompt(1, id), interrupt(1, id)]);
    await settle();
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['interrupted']);
    gate.resolve();
    await settle();
    expect(stage.world.fed).toEqual([]);
    expect(endings(life.events(), id)).toHaveLength(1);
  });

  test('of the running turn reaches its process; of another turn nothing happens', async () => {
    const { life, id, commands, claude } = await running();
    life.deliver([...commands, interrupt(1, promptId())]);
    await settle();
    expect(claude.busy).toBe(true);
    life.deliver([...commands, interrupt(1, promptId()), interrupt(1, id)]);
    await settle();
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['interrupted']);
  });

  test('of an older gen does nothing', async () => {
    const stage = new Stage();
    const life = stage.live();
    const id = promptId();
    life.deliver([begin(2), prompt(2, id), interrupt(1, id)]);
    await settle();
    expect(last(stage.world.claudes).interrupted).toEqual([]);
    expect(endings(life.events(), id)).toEqual([]);
  });
});

describe('1. Right session: a decision', () => {
  async function asking() {
    const at = await running();
    at.claude.ask('r1');
    return at;
  }
  const settled = (events: readonly Event[]) =>
    events
      .filter((event): event is EventOf<'requestSettled'> => event.kind === 'requestSettled')
      .map((event) => event.outcome.as);

  test('reaches the process that asked, once', async () => {
    const { stage, life, commands, claude } = await asking();
    life.deliver([...commands, decide(1, claude.id, 'r1'), decide(1, claude.id, 'r1')]);
    await settle();
    expect(stage.world.decided.map((one) => one.process)).toEqual([claude.id]);
    expect(settled(life.events())).toEqual(['delivered', 'refused']);
  });

  test.each([
    ['another process', (id: ProcessId) => decide(1, `${id}x` as ProcessId, 'r1')],
    ['another request', (id: ProcessId) => decide(1, id, 'r2')],
    ['another input', (id: ProcessId) => decide(1, id, 'r1', 'b'.repeat(64))],
    ['a gen that is not there yet', (id: ProcessId) => decide(2, id, 'r1')],
  ])('for %s is refused, and the request stays open', async (_, forged) => {
    const { stage, life, commands, claude } = await asking();
    life.deliver([...commands, forged(claude.id)]);
    await settle();
    expect(stage.world.decided).toEqual([]);
    expect(claude.openRequests).toBe(1);
    expect(settled(life.events())).toEqual(['refused']);
  });

  test('of an older gen is dropped', async () => {
    const { stage, life, commands, claude } = await asking();
    life.deliver([...commands, begin(2), decide(1, claude.id, 'r1')]);
    await settle();
    expect(stage.world.decided).toEqual([]);
    expect(settled(life.events())).toEqual([]);
  });

  test('for a process that died is refused', async () => {
    const { stage, life, commands, claude } = await asking();
    claude.die('crashed');
    life.deliver([...commands, decide(1, claude.id, 'r1')]);
    await settle();
    expect(stage.world.decided).toEqual([]);
    expect(settled(life.events())).toEqual(['refused']);
  });

  test('two threads with the same request id: each gets its own', async () => {
    const stage = new Stage();
    const life = stage.live();
    for (const n of [1, 2]) {
      life.hostOf(thread(n)).accept(begin(1));
      life.hostOf(thread(n)).accept(prompt(1, promptId()));
    }
    await settle();
    const [one, two] = stage.world.claudes;
    one?.ask('same');
    two?.ask('same');
    life.hostOf(thread(2)).accept(decide(1, two?.id as ProcessId, 'same'));
    life.hostOf(thread(2)).accept(decide(1, one?.id as ProcessId, 'same'));
    expect(stage.world.decided.map((decided) => decided.process)).toEqual([two?.id]);
    expect(one?.openRequests).toBe(1);
  });
});

describe('a process that dies', () => {
  test('fails the running turn once, and the next prompt resumes the conversation', async () => {
    const { stage, life, id, commands, claude } = await running();
    claude.die('crashed');
    await settle();
    expect(endings(life.events(), id).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'crashed' },
    ]);
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.claudes).toHaveLength(2);
    expect(last(stage.world.claudes).options).toMatchObject({
      resume: true,
      claudeSession: claude.options.claudeSession,
    });
    expect(stage.world.fed.at(-1)?.prompt).toBe(next);
  });

  test('before Claude wrote a transcript: the next prompt begins the conversation anew', async () => {
    const { stage, life, commands, claude } = await running();
    stage.world.transcripts.clear();
    claude.die('crashed');
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.claudes.map((one) => one.options.resume)).toEqual([false, true, false]);
    expect(stage.world.fed.at(-1)?.prompt).toBe(next);
  });

  test('but a finished conversation that Claude lost is not begun anew in silence', async () => {
    const { stage, life, commands, claude } = await running();
    claude.finish();
    claude.die('idle');
    stage.world.transcripts.clear();
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(endings(life.events(), next).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'transcript', started: false },
    ]);
  });

  test('in one thread, or one that never starts, delays no other', async () => {
    const stage = new Stage();
    const life = stage.live();
    stage.world.gate = new Promise(() => {});
    life.hostOf(thread(1)).accept(begin(1));
    life.hostOf(thread(1)).accept(prompt(1, promptId()));
    await settle();
    stage.world.gate = null;
    life.hostOf(thread(2)).accept(begin(1));
    life.hostOf(thread(2)).accept(prompt(1, promptId()));
    await settle();
    expect(stage.world.fed).toHaveLength(1);
  });
});

describe('gens', () => {
  test('a new one ends the process of the old, and starts its own after that is gone', async () => {
    const { stage, life, id, commands, claude } = await running();
    const next = promptId();
    life.deliver([...commands, begin(2), prompt(2, next)]);
    await settle();
    expect(claude.ended).toBe('ended');
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['interrupted']);
    expect(stage.world.claudes).toHaveLength(2);
    expect(stage.world.fed.at(-1)?.prompt).toBe(next);
    const ended = life.events().findIndex((event) => event.kind === 'processEnded');
    expect(life.events().findLastIndex((event) => event.kind === 'processStarted')).toBeGreaterThan(ended);
  });

  test('a new one may go on with the Claude conversation of the old', async () => {
    const { stage, life, commands, claude } = await running();
    claude.finish();
    life.deliver([...commands, begin(2, claude.options.claudeSession), prompt(2, promptId())]);
    await settle();
    expect(last(stage.world.claudes).options).toMatchObject({
      resume: true,
      claudeSession: claude.options.claudeSession,
    });
  });

  test('one Claude conversation has one owner, whatever the thread', async () => {
    const { stage, life, claude } = await running();
    const other = life.hostOf(thread(8));
    other.accept(begin(1, claude.options.claudeSession));
    other.accept(prompt(1, promptId()));
    await settle();
    expect(stage.world.claudes).toHaveLength(1);
  });

  test('a Claude conversation that another thread takes over waits until the old process is gone', async () => {
    const { stage, life, commands, claude } = await running();
    const gone = Promise.withResolvers<void>();
    const endNow = claude.end.bind(claude);
    claude.end = async (reason) => {
      await gone.promise;
      await endNow(reason);
    };
    life.deliver([...commands, end(1)]);
    const other = life.hostOf(thread(8));
    other.accept(begin(1, claude.options.claudeSession));
    other.accept(prompt(1, promptId()));
    await settle();
    expect(stage.world.claudes).toHaveLength(1);
    gone.resolve();
    await settle();
    expect(stage.world.claudes).toHaveLength(2);
    expect(last(stage.world.claudes).options.resume).toBe(true);
  });

  test('end: what waits ends as interrupted, the process goes, a prompt after it is not run', async () => {
    const { stage, life, id, commands, claude } = await running();
    const [waiting, late] = [promptId(), promptId()];
    life.deliver([...commands, prompt(1, waiting), end(1), prompt(1, late)]);
    await settle();
    expect(claude.alive).toBe(false);
    for (const one of [id, waiting])
      expect(endings(life.events(), one).map((event) => event.outcome.as)).toEqual(['interrupted']);
    expect(endings(life.events(), late).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', started: false },
    ]);
    expect(stage.world.fed).toHaveLength(1);
  });

  test('end while the process starts: nothing is left of it', async () => {
    const stage = new Stage();
    const gate = Promise.withResolvers<void>();
    stage.world.gate = gate.promise;
    const life = stage.live();
    const id = promptId();
    life.deliver([begin(1), prompt(1, id)]);
    await settle();
    life.deliver([begin(1), prompt(1, id), end(1)]);
    gate.resolve();
    await settle();
    expect(stage.world.fed).toEqual([]);
    expect(stage.world.claudes.every((claude) => !claude.alive)).toBe(true);
    expect(life.context.pool.size).toBe(0);
    expect(endings(life.events(), id)).toHaveLength(1);
  });
});

describe('places', () => {
  function ask(life: ReturnType<Stage['live']>, n: number): PromptId {
    const id = promptId();
    const host = life.hostOf(thread(n));
    host.accept(begin(1));
    host.accept(prompt(1, id));
    return id;
  }

  test('the idle process that was used longest ago gives way', async () => {
    const stage = new Stage({ maxProcesses: 2 });
    const life = stage.live();
    ask(life, 1);
    ask(life, 2);
    await settle();
    const [one, two] = stage.world.claudes;
    one?.finish();
    two?.finish();
    life.hostOf(thread(1)).accept(prompt(1, promptId()));
    await settle();
    one?.finish();
    ask(life, 3);
    await settle();
    expect([one?.alive, two?.alive]).toEqual([true, false]);
    expect(stage.world.fed).toHaveLength(4);
  });

  test('a busy one, one with an open request and one with a background task do not; the prompt waits and says so', async () => {
    const stage = new Stage({ maxProcesses: 3 });
    const life = stage.live();
    for (const n of [1, 2, 3]) ask(life, n);
    await settle();
    const [busy, open, background] = stage.world.claudes;
    open?.finish();
    open?.ask('r');
    if (background) background.backgroundTasks = 1;
    background?.finish();
    const waiting = promptId();
    life.deliver([begin(1), prompt(1, waiting)]);
    await settle();
    expect(stage.world.claudes).toHaveLength(3);
    expect(life.events()).toMatchObject([{ kind: 'notice', code: 'information' }]);
    busy?.finish();
    await settle();
    expect(busy?.alive).toBe(false);
    expect(stage.world.fed.at(-1)?.prompt).toBe(waiting);
  });

  test('a prompt that was interrupted while it waited takes no place', async () => {
    const stage = new Stage({ maxProcesses: 1 });
    const life = stage.live();
    ask(life, 1);
    await settle();
    const id = promptId();
    life.deliver([begin(1), prompt(1, id), interrupt(1, id)]);
    await settle();
    stage.world.claudes[0]?.finish();
    await settle();
    expect(stage.world.claudes).toHaveLength(1);
    expect(stage.world.claudes[0]?.alive).toBe(true);
    expect(endings(life.events(), id).map((event) => event.outcome.as)).toEqual(['interrupted']);
  });

  test('a process with a prompt that waits for it is not idle between two turns', async () => {
    const stage = new Stage({ maxProcesses: 1 });
    const life = stage.live();
    ask(life, 1);
    await settle();
    const next = promptId();
    life.hostOf(thread(1)).accept(prompt(1, next));
    ask(life, 2);
    await settle();
    const [claude] = stage.world.claudes;
    claude?.finish();
    life.context.pool.settle();
    await settle();
    expect(stage.world.fed.at(-1)).toMatchObject({ process: claude?.id, prompt: next });
  });

  test('an idle process ends after its time, and the place is free', async () => {
    const stage = new Stage();
    const life = stage.live({ idleMs: 1 });
    life.deliver([begin(1), prompt(1, promptId())]);
    await settle();
    const claude = last(stage.world.claudes);
    const gone = new Promise<void>((resolve) => {
      const ended = claude.end.bind(claude);
      claude.end = async (reason) => {
        await ended(reason);
        resolve();
      };
    });
    claude.finish();
    await gone;
    await settle();
    expect(claude.ended).toBe('idle');
    expect(life.context.pool.size).toBe(0);
  });
});

describe('the runner stops', () => {
  test('a running turn is told as that, nothing is left, and what waited runs at the next start', async () => {
    const { stage, life, id, commands } = await running();
    const waiting = promptId();
    life.deliver([...commands, prompt(1, waiting)]);
    await life.host.close();
    expect(stage.world.claudes.some((claude) => claude.alive)).toBe(false);
    expect(endings(life.events(), id).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'restarted' },
    ]);
    life.journal.close();
    const next = stage.live();
    await settle();
    expect(stage.world.fed.map((one) => one.prompt)).toEqual([id, waiting]);
    expect(endings(next.events(), id)).toHaveLength(1);
  });

  test('while a process starts: it is ended too', async () => {
    const stage = new Stage();
    const gate = Promise.withResolvers<void>();
    stage.world.gate = gate.promise;
    const life = stage.live();
    life.deliver([begin(1), prompt(1, promptId())]);
    await settle();
    const closed = life.host.close();
    gate.resolve();
    await closed;
    expect(stage.world.claudes.some((claude) => claude.alive)).toBe(false);
    expect(stage.world.fed).toEqual([]);
  });
});

describe('the settings are the last word', () => {
  test('a project that is withdrawn, or a folder that is gone: a live process gets no further prompt', async () => {
    const { stage, life, commands, claude } = await running();
    claude.finish();
    stage.settings = { ...stage.settings, projects: [] };
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(stage.world.fed).toHaveLength(1);
    expect(claude.alive).toBe(false);
    expect(endings(life.events(), next).map((event) => event.outcome)).toMatchObject([
      { as: 'failed', code: 'project', started: false },
    ]);
  });

  test('another permission mode: the next prompt goes to a process that has it', async () => {
    const { stage, life, commands, claude } = await running(new Stage({ permissionMode: 'acceptEdits' }));
    claude.finish();
    stage.settings = { ...stage.settings, permissionMode: 'default' };
    const next = promptId();
    life.deliver([...commands, prompt(1, next)]);
    await settle();
    expect(claude.options.mode).toBe('acceptEdits');
    expect(claude.alive).toBe(false);
    const now = last(stage.world.claudes);
    expect(now.options).toMatchObject({ mode: 'default', resume: true });
    expect(stage.world.fed.at(-1)).toMatchObject({ process: now.id, prompt: next });
  });
});

describe('live text', () => {
  test('that the network did not take is made up for by the next, which is whole', async () => {
    const { stage, claude } = await running();
    claude.stream('one ');
    stage.world.liveDropped = true;
    claude.stream('two ');
    stage.world.liveDropped = false;
    claude.stream('three ');
    claude.stream('four');
    expect(stage.world.lives.map(({ from, text }) => [from, text])).toEqual([
      [0, 'one '],
      [0, 'one two three '],
      [14, 'four'],
    ]);
  });
});

describe('an orphan of a crashed runner', () => {
  test('keeps its Claude conversation from another thread until it is gone', async () => {
    const stage = new Stage();
    const before = stage.live();
    const session = claudeSession();
    before.deliver([begin(1, session), prompt(1, promptId())]);
    await settle();
    last(stage.world.claudes).finish();
    // The first thread is done with the conversation, its process is not; then the machine dies.
    before.journal.sql('UPDATE sessions SET ended = 1').run();
    before.journal.close();
    const gate = Promise.withResolvers<void>();
    stage.world.orphanGate = gate.promise;
    const next = stage.live();
    const other = next.hostOf(thread(8));
    await settle();
    next.journal.tx(() => other.accept(begin(1, session)));
    next.journal.tx(() => other.accept(prompt(1, promptId())));
    await settle();
    expect(stage.world.claudes).toHaveLength(1);
    gate.resolve();
    await settle();
    expect(stage.world.orphansEnded).toHaveLength(1);
    expect(stage.world.claudes).toHaveLength(2);
  });
});

/** As SQLite says it. */
class FullDisk extends Journal {
  full = false;

  override tx<T>(change: () => T): T {
    if (this.full)
      throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
    return super.tx(change);
  }
}

describe('a journal that cannot be written', () => {
  test('in an effect stops the runner, and the commands beside it keep theirs', async () => {
    const stage = new Stage();
    const journal = new FullDisk(stage.home.journal);
    const life = stage.live({ journal });
    const commands = [begin(1), prompt(1, promptId())];
    life.deliver(commands);
    await settle();
    const claude = last(stage.world.claudes);
    claude.ask('r1');
    claude.decide = () => {
      journal.full = true;
      throw new Error('broken pipe');
    };
    journal.tx(() => {
      life.host.accept(decide(1, claude.id, 'r1'));
      life.host.accept(interrupt(1, promptId()));
    });
    expect(stage.fatal).toHaveLength(1);
    expect(claude.interrupted).toHaveLength(1);
    expect(claude.ended).toBeNull();
  });
});
