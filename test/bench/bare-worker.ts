/** What the acknowledgement of a command is compared with: a Worker that verifies, answers, and does nothing else. */
import { verifyKey } from 'discord-interactions';
import { Hono } from 'hono';

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;
let key: Promise<Key> | null = null;

const app = new Hono<{ Bindings: { DISCORD_PUBLIC_KEY: string } }>();

app.post('/interactions', async (context) => {
  const { req, env } = context;
  key ??= importKey(env.DISCORD_PUBLIC_KEY);
  const body = await req.arrayBuffer();
  const signature = req.header('x-signature-ed25519') ?? '';
  const timestamp = req.header('x-signature-timestamp') ?? '';
  if (!(await verifyKey(body, signature, timestamp, await key))) return context.text('', 401);
  const interaction = JSON.parse(new TextDecoder().decode(body)) as { id: string };
  return context.json({ type: 4, data: { flags: 64, content: `Got ${interaction.id}.` } });
});

function importKey(hex: string): Promise<Key> {
  const raw = new Uint8Array(hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []);
  return crypto.subtle.importKey('raw', raw, { name: 'ed25519' }, false, ['verify']);
}

export default app;
