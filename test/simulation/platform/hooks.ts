/**
 * Loads the real modules with another platform under them, and a mutant with one of its lines changed. What is replaced is only what
 * reaches outside: sockets, signatures, Cloudflare's own modules. Three modules are watched on their way through.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One line of one module, deliberately broken. */
export interface Edit {
  /** From the root of the project. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly from: string;
  readonly to: string;
}

const at = (name: string): string => new URL(name, import.meta.url).href;
const ROOT = at('../../../');

const BY_SPECIFIER: Readonly<Record<string, string>> = {
  'cloudflare:workers': at('./cloudflare.ts'),
  'cloudflare:durable-objects': at('./cloudflare.ts'),
};

/** [who imports, what] -> what it gets; paths from the root of the project. */
const BY_IMPORT: readonly (readonly [from: string, file: string, stub: string])[] = [
  ['runner/link/link.ts', 'runner/link/socket.ts', at('./runner-socket.ts')],
  ['worker/link/object-link.ts', 'worker/link/auth.ts', at('./auth.ts')],
  ['worker/session/session.ts', 'worker/session/rules/rules.ts', at('../watch/rules.ts')],
  ['runner/guild/session-link.ts', 'runner/journal/journal-link.ts', at('../watch/journal-link.ts')],
  ['runner/session/workspace.ts', 'runner/git/git.ts', at('./git.ts')],
];

/** A runner's death is an exception here (clock.ts), and a guard must not take it for a fault of its session, which a dead runner would then end. */
const DEATH: Edit = {
  file: 'runner/base/guard.ts',
  from: '  #caught(what: string, error: unknown): void {\n',
  to: "  #caught(what: string, error: unknown): void {\n    if (errorName(error) === 'Dead') return;\n",
};

export function installHooks(mutant: readonly Edit[]): void {
  const edits = [DEATH, ...mutant];
  // One that was moved would come in as it is, unseen.
  for (const [from, file] of BY_IMPORT)
    for (const name of [from, file])
      if (!existsSync(fileURLToPath(ROOT + name))) throw new Error(`there is no ${name} any more`);
  registerHooks({
    resolve(specifier, context, next) {
      const stub = BY_SPECIFIER[specifier];
      if (stub !== undefined) return { url: stub, shortCircuit: true };
      const from = context.parentURL ?? '';
      if (specifier === 'node:crypto' && from.startsWith(`${ROOT}runner/`))
        return { url: at('./crypto.ts'), shortCircuit: true };
      const found = next(specifier, context);
      const watched = BY_IMPORT.find(([by, file]) => from === ROOT + by && found.url === ROOT + file);
      return watched === undefined ? found : { url: watched[2], shortCircuit: true };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const mine = edits.filter((edit) => url === ROOT + edit.file);
      if (mine.length === 0) return loaded;
      let source = String(loaded.source);
      for (const { file, from, to } of mine) {
        if (source.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`);
        source = source.replace(from, () => to);
      }
      return { ...loaded, source };
    },
  });
}
