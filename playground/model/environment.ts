/** The environment with which the real CLI talks to the scripted model and to nobody else. */
import { join } from 'node:path';

/**
 * Variables to lay over a parent's environment. `dir` becomes the CLI's home: its settings and transcripts stay there.
 * Claude: with these set it makes no connection but to `url`, asks no trust question and needs no login.
 */
export function modelEnvironment(url: string, dir: string): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'sk-ant-scripted',
    CLAUDE_CONFIG_DIR: join(dir, '.claude'),
    HOME: dir,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    // The CLI's own default of 10 waits for minutes before it says that the API fails.
    CLAUDE_CODE_MAX_RETRIES: '2',
  };
}
