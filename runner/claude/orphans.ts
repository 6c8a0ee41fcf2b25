/** What identifies a process beyond its pid, which the system uses again. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it started, in the system's own words: compared, never parsed. */
  readonly started: string;
  readonly command: string;
}

/** Null when there is no such process. */
export async function recordProcess(_pid: number): Promise<ProcessRecord | null> {
  return null;
}

/** Ends a recorded process and all it started, if pid, start time and command line all still match. Resolves when it is gone. */
export async function endOrphan(_record: ProcessRecord): Promise<'ended' | 'gone' | 'other'> {
  return 'gone';
}
