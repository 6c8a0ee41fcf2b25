import type { ClaudeOptions, ClaudeProcess, ClaudeSink } from './types.ts';

export function createClaude(_options: ClaudeOptions, _sink: ClaudeSink): ClaudeProcess {
  throw new Error('not implemented');
}
