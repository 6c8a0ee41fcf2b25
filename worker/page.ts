/**
 * What a browser shows at `/`. Opened as a pairing link, the code is in the fragment, which the browser keeps to itself; the page
 * puts it into the command to run, so nothing of it is sent, logged or stored.
 */
const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}
pre{padding:1rem;background:#f2f2f2;border-radius:.5rem;white-space:pre-wrap;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#1e1f22}pre{background:#2b2d31}}`;

/** A fragment that is not a code of ours is not shown: what stands on this page is run by people. */
const SCRIPT = `if(/^#pair=\\d{1,20}\\.[A-Za-z0-9_-]{22}$/.test(location.hash)){
document.getElementById('command').textContent="npm run runner -- '"+location.href+"'";
document.getElementById('pair').hidden=false}`;

const HTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Heddle</title>
<style>${STYLE}</style></head>
<body><h1>Heddle</h1>
<p>Heddle runs Claude Code in Discord threads. This is its Worker: Discord and the runners talk to it.</p>
<section id="pair" hidden><h2>Connect a runner</h2>
<p>On the machine that has your projects, in Heddle’s folder, run:</p><pre id="command"></pre>
<p>Then compare the fingerprint that it shows with the one in Discord, and confirm it there. The link works once, for ten minutes.</p></section>
<script>${SCRIPT}</script></body></html>`;

/** Only the very style and script of this page may run in it. */
export async function frontPage(): Promise<Response> {
  const [style, script] = await Promise.all([sha256(STYLE), sha256(SCRIPT)]);
  return new Response(HTML, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; script-src 'sha256-${script}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  });
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
}
