import { existsSync } from 'node:fs';
import { developmentClaude, type Located, locateClaude } from '../../runner/claude/process/locate.ts';

/**
 * The CLI to use. With the scripted model it is the pinned one unless another was named, so that the playground is the
 * same everywhere; live it is the person's own.
 */
export function findClaude(named: string | null, live: boolean): Promise<Located> {
  const pinned = developmentClaude();
  const flag = named ?? (process.env.CLAUDE_BIN || (!live && existsSync(pinned) ? pinned : undefined));
  return locateClaude({ env: process.env, ...(flag === undefined ? {} : { flag }) });
}
