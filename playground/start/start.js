/**
 * `npm start`: a local Discord in a web page, with all of Heddle behind it. Plain JavaScript that imports nothing but
 * Node's own, so that it can say what is missing on a machine without the packages or with an old Node.
 */
import { existsSync } from 'node:fs';

/** Older ones do not run TypeScript as it is, or lack `node:sqlite` as the runner needs it. */
const OLDEST_NODE = 24;

const { node } = process.versions;
if (!existsSync(new URL('../../node_modules/miniflare/package.json', import.meta.url))) {
  console.error('The packages of Heddle are not installed here. Run `npm ci` first.');
  process.exitCode = 1;
} else if (Number.parseInt(node, 10) < OLDEST_NODE) {
  console.error(
    `The playground needs Node ${OLDEST_NODE}, and this is ${node}. Run it as \`npm start\`: \`npm ci\` has brought a Node of its own.`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import('./main.ts');
  // What a library still holds open must not keep a playground alive that has ended.
  process.exit(await main(process.argv.slice(2)));
}
