/** The real CLI in a scratch project, with the scripted model behind it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { modelEnvironment } from '../../../playground/model/environment.ts';
import { type Model, startModel } from '../../../playground/model/server.ts';
import type { Verdict } from '../../../protocol/commands.ts';
import type { ClaudeSessionId, ProcessId, PromptId } from '../../../protocol/ids.ts';
import type {
  ClaudeEvent,
  ClaudeEventOf,
  ClaudeLive,
  ClaudeOptions,
  ClaudeProcess,
  ExitInfo,
} from '../../../runner/claude/line/types.ts';
import { createClaude } from '../../../runner/claude/process.ts';

export const CLAUDE_BIN = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.bin', 'claude');

export interface Scene {
  readonly model: Model;
  readonly home: string;
  readonly cwd: string;
  readonly heddleHome: string;
  readonly session: ClaudeSessionId;
}

/** A project, a home and a model of a test's own, gone after it. */
export async function scene(): Promise<Scene> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'heddle-e2e-')));
  const cwd = join(home, 'project');
  const heddleHome = join(home, 'heddle-home');
  mkdirSync(cwd);
  mkdirSync(heddleHome);
  const model = await startModel();
  onTestFinished(async () => {
    await model.close();
    // A CLI that was just killed may still be writing.
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return { model, home, cwd, heddleHome, session: randomUUID() as string as ClaudeSessionId };
}

type Opened = ClaudeEventOf<'requestOpened'>;

export class Session {
  readonly claude: ClaudeProcess;
  readonly events: ClaudeEvent[] = [];
  readonly lives: ClaudeLive[] = [];
  readonly exits: ExitInfo[] = [];
  #waiters: (() => void)[] = [];

  constructor(from: Scene, options: Partial<ClaudeOptions> = {}) {
    const wake = () => {
      for (const waiter of this.#waiters.splice(0)) waiter();
    };
    this.claude = createClaude(
      {
        bin: CLAUDE_BIN,
        cwd: from.cwd,
        claudeSession: from.session,
        resume: false,
        mode: 'default',
        settings: 'user',
        heddleHome: from.heddleHome,
        env: {
          PATH: process.env.PATH,
          DISCORD_BOT_TOKEN: 'discord-secret',
          HEDDLE_KEY: 'heddle-secret',
          CLAUDECODE: 'parent-session',
          ...modelEnvironment(from.model.url, from.home),
        },
        process: randomUUID() as string as ProcessId,
        ...options,
      },
      {
        onEvent: (event) => {
          this.events.push(event);
          wake();
        },
        onLive: (live) => {
          this.lives.push(live);
          wake();
        },
        onExit: (info) => {
          this.exits.push(info);
          wake();
        },
      },
    );
    onTestFinished(() => this.claude.end('ended'));
  }

  /** Waits for what `find` finds; everything that happened already counts. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  prompt(text: string): PromptId {
    const id = randomUUID() as string as PromptId;
    this.claude.prompt(id, text);
    return id;
  }

  ended(prompt: PromptId): Promise<ClaudeEventOf<'turnEnded'>> {
    return this.until(() =>
      this.events.find(
        (event): event is ClaudeEventOf<'turnEnded'> => event.kind === 'turnEnded' && event.prompt === prompt,
      ),
    );
  }

  /** The nth request that was opened, from 0. */
  request(n = 0): Promise<Opened> {
    return this.until(() => this.of('requestOpened')[n]);
  }

  decide(request: Opened, verdict: Verdict): ReturnType<ClaudeProcess['decide']> {
    return this.claude.decide({ request: request.request, inputHash: request.inputHash, verdict });
  }

  of<K extends ClaudeEvent['kind']>(kind: K): ClaudeEventOf<K>[] {
    return this.events.filter((event): event is ClaudeEventOf<K> => event.kind === kind);
  }

  /** All that Claude said, in order. */
  get said(): string {
    return this.of('text')
      .map((event) => event.text)
      .join('\n');
  }
}
