/** A copy of a Claude conversation: made once, of what was said up to a message, and made again when it came to nothing. */
import { afterEach, expect, test } from 'vitest';
import type { Command } from '../../../protocol/commands.ts';
import { begin, claudeSession, last, prompt, promptId, Stage, settle } from './stage.ts';

const AT = '00000000-0000-4000-8000-00000000a001';
const stages: Stage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) expect([...stage.fatal, ...stage.failed]).toEqual([]);
});

async function copied() {
  const on = new Stage();
  stages.push(on);
  const life = on.live();
  await life.host.recover();
  const [source, copy] = [claudeSession(), claudeSession()];
  const from = { claudeSession: source, fork: true, at: AT };
  return { on, life, source, copy, begun: { ...begin(1, copy), from } as Command };
}

test('it is told up to which message', async () => {
  const { on, life, source, copy, begun } = await copied();
  life.deliver([begun, prompt(1, promptId())]);
  await settle();
  expect(last(on.world.claudes).options).toMatchObject({
    claudeSession: copy,
    resume: false,
    forkOf: source,
    forkAt: AT,
  });
});

test('Claude wrote nothing before its process died: it is made again, and the prompt is not run twice', async () => {
  const { on, life, source, copy, begun } = await copied();
  life.deliver([begun, prompt(1, promptId())]);
  await settle();
  on.world.transcripts.delete(copy);
  last(on.world.claudes).die('crashed');
  await settle();
  expect(on.world.fed).toHaveLength(1);
  life.deliver([begun, prompt(1, promptId()), prompt(1, promptId(), 'next')]);
  await settle();
  expect(on.world.claudes.slice(1).map(({ options }) => [options.resume, options.forkOf])).toEqual([
    [true, undefined],
    [false, source],
  ]);
  expect(last(on.world.claudes).options.forkAt).toBe(AT);
  expect(on.world.fed.at(-1)?.text).toBe('next');
});

test('Claude wrote it: it is itself from then on, over a restart of the runner too', async () => {
  const { on, life, copy, begun } = await copied();
  const first = promptId();
  life.deliver([begun, prompt(1, first)]);
  await settle();
  life.journal.close();
  const again = on.live();
  await again.host.recover();
  again.deliver([begun, prompt(1, first), prompt(1, promptId(), 'next')]);
  await settle();
  expect(last(on.world.claudes).options).toMatchObject({ claudeSession: copy, resume: true });
  expect(last(on.world.claudes).options.forkOf).toBeUndefined();
});

test('the message is gone from the source: all of it is copied', async () => {
  const { on, life, source, begun } = await copied();
  on.world.startFailure = {
    code: 'exited',
    exitCode: 1,
    signal: null,
    words: `No message found with message.uuid of: ${AT}`,
  };
  life.deliver([begun, prompt(1, promptId())]);
  await settle();
  expect(on.world.claudes.map(({ options }) => [options.forkOf, options.forkAt])).toEqual([
    [source, AT],
    [source, undefined],
  ]);
});
