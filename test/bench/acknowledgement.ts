/** A signed `/ask`, from its POST to the end of the answer, against a Worker that only verifies and answers. */
import type { System } from '../../playground/system.ts';
import { startWorker } from '../../playground/worker.ts';
import { quietly, several } from './conversation.ts';
import { type Figure, figure } from './figure.ts';
import type { Run } from './options.ts';
import { median, p95 } from './statistics.ts';

/** Both are warm then: compiled, connected, the key imported. */
const WARM_UP = 5;

export async function acknowledgement(system: System, run: Run): Promise<Figure[]> {
  const conversations = await several(system);
  const bare = await startWorker({
    port: 0,
    bindings: { DISCORD_PUBLIC_KEY: system.discord.publicKey },
    worker: { main: 'test/bench/bare-worker.ts', objects: {} },
  });
  const heddleUrl = `${system.worker.origin}/interactions`;
  const askMs: number[] = [];
  const bareMs: number[] = [];
  try {
    let body = '';
    for (let n = -WARM_UP; n < (run.quick ? 10 : 40); n++) {
      // One after the other, so that what else this machine does hits both alike.
      const asked = await quietly(conversations, n, (one) => one.ask(`hello ${n}`));
      body ||= asked.sent;
      const answer = await quietly(conversations, n, () => {
        system.discord.setInteractionsUrl(`${bare.origin}/interactions`);
        const delivered = system.discord.deliverRaw({ body });
        system.discord.setInteractionsUrl(heddleUrl);
        return delivered;
      });
      if (answer.status !== 200) throw new Error(`the bare Worker answered ${answer.status}`);
      if (n < 0) continue;
      askMs.push(asked.ackMs);
      bareMs.push(answer.tookMs);
    }
  } finally {
    system.discord.setInteractionsUrl(heddleUrl);
    await bare.close();
  }
  return [
    figure('ask: acknowledged, times a bare Worker', median(askMs) / median(bareMs), 'x', { atMost: 1.5 }),
    figure('ask: acknowledged, median', median(askMs), 'ms'),
    figure('ask: acknowledged, p95', p95(askMs), 'ms'),
    figure('ask: a bare Worker, median', median(bareMs), 'ms'),
    figure('ask: a bare Worker, p95', p95(bareMs), 'ms'),
  ];
}
