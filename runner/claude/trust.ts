import type { SettingsSources } from './types.ts';

/** 'all' when the owner has trusted this folder in Claude itself, else 'user'. */
export async function settingsSources(
  _cwd: string,
  _env: Readonly<Record<string, string | undefined>>,
): Promise<SettingsSources> {
  return 'user';
}
