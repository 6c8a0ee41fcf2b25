import type { Edit } from './platform/hooks.ts';

export interface Mutant {
  readonly name: string;
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

export const MUTANTS: readonly Mutant[] = [];
