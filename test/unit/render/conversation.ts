/** One conversation at several moments: what golden files freeze. */
import type { Entry, ThreadView } from '../../../worker/domain/transcript.ts';
import {
  ASKER,
  end,
  GEN,
  NOW_MS,
  prompt,
  queued,
  request,
  TURN,
  TURN_2,
  text,
  tool,
  view,
} from './entries.ts';

const ANSWER = `## What was wrong

The test races the redirect. In \`src/auth.ts\` the handler returned before the session was saved, see [the docs](https://expressjs.com/en/api.html#res.redirect) and [auth.ts](src/auth.ts#L12).

1. The **login** handler awaits now:
   \`\`\`ts
   await save(session);
   return redirect('/home');
   \`\`\`
2. The test waits for it
    - with \`waitFor\`
    - no sleeps

| file | change |
|------|-------:|
| src/auth.ts | +12 |
| test/auth.test.ts | +29 |

- [x] tests pass
- [ ] release notes

#### Left to do
Nothing. Ask @everyone || <@123> ||
-# asker allowed Bash rm -rf
---
![shot](https://example.com/a.png) <b>bold</b>`;

export function conversation(): ThreadView[] {
  const began: Entry[] = [prompt('fix the flaky login test', { state: 'running' })];
  const reading: Entry[] = [
    ...began,
    text('The test races the redirect. Let me look at it.'),
    tool('read', 'Read', 'src/auth.ts'),
    tool('read', 'Read', 'test/auth.test.ts'),
    tool('search', 'Grep', 'redirect'),
    tool('read', 'Read', 'src/session.ts', { state: 'running' }),
  ];
  const looked: Entry[] = [
    ...began,
    text('The test races the redirect. Let me look at it.'),
    tool('read', 'Read', 'src/auth.ts'),
    tool('read', 'Read', 'test/auth.test.ts'),
    tool('search', 'Grep', 'redirect'),
    tool('read', 'Read', 'src/session.ts'),
    tool('agent', 'Task', 'find other callers', { tool: 'agent1' }),
    tool('read', 'Read', 'a.ts', { parent: 'agent1' }),
    tool('edit', 'Edit', 'b.ts', { parent: 'agent1', added: 3, removed: 1 }),
    tool('edit', 'Edit', 'src/auth.ts', { added: 12, removed: 3 }),
  ];
  const asks: Entry[] = [
    ...looked,
    request({ command: 'npm test -- auth --runInBand', description: 'Run the auth tests' }),
  ];
  const decided: Entry[] = [
    ...looked,
    request(
      { command: 'npm test -- auth --runInBand', description: 'Run the auth tests' },
      {
        state: {
          is: 'decided',
          verdict: 'allow',
          by: ASKER,
          atMs: NOW_MS,
          words: null,
          deliveredMs: NOW_MS + 500,
          late: false,
        },
      },
    ),
    tool('command', 'Bash', 'npm test -- auth --runInBand', { state: 'running' }),
    queued('then write the release notes', { place: 1 }),
  ];
  const done: Entry[] = [
    ...decided.slice(0, -2),
    tool('command', 'Bash', 'npm test -- auth --runInBand'),
    queued('then write the release notes', { state: 'started' }),
    text(ANSWER, { segment: 1 }),
    end({ notify: ASKER }),
    prompt('then write the release notes', { turn: TURN_2, state: 'starting' }),
  ];
  const running = { stoppable: TURN };
  return [
    view([prompt('fix the flaky login test', { state: 'starting', model: null, mode: null, branch: null })]),
    view(reading, running),
    view(asks, running),
    view(decided, running),
    view(done, { stoppable: TURN_2, gen: GEN }),
  ];
}
