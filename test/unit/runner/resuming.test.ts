import { afterEach, describe, expect, test } from 'vitest';
import type { Command } from '../../../protocol/commands.ts';
import { begin, claudeSession, end, prompt, promptId, Stage } from './stage.ts';

const stages: Stage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) expect([...stage.fatal, ...stage.failed]).toEqual([]);
});
const stage = () => {
  const made = new Stage();
  stages.push(made);
  return made;
};
const from = (command: Command, claude = claudeSession(), fork = false): Command =>
  ({ ...command, from: { claudeSession: claude, fork } }) as Command;

async function alive(on: Stage) {
  const life = on.live();
  await life.host.recover();
  const commands: Command[] = [];
  const deliver = (...more: Command[]) => {
    commands.push(...more);
    life.deliver(commands);
  };
  return { life, deliver };
}

/** The options of the newest process, when it runs. */
async function started(on: Stage, count: number) {
  await expect.poll(() => on.world.claudes.length).toBe(count);
  const claude = on.world.claudes[count - 1];
  if (claude === undefined) throw new Error('no process');
  return claude;
}

describe('a conversation that goes on', () => {
  test('under the next gen: it is resumed, by its own id', async () => {
    const on = stage();
    const { deliver } = await alive(on);
    const session = claudeSession();
    deliver(begin(1, session), prompt(1, promptId()));
    const first = await started(on, 1);
    await expect.poll(() => first.busy).toBe(true);
    first.finish();
    deliver(end(1), from(begin(2, session), session), prompt(2, promptId(), 'on'));
    const second = await started(on, 2);
    expect(second.options).toMatchObject({ claudeSession: session, resume: true });
    await expect.poll(() => on.world.fed.at(-1)?.text).toBe('on');
  });

  test('that this runner has never seen: from the transcript that Claude has, or told as missing', async () => {
    const on = stage();
    const { life, deliver } = await alive(on);
    const [known, unknown] = [claudeSession(), claudeSession()];
    on.world.transcripts.add(known);
    deliver(from(begin(1, known), known), prompt(1, promptId()));
    const first = await started(on, 1);
    expect(first.options).toMatchObject({ claudeSession: known, resume: true });
    await expect.poll(() => first.busy).toBe(true);
    deliver(end(1), from(begin(2, unknown), unknown), prompt(2, promptId()));
    await expect
      .poll(() => life.events().findLast((event) => event.kind === 'turnEnded' && event.gen === 2))
      .toMatchObject({ outcome: { as: 'failed', code: 'transcript', started: false } });
    expect(on.world.fed).toHaveLength(1);
  });

  test('a fork: a copy with an id of its own, made once; afterwards it is itself', async () => {
    const on = stage();
    const { deliver } = await alive(on);
    const [origin, copy] = [claudeSession(), claudeSession()];
    on.world.transcripts.add(origin);
    deliver(from(begin(1, copy), origin, true), prompt(1, promptId()));
    const first = await started(on, 1);
    expect(first.options).toMatchObject({ claudeSession: copy, resume: false, forkOf: origin });
    await expect.poll(() => first.busy).toBe(true);
    first.finish();
    deliver(end(1), from(begin(2, copy), copy), prompt(2, promptId()));
    const second = await started(on, 2);
    expect(second.options).toMatchObject({ claudeSession: copy, resume: true });
    expect(second.options.forkOf).toBeUndefined();
  });

  test('a fork that was never asked is still a fork when it is resumed', async () => {
    const on = stage();
    const { deliver } = await alive(on);
    const [origin, copy] = [claudeSession(), claudeSession()];
    on.world.transcripts.add(origin);
    deliver(from(begin(1, copy), origin, true), end(1));
    deliver(from(begin(2, copy), copy), prompt(2, promptId()));
    expect((await started(on, 1)).options).toMatchObject({ resume: false, forkOf: origin });
  });
});
