/** `/clear` gives the conversation another id, in the process that runs. */
import { expect, test } from 'vitest';
import { begin, claudeSession, end, last, prompt, promptId, Stage, settle, thread } from './stage.ts';

async function cleared() {
  const stage = new Stage();
  const life = stage.live();
  await life.host.recover();
  const commands = [begin(1), prompt(1, promptId())];
  life.deliver(commands);
  await settle();
  const claude = last(stage.world.claudes);
  const anew = claudeSession();
  stage.world.transcripts.add(anew);
  claude.emit({
    kind: 'processStarted',
    process: claude.id,
    claudeVersion: '2.1.330',
    model: null,
    mode: 'default',
    claudeSession: anew,
    settings: 'user',
  });
  claude.finish();
  return { stage, life, commands, claude, anew };
}

test('a crash of the runner after it leaves no process behind', async () => {
  const { stage, life, claude } = await cleared();
  life.journal.close();
  stage.live();
  await settle();
  expect(stage.world.orphansEnded).toEqual([claude.pid]);
  expect([...stage.fatal, ...stage.failed]).toEqual([]);
});

test('nobody goes on with the new one before its process is gone', async () => {
  const { stage, life, commands, claude, anew } = await cleared();
  const gone = Promise.withResolvers<void>();
  const die = claude.end.bind(claude);
  claude.end = async (why) => {
    await gone.promise;
    await die(why);
  };
  life.deliver([...commands, end(1)]);
  const other = life.hostOf(thread(8));
  await settle();
  other.accept({ ...begin(1, anew), from: { claudeSession: anew, fork: false } } as never);
  other.accept(prompt(1, promptId()));
  await settle();
  expect(stage.world.claudes).toHaveLength(1);
  gone.resolve();
  await settle();
  expect(last(stage.world.claudes).options).toMatchObject({ claudeSession: anew, resume: true });
  expect(stage.world.fed).toHaveLength(2);
});
