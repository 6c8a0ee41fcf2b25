/** Whether the owner has trusted a folder in Claude itself. */
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isRecord, record } from '../line/json.ts';
import type { SettingsSources } from '../line/types.ts';

/**
 * 'all' when the folder, or one above it, is trusted in Claude, else 'user': then project settings and project hooks are
 * not read. Claude: with `-p` project hooks run without any trust, so this decides it instead.
 */
export async function settingsSources(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SettingsSources> {
  try {
    const config: unknown = JSON.parse(await readFile(configFile(env), 'utf8'));
    if (!isRecord(config)) return 'user';
    const projects = record(config, 'projects');
    let folder = await realpath(resolve(cwd));
    for (;;) {
      if (Object.hasOwn(projects, folder) && record(projects, folder).hasTrustDialogAccepted === true)
        return 'all';
      const parent = dirname(folder);
      if (parent === folder) return 'user';
      folder = parent;
    }
  } catch {
    // No file, no JSON, no folder: nothing says that it is trusted.
    return 'user';
  }
}

/** Claude: in the configuration folder when that is set, else in the home folder itself. */
function configFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.CLAUDE_CONFIG_DIR || env.HOME || homedir(), '.claude.json');
}
