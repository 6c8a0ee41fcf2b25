import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Located, locateClaude } from '../../runner/claude/process/locate.ts';

const OWN = fileURLToPath(new URL('../../node_modules/.bin/claude', import.meta.url));

/**
 * The CLI to use. With the scripted model it is the pinned one unless another was named, so that the playground is the
 * same everywhere; live it is the person's own.
 */
export function findClaude(named: string | null, live: boolean): Promise<Located> {
  const flag = named ?? (process.env.CLAUDE_BIN || undefined) ?? (!live && existsSync(OWN) ? OWN : undefined);
  return locateClaude({ env: process.env, ...(flag === undefined ? {} : { flag }) });
}
