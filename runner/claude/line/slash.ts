/** Claude's own slash commands as prompts: `/compact keep the names`. */
import { slashRefusal } from '../../../protocol/slash.ts';
import type { ClaudeOffers } from './offers.ts';

const SLASH = /^\/([\w:.-]{1,80})(?:\s|$)/;
/** Claude: from this version on `CLAUDE_CODE_DISABLE_FILE_MENTIONS` keeps `@path` from being read. */
const MENTIONS_OFF_FROM: readonly [number, number, number] = [2, 1, 330];

/** Why this prompt may not be given to this CLI as a slash command; null when it may. */
export function whyNotSlash(text: string, offers: ClaudeOffers, version: string): string | null {
  const name = SLASH.exec(text)?.[1];
  if (name === undefined) return 'That is no slash command.';
  const refused = slashRefusal(name);
  if (refused !== null) return refused;
  if (!offers.known.has(name)) return `Claude has no command /${name} in this project.`;
  if (text.includes('@') && !isFrom(version, MENTIONS_OFF_FROM))
    return 'With this version of Claude @ would read files without asking, so a command may not have it. Update Claude on the runner.';
  return null;
}

function isFrom(version: string, [major, minor, patch]: readonly [number, number, number]): boolean {
  const [a = 0, b = 0, c = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  if (a !== major) return a > major;
  return b === minor ? c >= patch : b > minor;
}
