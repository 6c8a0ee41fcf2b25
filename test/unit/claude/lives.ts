/** Whether a process runs. A zombie that nobody has buried yet does not. */
import { processInfo } from '../../../runner/claude/process/tree.ts';

export async function lives(pid: number): Promise<boolean> {
  return (await processInfo(pid)) !== null;
}
