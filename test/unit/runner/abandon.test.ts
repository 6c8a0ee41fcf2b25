/** The Session does not know this runner any more: what runs for it ends at once, and nobody is told. */
import { afterEach, describe, expect, test } from 'vitest';
import { JournalSessions } from '../../../runner/journal/journal-sessions.ts';
import { begin, claudeSession, last, PAIRING, prompt, promptId, Stage, settle, thread } from './stage.ts';

const stages: Stage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) expect([...stage.fatal, ...stage.failed]).toEqual([]);
});

async function running() {
  const on = new Stage();
  stages.push(on);
  const life = on.live();
  await life.host.recover();
  const session = claudeSession();
  const commands = [begin(1, session), prompt(1, promptId(), 'one'), prompt(1, promptId(), 'two')];
  life.deliver(commands);
  await settle();
  expect(on.world.fed.map(({ text }) => text)).toEqual(['one']);
  return { on, life, session, commands };
}

describe('a thread whose Session does not know this runner any more', () => {
  test('has its process ended at once; what waited is not run, and nothing is left to tell', async () => {
    const { on, life } = await running();
    life.host.abandon();
    await settle();
    expect(last(on.world.claudes).ended).toBe('ended');
    expect(on.world.fed).toHaveLength(1);
    expect(life.events()).toEqual([]);
    expect(life.store.load()).toMatchObject({ last: life.store.load().acked });
    expect(new JournalSessions(life.journal).unfinished()).toEqual([]);
    expect(life.host.resting).toBe(true);
  });

  test('frees its Claude conversation for another thread', async () => {
    const { on, life, session } = await running();
    life.host.abandon();
    await settle();
    life.hostOf(thread(8)).accept(begin(1, session));
    life.hostOf(thread(8)).accept(prompt(1, promptId(), 'elsewhere'));
    await expect.poll(() => on.world.fed.at(-1)?.text).toBe('elsewhere');
  });

  test('takes the next conversation of the thread as any other, and tells of that one', async () => {
    const { on, life, commands } = await running();
    life.host.abandon();
    life.deliver([...commands, begin(2), prompt(2, promptId(), 'anew')]);
    await expect.poll(() => on.world.fed.at(-1)?.text).toBe('anew');
    last(on.world.claudes).finish();
    expect(new Set(life.events().map((event) => event.gen))).toEqual(new Set([2]));
    expect(life.events().at(-1)?.kind).toBe('turnEnded');
  });

  test('nothing ran: nothing happens', async () => {
    const on = new Stage();
    stages.push(on);
    const life = on.live();
    await life.host.recover();
    life.host.abandon();
    expect(on.world.claudes).toEqual([]);
    expect(new JournalSessions(life.journal).of(PAIRING, thread(7)).state().conversation).toBeNull();
  });
});
