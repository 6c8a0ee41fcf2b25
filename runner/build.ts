/** Packs the runner into JavaScript that needs nothing but Node: `node runner/build.ts` writes dist/runner.js. */
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');

/** Gives the path of the packed runner. `outdir`: absolute. */
export async function buildRunner(outdir: string = path.join(root, 'dist')): Promise<string> {
  await build({
    entryPoints: { runner: path.join(root, 'runner/main.ts') },
    outdir,
    bundle: true,
    // What only people need stays in files of its own, and out of a service's memory.
    splitting: true,
    chunkNames: 'runner-[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minifySyntax: true,
    legalComments: 'eof',
    // `ws` and `commander` are CommonJS and require Node's own modules.
    banner: {
      js: "import { createRequire as heddleRequire } from 'node:module'; const require = heddleRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return path.join(outdir, 'runner.js');
}

if (import.meta.main) process.stdout.write(`${await buildRunner()}\n`);
