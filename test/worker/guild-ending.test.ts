/** `/end all` and `/resume`, as the Guild does them for threads that the interaction did not come from. */
import { beforeEach, expect, test, vi } from 'vitest';
import type { UserId } from '../../protocol/ids.ts';
import type { SessionAct } from '../../worker/domain/contract.ts';
import { Session } from '../../worker/index.ts';
import { ADA, asBob, BOB, type FakeRunner, useGuild, world } from './guild-world.ts';
import { newId, typing } from './interaction.ts';

useGuild();

let runner: FakeRunner;
const acted: { thread: string; act: SessionAct }[] = [];
let failing = 0;

beforeEach(async () => {
  runner = await world.runner();
  acted.length = 0;
  failing = 0;
  vi.spyOn(Session.prototype, 'act').mockImplementation(async function (this: Session, act) {
    const { ctx } = this as unknown as { ctx: DurableObjectState };
    if (failing > 0) {
      failing -= 1;
      throw new Error('not there');
    }
    acted.push({ thread: ctx.id.name ?? '', act });
    return { kind: 'private', text: 'the session answers' };
  });
});

const all = [{ name: 'all', type: 5, value: true }];
const rows = () => world.rows('SELECT thread FROM endings');
const named = (value: string) => [{ name: 'session', type: 3, value }];
const bobs = { starter: { id: BOB as UserId, name: 'bob' } };

test('/end all ends what the member may end, each once, through an object that is away for a while', async () => {
  const [mine, other, over] = [newId(), newId(), newId()];
  await world.report(mine, 1, { runner: runner.id });
  await world.report(other, 1, { runner: runner.id });
  await world.report(over, 1, { runner: runner.id, state: { is: 'ended' } });
  failing = 1;
  const reply = await world.command('end', all);
  expect(reply.text).toContain('Ending 2 sessions');
  for (const thread of [mine, other]) expect(reply.text).toContain(`<#${thread}>`);
  await vi.waitFor(() => expect(acted).toHaveLength(1));
  for (let n = 0; n < 3 && (await rows()).length > 0; n += 1) await world.alarm();
  expect(acted.map(({ thread }) => thread).toSorted()).toEqual([mine, other].toSorted());
  for (const { act } of acted) {
    expect(act).toMatchObject({ through: 'guild', act: { do: 'end' }, member: { id: ADA } });
    expect(act.id).toBe(acted[0]?.act.id);
  }
  expect(await rows()).toEqual([]);
  await world.alarm();
  expect(acted).toHaveLength(2);
});

test('/end all leaves the sessions of others alone', async () => {
  await world.report(newId(), 1, { runner: runner.id });
  await world.report(newId(), 1, { runner: runner.id, ...bobs });
  // The runner is not shared with bob (any more).
  expect((await world.command('end', all, asBob)).text).toContain('No session is open that you may end');
  expect(acted).toEqual([]);
  expect(await rows()).toEqual([]);
});

test('/resume offers what ended and may be gone on with, and asks its Session', async () => {
  const [ended, empty, open] = [newId(), newId(), newId()];
  const is = { is: 'ended' } as const;
  const title = `fix **the**\nlogin ${'very '.repeat(30)}long`;
  await world.report(ended, 1, { runner: runner.id, state: is, resumable: true, title });
  await world.report(empty, 1, { runner: runner.id, state: is });
  await world.report(open, 1, { runner: runner.id });
  const type = async (text: string, given = {}) => {
    const options = [{ name: 'session', type: 3, value: text, focused: true }];
    return world.send(typing('resume', options, { guild: world.guild, ...given }));
  };
  const { choices, names } = await type('LOGIN');
  expect(choices).toEqual([ended]);
  expect(names[0]).toMatch(/^fix \*\*the\*\* login .* · api · \d+ (min|h|days) ago$/);
  expect(names[0]?.length).toBeLessThanOrEqual(100);
  expect((await type('logout')).choices).toEqual([]);
  expect((await type('', asBob)).choices).toEqual([]);

  expect((await world.command('resume', named(ended))).text).toContain('the session answers');
  expect(acted).toMatchObject([{ thread: ended, act: { through: 'guild', act: { do: 'resume' } } }]);
  for (const wrong of [newId(), 'fix the login', '1; DROP'])
    expect((await world.command('resume', named(wrong))).text).toContain('Choose one');
  expect((await world.command('resume')).text).toContain('in the thread');
  expect(acted).toHaveLength(1);
});
