/** The routes, and nothing else. */
import { Hono } from 'hono';

export { Guild } from './guild/guild.ts';
export { Session } from './session/session.ts';

const app = new Hono<{ Bindings: Env }>();

app.notFound((context) => context.text('Not found', 404));
app.onError((_error, context) => context.text('Something went wrong.', 500));

export default app;
