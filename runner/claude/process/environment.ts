/** The environment of a CLI process. Its tools see all of it, so it is an allow-list: no secret of ours or of anybody else gets in. */

import { personsPath } from '../../base/own.ts';
import { fixedPath } from '../../base/programs.ts';
import type { SettingsSources } from '../line/types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ALLOWED = new Set([
  // What any program needs, beside PATH.
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TERM',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
  // How it reaches the network.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Where tool chains are.
  'NVM_DIR',
  'VOLTA_HOME',
  'PNPM_HOME',
  'BUN_INSTALL',
  'DENO_INSTALL',
  'JAVA_HOME',
  'ANDROID_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'PYENV_ROOT',
  'RBENV_ROOT',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  // Claude's own. Named one by one: others of the same prefix belong to a Claude session that Heddle may run inside.
  'CLAUDE_CONFIG_DIR',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_API_KEY_HELPER_TTL_MS',
  'CLAUDE_CODE_MAX_RETRIES',
  'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
  // What its owner has switched off stays off.
  'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
  'CLAUDE_CODE_DISABLE_AUTO_MEMORY',
  'CLAUDE_CODE_DISABLE_BACKGROUND_TASKS',
  'CLAUDE_CODE_DISABLE_BUNDLED_SKILLS',
  'CLAUDE_CODE_DISABLE_CLAUDE_MDS',
  'CLAUDE_CODE_DISABLE_CRON',
  'CLAUDE_CODE_DISABLE_FAST_MODE',
  'CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS',
  'CLAUDE_CODE_DISABLE_WEB_FETCH',
  'CLAUDE_CODE_DISABLE_WORKFLOWS',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_SKIP_BEDROCK_AUTH',
  'CLAUDE_CODE_SKIP_VERTEX_AUTH',
  'API_TIMEOUT_MS',
  'DISABLE_TELEMETRY',
  'DISABLE_ERROR_REPORTING',
]);

/** Credentials of a cloud, only when Claude was told to use that cloud. */
const CLOUDS: readonly (readonly [flag: string, prefixes: readonly string[]])[] = [
  ['CLAUDE_CODE_USE_BEDROCK', ['AWS_']],
  ['CLAUDE_CODE_USE_VERTEX', ['GOOGLE_', 'CLOUDSDK_', 'CLOUD_ML_', 'VERTEX_']],
  ['CLAUDE_CODE_USE_FOUNDRY', ['AZURE_']],
];

const OURS: Readonly<Record<string, string>> = {
  // The CLI must not change under a running session; its owner updates it.
  DISABLE_AUTOUPDATER: '1',
  // With `client_composed` on each prompt: `@path` in text from Discord must not read files.
  CLAUDE_CODE_DISABLE_FILE_MENTIONS: '1',
  // Claude: a to-do list of its own, which an interactive session has and this kind has not; neither alone does.
  CLAUDE_CODE_ENABLE_TODO_TOOLS: '1',
  CLAUDE_CODE_ENABLE_TASKS: '1',
  // Claude keeps what its tools change, so that a turn can be undone.
  CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING: 'true',
  // Claude: runs jobs of the folder's `.claude/scheduled_tasks.json`, whichever session made them, as words of a user. A thread cannot show jobs yet.
  CLAUDE_CODE_DISABLE_CRON: '1',
};

/** For a folder that nobody trusted: what it holds does nothing by itself. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_CRON: '1',
  // Claude 2.1.248: its own look at the repository, for the system prompt, runs the filters that the repository names.
  CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS: '1',
  // Claude 2.1.248: the folder's settings, which are not read, say where memory is, and in there it reads and writes without asking.
  CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
};

/** What Heddle sets itself. Claude: `env` in settings comes after its environment, so both have to have it. */
export function heddleVariables(settings: SettingsSources): Record<string, string> {
  return { ...OURS, ...(settings === 'user' ? UNTRUSTED : {}) };
}

export function claudeEnvironment(parent: Environment, settings: SettingsSources): Record<string, string> {
  const prefixes = ['ANTHROPIC_', 'LC_'];
  for (const [flag, own] of CLOUDS) if (isOn(parent[flag])) prefixes.push(...own);
  const path = fixedPath(personsPath(parent));
  const environment: Record<string, string> = path === null ? {} : { PATH: path };
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue;
    if (ALLOWED.has(name) || prefixes.some((prefix) => name.startsWith(prefix))) environment[name] = value;
  }
  return { ...environment, ...heddleVariables(settings) };
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false';
}
