/** What the people of a session wish its process to run with: kept, applied live or at the next start, refused with words. */
import { describe, expect, test } from 'vitest';
import type { Command, CommandOf } from '../../../protocol/commands.ts';
import type { EventOf } from '../../../protocol/events.ts';
import type { UserId } from '../../../protocol/ids.ts';
import { begin, claudeSession, end, gen, last, prompt, promptId, Stage, settle } from './stage.ts';

const configure = (n: number, rev: number, wish: Partial<CommandOf<'configure'>> = {}): Command => ({
  kind: 'configure',
  gen: gen(n),
  rev,
  model: null,
  mode: null,
  effort: null,
  ...wish,
});
const STRANGER = '2' as UserId;

/** A session with an idle process. */
async function idle(stage = new Stage(), starter?: UserId) {
  const life = stage.live();
  const id = promptId();
  const commands: Command[] = [begin(1, claudeSession(), starter), prompt(1, id)];
  const say = async (...more: Command[]) => {
    commands.push(...more);
    life.deliver(commands);
    await settle();
  };
  await say();
  const claude = last(stage.world.claudes);
  claude.finish();
  await settle();
  const configured = () =>
    life.events().filter((event): event is EventOf<'configured'> => event.kind === 'configured');
  /** The runner is gone without a word, and another one gets what comes next. */
  const again = async (...more: Command[]) => {
    commands.push(...more);
    stage.live().deliver(commands);
    await settle();
  };
  return { stage, life, say, again, claude, configured };
}

describe('a wish', () => {
  test('changes the process that runs, and only what is different', async () => {
    const { say, claude, configured, stage } = await idle();
    await say(configure(1, 1, { model: 'haiku' }));
    expect(claude.tuned).toEqual([{ model: 'haiku' }]);
    await say(configure(1, 2, { model: 'haiku', mode: 'plan', effort: 'high' }));
    expect(claude.tuned.at(-1)).toEqual({ mode: 'plan', effort: 'high' });
    expect(configured().at(-1)).toMatchObject({
      rev: 2,
      model: 'haiku',
      mode: 'plan',
      effort: 'high',
      refused: null,
      now: { model: 'haiku', mode: 'plan' },
    });
    await say(prompt(1, promptId()));
    expect(stage.world.claudes, 'no new process').toHaveLength(1);
  });

  test('is kept over a restart, and each process starts with it', async () => {
    const { stage, say, again } = await idle();
    await say(configure(1, 1, { model: 'opus', mode: 'acceptEdits', effort: 'max' }));
    await again(prompt(1, promptId()));
    expect(last(stage.world.claudes).options).toMatchObject({
      model: 'opus',
      mode: 'acceptEdits',
      effort: 'max',
    });
  });

  test('comes before the first prompt, and a later null asks for the default', async () => {
    const stage = new Stage();
    const life = stage.live();
    const first = [begin(1), configure(1, 1, { model: 'haiku' }), prompt(1, promptId())];
    life.deliver(first);
    await settle();
    expect(last(stage.world.claudes).options.model).toBe('haiku');
    expect(last(stage.world.claudes).tuned).toEqual([]);
    last(stage.world.claudes).finish();
    await settle();
    life.deliver([...first, configure(1, 2)]);
    await settle();
    expect(last(stage.world.claudes).tuned).toEqual([{ model: null }]);
  });

  test('an older one, and one of another gen, changes nothing', async () => {
    const { say, claude, stage } = await idle();
    await say(configure(1, 3, { model: 'opus' }), configure(1, 2, { model: 'haiku' }));
    expect(claude.model).toBe('opus');
    await say(configure(2, 9, { model: 'haiku' }), end(1), configure(1, 10, { model: 'haiku' }));
    expect([...stage.fatal, ...stage.failed]).toEqual([]);
    expect(claude.model).toBe('opus');
  });

  test('the next prompt waits until the process is as it is wished', async () => {
    const { stage, say, claude } = await idle();
    const gate = Promise.withResolvers<void>();
    stage.world.tuneGate = gate.promise;
    const next = promptId();
    await say(configure(1, 1, { model: 'haiku' }), prompt(1, next));
    expect(stage.world.fed.map((one) => one.prompt)).not.toContain(next);
    gate.resolve();
    await settle();
    expect(claude.model).toBe('haiku');
    expect(stage.world.fed.map((one) => one.prompt)).toContain(next);
  });

  test('a mode that the CLI does not take live gets a process of its own', async () => {
    const { stage, say, claude } = await idle(new Stage({ modes: { owner: ['bypassPermissions'] } }));
    stage.world.untunable.add('mode');
    await say(configure(1, 1, { mode: 'bypassPermissions' }));
    await say(prompt(1, promptId()));
    expect(claude.ended).toBe('idle');
    expect(last(stage.world.claudes).options.mode).toBe('bypassPermissions');
    expect(stage.world.fed).toHaveLength(2);
  });

  test('a model that the CLI does not take is not kept', async () => {
    const { stage, say, configured } = await idle();
    stage.world.untunable.add('model');
    await say(configure(1, 1, { model: 'nosuch' }));
    expect(configured().at(-1)).toMatchObject({ rev: 1, model: null });
    expect(configured().at(-1)?.refused).toContain('nosuch');
    await say(prompt(1, promptId()));
    expect(stage.world.claudes, 'it is still right').toHaveLength(1);
  });
});

describe('the settings of the runner are the last word', () => {
  test.each([
    ['auto', undefined, {}],
    ['bypassPermissions', undefined, {}],
    ['acceptEdits', STRANGER, {}],
    ['acceptEdits', STRANGER, { permissionMode: 'acceptEdits' as const }],
    ['plan', undefined, { modes: { owner: [] } }],
  ] as const)('%s is refused (%s, %j)', async (mode, starter, settings) => {
    const stage = new Stage(settings as never);
    const { say, claude, configured } = await idle(stage, starter);
    const before = claude.mode;
    await say(configure(1, 1, { mode, model: 'haiku' }));
    expect(configured().at(-1)).toMatchObject({ mode: null, model: 'haiku' });
    expect(configured().at(-1)?.refused).toContain(mode);
    expect(claude.mode).toBe(before);
    expect(claude.tuned).toEqual([{ model: 'haiku' }]);
  });

  test('others may be let have more', async () => {
    const { say, claude } = await idle(new Stage({ modes: { others: ['acceptEdits'] } }), STRANGER);
    await say(configure(1, 1, { mode: 'acceptEdits' }));
    expect(claude.mode).toBe('acceptEdits');
  });

  test('a mode that was allowed once is not used when it is no more', async () => {
    const { stage, say } = await idle();
    await say(configure(1, 1, { mode: 'acceptEdits' }));
    stage.settings = { ...stage.settings, modes: { owner: ['plan'] } };
    await say(prompt(1, promptId()));
    expect(last(stage.world.claudes).options.mode).toBe('default');
  });

  test('an effort that no CLI knows never becomes a flag', async () => {
    const { stage, say, again, configured } = await idle();
    await say(configure(1, 1, { effort: 'heroic' }));
    expect(configured().at(-1)?.refused).toContain('heroic');
    await again(prompt(1, promptId()));
    expect(last(stage.world.claudes).options.effort).toBeUndefined();
  });
});

test('what there is to choose from is said when it changes, and not again', async () => {
  const { stage, life, say, claude } = await idle();
  const offers = () => life.events().filter((event) => event.kind === 'offers');
  claude.offers = { models: [], efforts: ['low'], commands: [], known: new Set() };
  await say(prompt(1, promptId()));
  expect(offers()).toMatchObject([{ modes: ['default', 'plan', 'acceptEdits'], efforts: ['low'] }]);
  claude.finish();
  await settle();
  await say(prompt(1, promptId()));
  expect(offers()).toHaveLength(1);
  claude.finish();
  stage.settings = { ...stage.settings, modes: { owner: ['auto'] } };
  await say(prompt(1, promptId()));
  expect(offers().at(-1)).toMatchObject({ modes: ['default', 'auto'] });
});

describe('a mode that changes by itself', () => {
  test('is told; a wish of the model leaves it, a wish of the mode does not', async () => {
    const { say, claude, configured } = await idle();
    claude.slip('plan');
    await settle();
    expect(configured().at(-1)).toMatchObject({ rev: 0, mode: null, now: { mode: 'plan' } });
    await say(configure(1, 1, { model: 'haiku' }));
    expect(claude.mode).toBe('plan');
    await say(configure(1, 2, { model: 'haiku', mode: 'default', modeNow: true }));
    expect(claude.mode).toBe('default');
  });

  test('a plan that was wished and approved is over, also for the next process', async () => {
    const { stage, say, again, claude, configured } = await idle();
    await say(configure(1, 1, { mode: 'plan' }));
    claude.slip('acceptEdits');
    await settle();
    expect(configured().at(-1)).toMatchObject({ rev: 1, mode: 'acceptEdits', now: { mode: 'acceptEdits' } });
    await again(prompt(1, promptId()));
    expect(last(stage.world.claudes).options.mode).toBe('acceptEdits');
  });
});

test('a slash command that the CLI does not have ends with words, and the next prompt runs', async () => {
  const { stage, life, say } = await idle();
  const bad = promptId();
  const good = promptId();
  const slash = (id: typeof bad, text: string): Command =>
    ({ ...prompt(1, id, text), slash: true }) as Command;
  await say(slash(bad, '/nosuch'), slash(good, '/compact'));
  const ended = life.events().find((event) => event.kind === 'turnEnded' && event.prompt === bad);
  expect(ended).toMatchObject({ outcome: { as: 'failed', started: false } });
  expect(stage.world.fed.map((one) => one.prompt)).toContain(good);
});

test('two wishes one after the other end in the second one, whatever the CLI takes its time for', async () => {
  const { stage, say, claude, configured } = await idle();
  const gate = Promise.withResolvers<void>();
  stage.world.tuneGate = gate.promise;
  await say(configure(1, 1, { mode: 'acceptEdits' }));
  await say(configure(1, 2, { mode: 'default', modeNow: true }));
  gate.resolve();
  await settle();
  expect(claude.mode).toBe('default');
  expect(configured().at(-1)).toMatchObject({ rev: 2, now: { mode: 'default' } });
  await say(prompt(1, promptId()));
  expect(stage.world.claudes, 'it is right as it is').toHaveLength(1);
  expect(stage.world.fed).toHaveLength(2);
});

describe('a mode that the settings do not allow any more', () => {
  const strict = { owner: ['plan' as const] };

  test('is left at once when a decision gives it', async () => {
    const { stage, say, claude, configured } = await idle();
    await say(prompt(1, promptId()));
    stage.settings = { ...stage.settings, modes: strict };
    claude.grant({ grants: 'mode', mode: 'acceptEdits' });
    claude.slip('acceptEdits');
    await settle();
    expect(claude.mode).toBe('default');
    expect(configured().at(-1)).toMatchObject({ mode: null, now: { mode: 'default' } });
  });

  test('costs the process its next prompt when the CLI does not leave it', async () => {
    const { stage, say, claude } = await idle();
    stage.world.untunable.add('mode');
    stage.settings = { ...stage.settings, modes: strict };
    claude.grant({ grants: 'mode', mode: 'acceptEdits' });
    claude.slip('acceptEdits');
    await settle();
    await say(prompt(1, promptId()));
    expect(claude.ended).toBe('idle');
    expect(last(stage.world.claudes).options.mode).toBe('default');
    expect(stage.world.fed).toHaveLength(2);
  });

  test('one that Claude takes by itself to ask for more stays', async () => {
    const { say, stage, claude } = await idle(new Stage({ modes: { owner: [] } }));
    claude.slip('plan');
    await settle();
    await say(prompt(1, promptId()));
    expect(claude.mode).toBe('plan');
    expect(stage.world.claudes).toHaveLength(1);
  });

  test('a Claude that begins in one whatever it is told gets no prompt, and not one process after another', async () => {
    const stage = new Stage();
    const life = stage.live();
    await life.host.recover();
    const { create } = life.context.claude;
    Object.assign(life.context.claude, {
      create: (...given: Parameters<typeof create>) =>
        Object.assign(create(...given), { mode: 'bypassPermissions' }),
    });
    life.deliver([begin(1), prompt(1, promptId())]);
    await settle();
    expect(stage.world.claudes).toHaveLength(1);
    expect(stage.world.fed).toEqual([]);
    expect(life.events().find((event) => event.kind === 'turnEnded')).toMatchObject({
      outcome: { as: 'failed', started: false, words: expect.stringContaining('bypassPermissions') },
    });
    expect(last(stage.world.claudes).ended).toBe('idle');
  });
});
