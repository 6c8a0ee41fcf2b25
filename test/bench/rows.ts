/** Rows that Guild and Session write for a turn of 200 deltas and 5 tool calls, from `/ask` until everything has settled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { System } from '../../playground/system.ts';
import type { Mutation } from '../../playground/worker.ts';
import { stubClaude } from '../stub-claude-script.ts';
import { Conversation } from './conversation.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';
import { median } from './statistics.ts';

const LATENCY_MS = 100;
/** 200 deltas in five texts, a tool call of 80 ms after each: the events come one by one. */
const TURN = Array.from({ length: 5 }, () => 'stream:40:25 tools:1:80').join(' ');
/** The last reports and edits; alarms that ring later are counted with the next turn. */
const SETTLE_MS = 2_000;
/** A person looks at a card. No call comes and no timer runs, so the object hibernates and costs nothing. */
const THINKS_MS = 15_000;
/** Cloudflare: of a WebSocket, 20 messages count as one request. Free plan: rows written and requests a day. */
const MESSAGES_A_REQUEST = 20;
const FREE_ROWS = 100_000;
const FREE_REQUESTS = 100_000;
const COUNTER = './count-rows.ts';

/** The counter in both objects, and a route that reads it: in the bundle of this bench only. */
const MUTATIONS: readonly Mutation[] = [
  ...(['Guild', 'Session'] as const).flatMap((name) => {
    const file = `worker/${name.toLowerCase()}/${name.toLowerCase()}.ts`;
    return [
      {
        file,
        from: "import { DurableObject } from 'cloudflare:workers';",
        to: `import { DurableObject } from 'cloudflare:workers'; import { countCalls, countRows } from '${COUNTER}';`,
      },
      {
        file,
        from: 'super(ctx, env);',
        to: `super(ctx, env); countRows(ctx.storage, '${name}'); countCalls(this);`,
      },
    ];
  }),
  {
    file: 'worker/index.ts',
    from: "app.get('/', ",
    to: "app.get('/bench/rows', (context) => context.json(takeRows()));\napp.get('/', ",
  },
  {
    file: 'worker/index.ts',
    from: "import { frontPage } from './page.ts';",
    to: "import { frontPage } from './page.ts'; import { takeRows } from '../test/bench/count-rows.ts';",
  },
];

interface Taken {
  readonly rows: number;
  readonly read: number;
  readonly calls: number;
  readonly messages: number;
  readonly alarms: number;
  readonly by: Readonly<Record<string, number>>;
}

export async function rows(run: Run): Promise<Figure[]> {
  if (!run.wants('rows')) return [];
  await using system = await System.start({ discord: { latencyMs: LATENCY_MS }, mutations: MUTATIONS });
  const stub = stubClaude(system.folder);
  await system.addRunner({ claude: stub.bin });
  const conversation = await Conversation.begin(system, 'hello');
  const take = async () => {
    await sleep(SETTLE_MS);
    return (await (await fetch(`${system.worker.origin}/bench/rows`)).json()) as Taken;
  };
  await take();
  const turns: Taken[] = [];
  for (let n = 0; n < (run.quick ? 1 : 3); n++) {
    await conversation.turn(TURN);
    const taken = await take();
    turns.push(taken);
    const by = Object.entries(taken.by).sort(([, a], [, b]) => b - a);
    run.say(
      `rows ${taken.rows} + alarms ${taken.alarms}\n${by.map(([what, n]) => `  ${n}  ${what}`).join('\n')}`,
    );
  }
  await conversation.ask('ask:1');
  await conversation.card();
  await take();
  await sleep(THINKS_MS);
  const waiting = await take();
  const requests = median(turns.map(({ calls, messages }) => calls + messages / MESSAGES_A_REQUEST));
  const value = median(turns.map((turn) => turn.rows + turn.alarms));
  return [
    figure('rows written a turn of 200 deltas and 5 tool calls', value, 'rows', { under: 60 }),
    figure('rows: of these set alarms', median(turns.map((turn) => turn.alarms)), 'rows'),
    figure('rows read by such a turn', median(turns.map((turn) => turn.read)), 'rows'),
    figure('rows: requests of such a turn, 20 socket messages for one', requests, 'requests'),
    figure(
      'rows: such turns a day on the free plan',
      Math.min(FREE_ROWS / value, FREE_REQUESTS / requests),
      'turns',
    ),
    figure(
      `rows: calls of the objects in ${THINKS_MS / 1000} s while a person thinks`,
      waiting.calls + waiting.messages,
      '',
      { atMost: 0 },
    ),
  ];
}
