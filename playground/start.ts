/**
 * `npm start`: a local Discord in a web page, with all of Heddle behind it. This file imports nothing but Node's own, so
 * that on a machine where something is missing it can still say what.
 */
import { existsSync } from 'node:fs';
import { nodeTrouble } from './start/node-version.ts';

const packages = new URL('../node_modules/miniflare/package.json', import.meta.url);
const trouble =
  nodeTrouble(process.versions.node) ??
  (existsSync(packages) ? null : 'The packages of Heddle are not installed here. Run `npm ci` first.');

if (trouble === null) {
  const { main } = await import('./start/main.ts');
  // What a library still holds open must not keep a playground alive that has ended.
  process.exit(await main(process.argv.slice(2)));
}
console.error(trouble);
process.exitCode = 1;
