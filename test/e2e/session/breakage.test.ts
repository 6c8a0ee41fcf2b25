/** What breaks says so in the thread, once, with what was kept and a way on; what waits does not fail in a row. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../playground/discord/people/channel-handle.ts';
import type { ShownMessage } from '../../../playground/discord/people/view.ts';
import { ofBot, SLOW, type Stage, useSystem } from '../stage.ts';

const labels = (message: ShownMessage | undefined) =>
  message?.buttons.flatMap(({ label }) => (label === 'Reply' ? [] : [label])) ?? [];

/** The message of a failure, when it shows exactly these buttons. */
function offers(stage: Stage, thread: Channel, words: RegExp, buttons: readonly string[]) {
  return stage.discord.waitFor(
    () =>
      ofBot(thread).findLast(
        (m) => words.test(m.text) && JSON.stringify(labels(m)) === JSON.stringify(buttons),
      ),
    { ...SLOW, what: `"${words}" with ${buttons.join(', ') || 'no button'} in ${thread.name}` },
  );
}

const asks = (stage: Stage, thread: Channel, prompt: string) =>
  stage.command(stage.system.owner, thread.id, 'ask', { prompt });

describe('with an API key', () => {
  const use = useSystem();
  const demo = () => join(use.stage.system.folder, 'projects', 'laptop-demo');

  it('login: what waits is kept until Continue, which comes first', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'run: touch login.txt');
    const card = await stage.card(thread, 'login.txt');
    await asks(stage, thread, 'error 401');
    await asks(stage, thread, 'say: after the login');
    await stage.press(owner, card, 'Allow');
    const failure = await offers(stage, thread, /not signed in on the runner[\s\S]*\/login/, [
      'Continue',
      'Discard',
    ]);
    await stage.says(thread, /after the login[\s\S]*waits until Claude is signed in/);
    expect(stage.count(thread, /^after the login/)).toBe(0);
    await stage.press(owner, failure, 'Discard');
    await stage.says(thread, /^after the login[\s\S]*context/);
    await offers(stage, thread, /not signed in/, []);
  });

  it('overloaded: Claude tries, says so, and Continue or /resume goes on', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'error 529');
    await offers(stage, thread, /model is overloaded/, ['Continue', 'Discard']);
    await stage.command(owner, thread.id, 'resume');
    await offers(stage, thread, /model is overloaded/, []);
    expect(stage.count(thread, /^\*\*olga\*\* Your turn was interrupted/)).toBe(1);
  });

  it('the runner restarts in the middle of a turn: Continue, Discard', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    const thread = await stage.begin(owner, 'run: touch restarted.txt');
    await stage.card(thread, 'restarted.txt');
    await runners[0]?.stop('SIGKILL');
    runners[0]?.start();
    const failure = await offers(stage, thread, /restarted in the middle/, ['Continue', 'Discard']);
    const answer = await (await stage.press(owner, failure, 'Discard')).final();
    expect(answer.text).toMatch(/Let go/);
    await offers(stage, thread, /restarted in the middle/, []);
    await asks(stage, thread, 'say: still here');
    await stage.says(thread, /^still here[\s\S]*context/);
  });

  it('the folder is gone: Continue when it is back asks again what Claude never saw', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    await runners[0]?.stop();
    renameSync(demo(), `${demo()}-away`);
    runners[0]?.start();
    const thread = await stage.begin(owner, 'say: in the folder');
    const failure = await offers(stage, thread, /folder is not there/, ['Continue', 'Discard']);
    renameSync(`${demo()}-away`, demo());
    await stage.press(owner, failure, 'Continue');
    await stage.says(thread, /^in the folder[\s\S]*context/);
  });

  it('the transcript is gone: a fresh conversation in the same thread', async () => {
    const { stage } = use;
    const { owner, runners } = stage.system;
    const thread = await stage.begin(owner, 'say: soon forgotten');
    await stage.says(thread, /^soon forgotten[\s\S]*context/);
    await runners[0]?.stop();
    const projects = join(stage.system.userHome('laptop'), '.claude', 'projects');
    for (const name of readdirSync(projects)) rmSync(join(projects, name), { recursive: true });
    expect(existsSync(projects)).toBe(true);
    runners[0]?.start();
    await asks(stage, thread, 'recall');
    const failure = await offers(stage, thread, /no longer has this conversation/, ['Begin afresh']);
    await stage.press(owner, failure, 'Begin afresh');
    await stage.says(thread, /^Nothing was asked before\.[\s\S]*context/);
    await offers(stage, thread, /no longer has this conversation/, []);
  });
});

describe('with the login of a plan', () => {
  const use = useSystem(
    {},
    { env: { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-scripted' } },
  );

  it('the usage limit: what waits is kept; it goes on once, when the limit ends, and only if somebody pressed for it', async () => {
    const { stage } = use;
    const { owner } = stage.system;
    const thread = await stage.begin(owner, 'limit 8');
    const failure = await stage.discord.waitFor(
      () => ofBot(thread).findLast(({ text }) => text.includes('usage limit is reached. It ends <t:')),
      { ...SLOW, what: 'the limit' },
    );
    const [first = ''] = labels(failure);
    expect(first).toMatch(/^Continue at \d\d:\d\d UTC$/);
    await asks(stage, thread, 'say: waited for it');
    await stage.says(thread, /waited for it[\s\S]*waits for the usage limit/);
    await stage.press(owner, failure, first);
    const scheduled = await offers(stage, thread, /Goes on by itself <t:/, ['Cancel']);
    await stage.press(owner, scheduled, 'Cancel');
    const again = await offers(stage, thread, /usage limit is reached/, [first, 'Discard']);
    await stage.press(owner, again, first);
    await stage.says(thread, /^waited for it[\s\S]*context/);
    expect(stage.count(thread, /^\*\*olga\*\* Your turn was interrupted/)).toBe(1);
  });
});
