/** What a person allows for the rest of a session is kept, and every later process of that session has it; no other does. */
import { afterEach, expect, test } from 'vitest';
import { begin, claudeSession, end, last, prompt, promptId, Stage, settle, thread } from './stage.ts';

const stages: Stage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) expect([...stage.fatal, ...stage.failed]).toEqual([]);
});

const RULES = ['Bash(npm run *)', 'WebFetch(domain:example.org)'];

/** A turn was had, in which these rules were granted. */
async function granted() {
  const on = new Stage();
  stages.push(on);
  const life = on.live();
  await life.host.recover();
  const session = claudeSession();
  life.deliver([begin(1, session), prompt(1, promptId())]);
  await settle();
  const claude = last(on.world.claudes);
  expect(claude.options.allowed).toBeUndefined();
  claude.grant({ grants: 'rules', rules: RULES });
  claude.grant({ grants: 'rules', rules: RULES });
  claude.grant({ grants: 'mode', mode: 'acceptEdits' });
  claude.finish();
  return { on, life, session };
}

test('a process that comes back after it was idle has them', async () => {
  const { on, life, session } = await granted();
  await last(on.world.claudes).end('idle');
  life.deliver([begin(1, session), prompt(1, promptId()), prompt(1, promptId())]);
  await settle();
  expect(on.world.claudes).toHaveLength(2);
  expect(last(on.world.claudes).options).toMatchObject({ resume: true, allowed: RULES });
});

test('they outlive the runner', async () => {
  const { on, life, session } = await granted();
  life.journal.close();
  const next = on.live();
  await next.host.recover();
  next.deliver([begin(1, session), prompt(1, promptId()), prompt(1, promptId())]);
  await settle();
  expect(last(on.world.claudes).options.allowed).toEqual(RULES);
});

test('another session does not have them, nor the next one of the thread', async () => {
  const { on, life, session } = await granted();
  life.hostOf(thread(8)).accept(begin(1));
  life.hostOf(thread(8)).accept(prompt(1, promptId()));
  await settle();
  expect(last(on.world.claudes).options.allowed).toBeUndefined();
  life.host.accept(end(1));
  life.host.accept(begin(2, session));
  life.host.accept(prompt(2, promptId()));
  await settle();
  expect(on.world.claudes).toHaveLength(3);
  expect(last(on.world.claudes).options.allowed).toBeUndefined();
});

test('there is an end to what is kept', async () => {
  const { on, life, session } = await granted();
  const many = Array.from({ length: 500 }, (_, at) => `Bash(echo ${at})`);
  last(on.world.claudes).grant({ grants: 'rules', rules: many });
  await last(on.world.claudes).end('idle');
  life.deliver([begin(1, session), prompt(1, promptId()), prompt(1, promptId())]);
  await settle();
  expect(last(on.world.claudes).options.allowed?.length).toBe(200);
});

test('what is kept fits in one argument of a program', async () => {
  const { on, life, session } = await granted();
  const many = Array.from({ length: 199 }, (_, at) => `Bash(echo ${at} ${'語'.repeat(280)})`);
  last(on.world.claudes).grant({ grants: 'rules', rules: many });
  await last(on.world.claudes).end('idle');
  life.deliver([begin(1, session), prompt(1, promptId()), prompt(1, promptId())]);
  await settle();
  const { allowed } = last(on.world.claudes).options;
  expect(allowed).toEqual(expect.arrayContaining(RULES));
  // Linux: 128 KiB an argument; the flag has some more in it.
  expect(Buffer.byteLength(JSON.stringify(allowed))).toBeLessThan(100 * 1024);
});
