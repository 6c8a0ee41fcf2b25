/** A Session's wishes in workerd: a second delivery of the same interaction, an eviction, a runner that is away, menus that nobody drew. */
import { evictDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { act, freshId, Runner, subject } from './session-stage.ts';

const configures = (runner: Runner) => runner.commands.filter(({ kind }) => kind === 'configure');
const OFFERS = {
  kind: 'offers',
  gen: 1,
  models: [{ value: 'haiku', name: 'Haiku', description: '' }],
  modes: ['default', 'plan'],
  efforts: ['low'],
};

/** A session whose runner has taken the first prompt, and has said what it offers. */
async function begun() {
  const s = await subject('go');
  await s.stub.open(s.open);
  const runner = await Runner.connect(s);
  await runner.until(() => runner.commands.find(({ kind }) => kind === 'prompt'));
  runner.send(OFFERS);
  await runner.until(() => true);
  return { s, runner };
}

describe('a wish', () => {
  it('that Discord delivers twice is one', async () => {
    const { s, runner } = await begun();
    const wish = act(s, { do: 'settings', mode: 'plan', panel: false });
    const [first, second] = [await s.stub.act(wish), await s.stub.act(wish)];
    expect(second).toEqual(first);
    await runner.until(() => configures(runner)[0]);
    await s.stub.act(act(s, { do: 'settings', mode: 'default', panel: false }));
    await runner.until(() => configures(runner)[1]);
    expect(configures(runner)).toMatchObject([
      { rev: 1, mode: 'plan' },
      { rev: 2, mode: 'default' },
    ]);
  });

  it('outlives an eviction, and reaches the runner when it is back', async () => {
    const { s, runner } = await begun();
    runner.ws.close(1001);
    await s.stub.act(act(s, { do: 'settings', model: 'haiku', panel: false }));
    await evictDurableObject(s.stub);
    const again = await Runner.connect(s, 1, runner, 1);
    await again.until(() => configures(again)[0]);
    expect(configures(again)).toMatchObject([{ rev: 1, model: 'haiku', mode: null }]);
    const status = await s.stub.act(act(s, { do: 'status' }));
    expect(status).toMatchObject({ kind: 'private' });
    expect('text' in status && status.text).toContain('Asked for, not taken yet');
  });
});

describe('a menu of the panel', () => {
  const press = (tag: string, values: readonly string[], gen = 1) =>
    ({ do: 'press', id: { verb: 'set', gen, ref: 0, tag }, message: freshId() as never, values }) as const;

  it('that is used twice at once changes one thing once', async () => {
    const { s, runner } = await begun();
    const used = act(s, press('effort', ['low']));
    const [first, second] = await Promise.all([s.stub.act(used), s.stub.act(used)]);
    expect(first.kind).toBe('update');
    expect(second).toEqual(first);
    await s.stub.act(act(s, press('verbosity', ['quiet'])));
    await s.stub.act(act(s, press('effort', ['default'])));
    await runner.until(() => configures(runner)[1]);
    expect(configures(runner)).toMatchObject([
      { rev: 1, effort: 'low' },
      { rev: 2, effort: null },
    ]);
  });

  it.each([
    ['mode', ['bypassPermissions']],
    ['model', ['--dangerously-skip-permissions']],
    ['effort', ['__proto__']],
    ['nothing', ['x']],
  ])('with a forged value changes nothing: %s %j', async (tag, values) => {
    const { s, runner } = await begun();
    const answer = await s.stub.act(act(s, press(tag, values)));
    expect(['update', 'private']).toContain(answer.kind);
    const stranger = await s.stub.act(
      act(s, press('effort', ['low']), freshId(), { id: '66' as never, name: 'eve' }),
    );
    expect(stranger.kind).toBe('private');
    const old = await s.stub.act(act(s, press('effort', ['low'], 9)));
    expect('text' in old && old.text).toContain('earlier conversation');
    expect(configures(runner)).toEqual([]);
  });
});
