/** What fails in one session costs that session, with words, and no other. An error that nobody catches fails the run. */
import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../protocol/commands.ts';
import type { Event, EventOf } from '../../../protocol/events.ts';
import type { PromptId, TurnId } from '../../../protocol/ids.ts';
import { isFileFailure } from '../../../runner/base/failure.ts';
import { Guard } from '../../../runner/base/guard.ts';
import type { Fields } from '../../../runner/base/log.ts';
import { Journal } from '../../../runner/journal/journal.ts';
import { ThreadRows } from '../../../runner/journal/journal-sessions.ts';
import { WorkspaceTeller } from '../../../runner/session/workspace.ts';
import {
  begin,
  decide,
  type FakeClaude,
  gen,
  type Life,
  last,
  PAIRING,
  prompt,
  promptId,
  Stage,
  settle,
  temporaryFolder,
  thread,
} from './stage.ts';

/** Thread 7 is the one in which something fails; in thread 8 a turn runs that must know nothing of it. */
class Two {
  readonly stage = new Stage();
  readonly life: Life;
  readonly commands: Command[] = [begin(1)];
  readonly otherPrompt = promptId();

  constructor() {
    this.life = this.stage.live();
  }

  async begin(): Promise<{ claude: FakeClaude; other: FakeClaude; first: PromptId }> {
    const host = this.life.hostOf(thread(8));
    await settle();
    this.life.journal.tx(() => {
      host.accept(begin(1));
      host.accept(prompt(1, this.otherPrompt));
    });
    await settle();
    const other = last(this.stage.world.claudes);
    const first = promptId();
    this.say(prompt(1, first));
    await settle();
    return { claude: last(this.stage.world.claudes), other, first };
  }

  say(...commands: Command[]): void {
    this.commands.push(...commands);
    this.life.deliver(this.commands);
  }

  /** From now on no row like this can be written. */
  refuse(when: string): () => void {
    const name = `refuse_${Math.floor(Math.random() * 1e9)}`;
    this.life.journal.sql(`CREATE TRIGGER ${name} BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'no'); END`).run();
    return () => void this.life.journal.sql(`DROP TRIGGER ${name}`).run();
  }

  events<K extends Event['kind']>(kind: K): EventOf<K>[] {
    return this.life.events().filter((event): event is EventOf<K> => event.kind === kind);
  }

  ended(id: PromptId): EventOf<'turnEnded'>['outcome'] | undefined {
    return this.events('turnEnded').find((event) => event.prompt === id)?.outcome;
  }

  /** The other session has noticed nothing, and this one takes the next prompt. */
  async goesOn(other: FakeClaude): Promise<void> {
    await settle();
    expect(this.stage.fatal).toEqual([]);
    expect(this.stage.failed.every((fields) => fields.thread === thread(7))).toBe(true);
    expect([other.alive, other.busy, other.current]).toEqual([true, true, this.otherPrompt]);
    other.finish();
    const next = promptId();
    this.say(prompt(1, next));
    await settle();
    expect(this.stage.world.fed.at(-1)?.prompt).toBe(next);
    last(this.stage.world.claudes).finish();
    await settle();
    expect(this.ended(next)).toEqual({ as: 'done' });
  }
}

const WORDS = expect.stringMatching(/^The runner failed in this \(\w+\); its log says where\./);
const text = (claude: FakeClaude) =>
  claude.emit({ kind: 'text', turn: claude.current as string as TurnId, segment: 0, text: 'poison' });

describe('what a process says', () => {
  test('row 19: and cannot be stored ends its turn with words', async () => {
    const two = new Two();
    const { claude, other, first } = await two.begin();
    const mend = two.refuse(`INSERT ON outgoing WHEN NEW.text LIKE '%poison%'`);
    text(claude);
    mend();
    await settle();
    expect(claude.ended).toBe('ended');
    expect(two.ended(first)).toEqual({ as: 'failed', code: 'crashed', words: WORDS, started: true });
    await two.goesOn(other);
  });

  test('of its end', async () => {
    const two = new Two();
    const { claude, other, first } = await two.begin();
    const mend = two.refuse(`INSERT ON outgoing WHEN NEW.text LIKE '%processEnded%'`);
    claude.die('crashed');
    mend();
    await settle();
    expect(two.ended(first)).toMatchObject({ as: 'failed', code: 'crashed' });
    await two.goesOn(other);
  });

  test('with its exit: its place is free again', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    const mend = two.refuse('DELETE ON processes');
    claude.die('crashed');
    await settle();
    mend();
    expect(two.life.context.pool.size).toBe(1);
    await two.goesOn(other);
  });

  test('while it streams, or was granted something', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    Object.defineProperty(claude, 'live', {
      get: () => {
        throw new TypeError('x');
      },
    });
    two.life.host.welcomed();
    expect(two.stage.failed.at(-1)).toEqual({ thread: thread(7), what: 'welcome', error: 'TypeError' });
    await two.goesOn(other);
    const again = last(two.stage.world.claudes);
    const mend = two.refuse('INSERT ON granted');
    again.grant({ grants: 'rules', rules: ['Bash(ls)'] });
    mend();
    expect(two.stage.failed.at(-1)).toMatchObject({ what: 'grant' });
  });
});

describe('what a person asks for', () => {
  test('and cannot be taken is answered once, and what comes after it is taken', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    claude.finish();
    const mend = two.refuse(`INSERT ON prompts WHEN NEW.text = 'poison'`);
    const [bad, good] = [promptId(), promptId()];
    two.say(prompt(1, bad, 'poison'), prompt(1, good));
    mend();
    await settle();
    expect(two.ended(bad)).toEqual({ as: 'failed', code: 'other', words: WORDS, started: false });
    expect(two.life.store.load().received?.last).toBe(two.commands.length);
    expect(two.stage.world.fed.at(-1)?.prompt).toBe(good);
    last(two.stage.world.claudes).finish();
    await two.goesOn(other);
  });

  test('its effects: a prompt that cannot be marked is told as not run', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    claude.finish();
    await settle();
    const mend = two.refuse(`UPDATE ON prompts WHEN NEW.state = 'started'`);
    const bad = promptId();
    two.say(prompt(1, bad));
    await settle();
    mend();
    expect(two.ended(bad)).toEqual({ as: 'failed', code: 'other', words: WORDS, started: false });
    await two.goesOn(other);
  });

  test('its effects: a decision that fails ends what asked, and the one beside it is done all the same', async () => {
    const two = new Two();
    const { claude, other, first } = await two.begin();
    claude.ask('r1');
    claude.decide = () => {
      throw new Error('broken pipe');
    };
    const mend = two.refuse(`INSERT ON outgoing WHEN NEW.text LIKE '%requestSettled%'`);
    const next = promptId();
    two.say(decide(1, claude.id, 'r1'), prompt(1, next));
    mend();
    await settle();
    expect(claude.ended).toBe('ended');
    expect(two.ended(first)).toMatchObject({ as: 'failed', code: 'crashed', words: WORDS });
    expect(two.stage.world.fed.at(-1)?.prompt).toBe(next);
    last(two.stage.world.claudes).finish();
    await two.goesOn(other);
  });

  test('a session in which nothing can be told any more rests until somebody asks again', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    claude.finish();
    await settle();
    const mend = two.refuse(`UPDATE ON prompts WHEN NEW.state <> 'accepted'`);
    const [bad, next] = [promptId(), promptId()];
    two.say(prompt(1, bad));
    for (let turn = 0; turn < 20; turn++) await settle();
    // Not tried again and again.
    expect(two.stage.failed.length).toBeLessThan(5);
    expect(two.stage.world.claudes).toHaveLength(2);
    mend();
    two.say(prompt(1, next));
    await settle();
    expect(two.stage.world.fed.at(-1)?.prompt).toBe(bad);
    last(two.stage.world.claudes).finish();
    await settle();
    expect(two.stage.world.fed.at(-1)?.prompt).toBe(next);
    last(two.stage.world.claudes).finish();
    await two.goesOn(other);
  });

  test('settings that cannot be stored', async () => {
    const two = new Two();
    const { other } = await two.begin();
    two.say({ kind: 'configure', gen: gen(1), rev: 1, model: null, mode: null, effort: null });
    const mend = two.refuse(`INSERT ON outgoing WHEN NEW.text LIKE '%configured%'`);
    await settle();
    mend();
    expect(two.stage.failed.at(-1)).toMatchObject({ what: 'configure' });
    await two.goesOn(other);
  });

  test('an undoing that fails', async () => {
    const two = new Two();
    const { claude, other, first } = await two.begin();
    claude.rewind = () => Promise.reject(new TypeError('x'));
    claude.finish();
    await settle();
    two.say({ kind: 'rewind', gen: gen(1), turn: first as string as TurnId, apply: false });
    await settle();
    expect(two.events('rewound').at(-1)?.outcome).toEqual({ as: 'cannot', why: WORDS });
    await two.goesOn(other);
  });

  test('a worktree that cannot be looked at', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    claude.finish();
    const named = { ...begin(2), worktree: { name: 'wt' } } as Command;
    two.say(named, { kind: 'end', gen: gen(2) });
    await settle();
    // Nothing of the runner's own folder is there to compare the project with.
    rmSync(two.stage.home.path, { recursive: true });
    two.say({ kind: 'worktree', gen: gen(2), do: 'look', expect: null });
    await settle();
    expect(two.events('worktree').at(-1)?.outcome).toEqual({ as: 'failed', words: WORDS });
    expect(two.stage.fatal).toEqual([]);
    expect(other.alive).toBe(true);
  });
});

describe('what is on disk', () => {
  test('files of a prompt whose row is damaged: it ends with words, and others run', async () => {
    const stage = new Stage();
    const before = stage.live({ recover: false });
    const bad = promptId();
    const file = { url: 'https://cdn.discordapp.com/a.txt', name: 'a.txt', type: 'text/plain', bytes: 1 };
    before.deliver([begin(1), { ...prompt(1, bad), files: [file] } as Command]);
    before.journal.sql(`UPDATE prompts SET files = '[{"url":' WHERE id = ?`).run(bad);
    before.journal.close();
    const life = stage.live();
    await settle();
    expect(life.events().find((event) => event.kind === 'turnEnded')).toMatchObject({
      prompt: bad,
      outcome: { as: 'failed', code: 'files', words: expect.stringContaining('What is attached') },
    });
    const good = promptId();
    life.deliver([begin(1), { ...prompt(1, bad), files: [file] } as Command, prompt(1, good)]);
    await settle();
    expect(stage.world.fed.map((fed) => fed.prompt)).toEqual([good]);
    expect([...stage.fatal, ...stage.failed]).toEqual([]);
  });

  test('rows that a crash left and that cannot be changed: the session opens all the same', async () => {
    const stage = new Stage();
    const before = stage.live();
    const first = promptId();
    before.deliver([begin(1), prompt(1, first)]);
    await settle();
    before.journal
      .sql(`CREATE TRIGGER no BEFORE DELETE ON processes BEGIN SELECT RAISE(ABORT, 'no'); END`)
      .run();
    before.journal.close();
    const life = stage.live();
    await settle();
    expect(stage.failed).toMatchObject([{ thread: thread(7), what: 'recover' }]);
    life.journal.sql('DROP TRIGGER no').run();
    const next = promptId();
    life.deliver([begin(1), prompt(1, first), prompt(1, next)]);
    await settle();
    expect(stage.fatal).toEqual([]);
    expect(stage.world.fed.at(-1)?.prompt).toBe(next);
  });

  test('a folder that git cannot be asked about is looked at no more, and the next one is', async () => {
    const told: unknown[] = [];
    const teller = new WorkspaceTeller(
      async () => false,
      (workspace) => told.push(workspace),
    );
    for (const cwd of ['no\0folder', temporaryFolder()]) {
      teller.look({ cwd, project: cwd, place: null });
      await settle();
    }
    expect(told).toEqual([]);
  });
});

describe('a full disk', () => {
  test('is everybody’s: it is told once, and no session is ended for it', async () => {
    const two = new Two();
    const { claude, other } = await two.begin();
    const { page_count: pages } = two.life.journal.sql('PRAGMA page_count').get() as { page_count: number };
    two.life.journal.sql(`PRAGMA max_page_count = ${pages}`).get();
    for (let segment = 0; segment < 50; segment++)
      claude.emit({
        ...{ kind: 'text', turn: claude.current as string as TurnId, segment, text: 'x'.repeat(10_000) },
      });
    expect(two.stage.fatal.length).toBeGreaterThan(0);
    expect(two.stage.fatal.every(isFileFailure)).toBe(true);
    expect([claude.ended, other.ended]).toEqual([null, null]);
    expect(two.life.journal.failure(two.stage.fatal[0]).message).toMatch(
      /cannot be used\. .*Is the disk full/,
    );
  });

  test('keeps a command from being acked, so that it comes again', async () => {
    const two = new Two();
    const { claude } = await two.begin();
    claude.finish();
    const received = two.life.store.load().received?.last;
    const { page_count: pages } = two.life.journal.sql('PRAGMA page_count').get() as { page_count: number };
    two.life.journal.sql(`PRAGMA max_page_count = ${pages}`).get();
    expect(() => two.say(prompt(1, promptId(), 'x'.repeat(90_000)))).toThrow();
    expect(two.life.store.load().received?.last).toBe(received);
  });
});

describe('a part of a transaction', () => {
  test('is whole or not at all, and the rest stays', () => {
    const journal = new Journal(':memory:');
    const rows = new ThreadRows(journal, PAIRING, thread(1));
    const effects: string[] = [];
    journal.tx(() => {
      rows.apply({ write: 'promptAccepted', gen: gen(1), id: promptId(), text: 'stays' });
      journal.afterCommit(() => effects.push('before'));
      expect(() =>
        journal.part(() => {
          rows.apply({ write: 'promptAccepted', gen: gen(1), id: promptId(), text: 'goes' });
          journal.afterCommit(() => effects.push('lost'));
          throw new TypeError('x');
        }),
      ).toThrow(TypeError);
      journal.part(() => journal.afterCommit(() => effects.push('after')));
    });
    expect(rows.state().prompts.map((one) => one.text)).toEqual(['stays']);
    expect(effects).toEqual(['before', 'after']);
  });
});

describe('a guard', () => {
  const world = (failed?: (error: unknown) => void) => {
    const logged: [string, Fields | undefined][] = [];
    return {
      logged,
      guard: new Guard((event, fields) => logged.push([event, fields]), { thread: 't' }, failed),
    };
  };
  const throws = (): never => {
    throw new RangeError('a secret of the session');
  };

  test('gives on what is given and logs nothing but names', async () => {
    const { guard, logged } = world();
    expect(guard.run('sum', () => 1 + 1)).toBe(2);
    expect(guard.run('throw', throws)).toBeUndefined();
    guard.callback('call', (_: number) => throws())(1);
    await guard.watch('wait', Promise.reject(new RangeError('a secret of the session')));
    await guard.watch('wait', Promise.resolve(1));
    const line = (what: string) => ['failed', { thread: 't', what, error: 'RangeError' }];
    expect(logged).toEqual([line('throw'), line('call'), line('wait')]);
  });

  test('does not throw when what it does about it throws as well', () => {
    const seen: unknown[] = [];
    const { guard, logged } = world((error) => {
      seen.push(error);
      throws();
    });
    guard.run('throw', throws);
    expect(seen).toHaveLength(1);
    expect(logged.map(([, fields]) => fields?.what)).toEqual(['throw', 'throw, and then']);
  });
});
