/** The routes, and nothing else. */
import { Hono } from 'hono/tiny';
import { verifyInteraction } from './discord/verify.ts';
import { dispatch } from './interactions/dispatch.ts';
import { frontPage } from './page.ts';
import { pairRunner, rotateRunner } from './pair-runner.ts';
import { errorName, log } from './platform/log.ts';

export { Guild } from './guild/guild.ts';
export { Session } from './session/session.ts';

/** A snowflake. Only such a name may become an object's. */
const ID = ':id{[1-9][0-9]{14,19}}';

const app = new Hono<{ Bindings: Env }>();

app.post('/interactions', async (context) => {
  const verified = await verifyInteraction(context.req.raw, context.env.DISCORD_PUBLIC_KEY, Date.now());
  if (!verified.ok) return context.text('', verified.status);
  const answer = await dispatch(
    {
      env: context.env,
      origin: new URL(context.req.url).origin,
      waitUntil: (work) => context.executionCtx.waitUntil(work),
    },
    verified.interaction,
  );
  return context.json(answer);
});

app.post('/runner/pair', (context) => pairRunner(context.env, context.req.raw));

app.post('/runner/rotate', (context) => rotateRunner(context.env, context.req.raw));

app.get(`/runner/guild/${ID}`, (context) =>
  context.env.GUILD.getByName(context.req.param('id')).fetch(context.req.raw),
);

app.get(`/runner/session/${ID}`, (context) =>
  context.env.SESSION.getByName(context.req.param('id')).fetch(context.req.raw),
);

app.get('/', () => frontPage());

app.notFound((context) => context.text('Not found', 404));

app.onError((error, context) => {
  log('request.failed', { error: errorName(error) });
  return context.text('Something went wrong.', 500);
});

export default app;
