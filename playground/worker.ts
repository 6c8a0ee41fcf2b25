import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';

/** As Miniflare calls it, also one that is not Heddle's. */
export const WORKER_NAME = 'heddle';
const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface WorkerOptions {
  /** 0: any free port. */
  readonly port: number;
  /** Vars and secrets of wrangler.toml, by name. */
  readonly bindings: Readonly<Record<string, string>>;
  /** A folder for what the objects store; left out, it lives in memory's stead and goes with the process. */
  readonly persist?: string;
  /** Changes to the source before it is bundled: to show that a test catches what they break. */
  readonly mutations?: readonly Mutation[];
  /** Another Worker than Heddle's, for a test of one part. */
  readonly worker?: WorkerSource;
  /** Called when workerd had ended by itself and was started again, on the same port. */
  readonly onRestart?: () => void;
}

export interface WorkerSource {
  /** The main module, from the root. */
  readonly main: string;
  /** Classes of its Durable Objects, all with SQLite, by binding. */
  readonly objects: Readonly<Record<string, string>>;
}

const HEDDLE: WorkerSource = { main: 'worker/index.ts', objects: { GUILD: 'Guild', SESSION: 'Session' } };

/** In this file of the project, the text `from` (it must be there) becomes `to`. */
export interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface LocalWorker {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly origin: string;
  readonly miniflare: Miniflare;
  /** As a deploy does it: a new workerd at the same address and storage; every object and every socket of the old one is gone. */
  deploy(bindings?: Readonly<Record<string, string>>): Promise<void>;
  /** Deploys the source as it is now. Rejects with esbuild's words when it does not compile; then nothing has changed. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Runs the Worker in the real workerd on this machine, with its Durable Objects, as wrangler.toml describes it. */
export async function startWorker(options: WorkerOptions): Promise<LocalWorker> {
  const { main, objects } = options.worker ?? HEDDLE;
  let contents = await bundle(options.mutations, main);
  let bindings = options.bindings;
  const configure = (port: number) => ({
    ...convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      cf: false,
      log: new Log(LogLevel.ERROR),
      // The Worker's log is for whoever runs it at Cloudflare; here only what went wrong is worth a line.
      handleStructuredLogs: ({ level, message }) => {
        if (level === 'error') process.stderr.write(`${message}\n`);
      },
      name: WORKER_NAME,
      modules: [{ type: 'ESModule', path: 'worker.js', contents }],
      modulesRoot: ROOT,
      ...settings(),
      bindings,
      durableObjects: Object.fromEntries(
        Object.entries(objects).map(([binding, className]) => [binding, { className, useSQLite: true }]),
      ),
      ...(options.onRestart === undefined ? {} : { unsafeHandleRuntimeRestart: options.onRestart }),
    }),
    ...(options.persist === undefined ? {} : { resourcePersistencePath: options.persist }),
  });
  const miniflare = new Miniflare(configure(options.port));
  const { origin, port } = await miniflare.ready;
  return {
    origin,
    miniflare,
    deploy: async (changed = {}) => {
      bindings = { ...options.bindings, ...changed };
      await miniflare.setOptions(configure(Number(port)));
    },
    reload: async () => {
      contents = await bundle(options.mutations, main);
      await miniflare.setOptions(configure(Number(port)));
    },
    close: () => miniflare.dispose(),
  };
}

/** The date and flags that production runs with. */
function settings(): { compatibilityDate: string; compatibilityFlags: string[] } {
  const toml = readFileSync(`${ROOT}wrangler.toml`, 'utf8');
  const date = /^compatibility_date = "(.+)"$/m.exec(toml)?.[1];
  const flags = /^compatibility_flags = (\[.*\])$/m.exec(toml)?.[1];
  if (date === undefined || flags === undefined)
    throw new Error('wrangler.toml has no compatibility_date or no flags');
  return { compatibilityDate: date, compatibilityFlags: JSON.parse(flags) as string[] };
}

/** The Worker as one module, minified as `wrangler deploy` does it. `main`: its main module, from the root. */
export async function bundle(mutations: readonly Mutation[] = [], main = HEDDLE.main): Promise<string> {
  const result = await build({
    entryPoints: [`${ROOT}${main}`],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    logLevel: 'silent',
    plugins: mutations.length === 0 ? [] : [mutate(mutations)],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error('the Worker could not be bundled');
  return file.text;
}

function mutate(mutations: readonly Mutation[]): Plugin {
  return {
    name: 'mutate',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = mutations.filter(({ file }) => path === `${ROOT}${file}`);
        if (own.length === 0) return null;
        let contents = await readFile(path, 'utf8');
        for (const { file, from, to } of own) {
          if (!contents.includes(from)) throw new Error(`${file} does not have: ${from}`);
          contents = contents.replaceAll(from, to);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
