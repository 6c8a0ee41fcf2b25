/** The page's files, made once at start: TypeScript and CSS are bundled in memory. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));

export interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** By path. Rejects with esbuild's words when the page does not compile. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const [html, icon, bundled] = await Promise.all([
    readFile(`${PAGE}index.html`, 'utf8'),
    readFile(`${PAGE}icon.svg`, 'utf8'),
    build({
      entryPoints: { page: `${PAGE}main.ts`, style: `${PAGE}css/all.css` },
      bundle: true,
      write: false,
      minify: true,
      outdir: PAGE,
      format: 'esm',
      target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
      logLevel: 'silent',
    }),
  ]);
  const assets = new Map<string, Asset>([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
  ]);
  for (const { path, contents } of bundled.outputFiles) {
    const [name, type] = path.endsWith('.css')
      ? ['/style.css', 'text/css; charset=utf-8']
      : ['/page.js', 'text/javascript; charset=utf-8'];
    assets.set(name, { type, body: contents });
  }
  return assets;
}
