/** The three walks. Loaded after the platform was replaced. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { InteractionId, ProjectName } from '../../protocol/ids.ts';
import { createClaude } from '../../runner/claude/process.ts';
import type { SessionAct } from '../../worker/domain/contract.ts';
import { GUILD, PARENT, STARTER } from '../simulation/models/people.ts';
import { type SessionClass, THREADS, World } from '../simulation/world.ts';
import { cli, type Line, onStdin } from './cli.ts';
import { Coverage, type Walked } from './coverage.ts';

/** Looks this often, a millisecond of real time and ten virtual ones each, before it gives up. */
const LOOKS_MAX = 20_000;
const SEED = 1;
/** After a turn the runner looks at the folder with git, which takes real time. Milliseconds. */
const REST_PAUSES = 300;
/** Longer than anything that follows from what was done, virtual. */
const REST_MS = 15_000;

/** The thread is drawn, and its other effects begin, while what was asked is on its way. */
const DRAWING = 'render|discord|session/view|session/effects|platform/side-work';
/** What each step of a session ends with, whatever it was: its alarm, its report, what is kept of it, whether its budget is used up. */
const HOUSEKEEPING =
  'platform/alarm-clock|platform/durations|session/rules/clock|session/state/summary|session/storage/retention|session/rules/prompts/listening|session/rules/money';
const BESIDE = new RegExp(`^worker/(${DRAWING}|${HOUSEKEEPING})\\b`);
/** What the parts of the thread look like: which of it is entered depends on what stands in the thread. */
const LOOKS = /^worker\/render\//;

export interface Walk {
  readonly name: string;
  /** Paths that are not of the way itself. */
  readonly beside: RegExp;
  readonly walked: Walked;
}

/** `pause`: a moment of real time, in which what the runner asked of the file system comes back. */
export async function walk(pause: () => Promise<void>): Promise<Walk[]> {
  const { Session } = (await load('session/session.ts')) as { Session: SessionClass };
  const { dispatch } = (await load('interactions/dispatch.ts')) as { dispatch: Dispatch };
  const folder = mkdtempSync(path.join(tmpdir(), 'heddle-walks-'));
  const paths = { home: path.join(folder, 'home'), project: path.join(folder, 'project') };
  for (const each of Object.values(paths)) mkdirSync(each);
  const world = new World(SEED, Session, paths, (start, sink) =>
    createClaude({ ...start, bin: process.execPath, heddleHome: paths.home, env: process.env }, sink),
  );
  try {
    return await new Walker(world, dispatch, pause).all();
  } finally {
    world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By a name that the compiler does not follow: the Worker's types are Cloudflare's. */
function load(file: string): Promise<unknown> {
  return import(new URL(`../../worker/${file}`, import.meta.url).href);
}

type Dispatch = (around: object, verified: unknown) => Promise<unknown>;

class Walker {
  readonly #world: World;
  readonly #dispatch: Dispatch;
  readonly #pause: () => Promise<void>;
  readonly #coverage = new Coverage();
  readonly #thread = THREADS[0] ?? missing('thread');
  #serial = 900_000_000_000_000_000n;
  /** The CLI's newest. */
  #prompt = '';
  /** What the walk that is under way ends in; and what it was, when it has. */
  #end: ((line: Line | null, discord: string) => boolean) | null = null;
  #walked: Walked | null = null;

  constructor(world: World, dispatch: Dispatch, pause: () => Promise<void>) {
    this.#world = world;
    this.#dispatch = dispatch;
    this.#pause = pause;
    onStdin((line) => this.#heard(line));
    const { discord } = world;
    const fetch = discord.fetch.bind(discord);
    discord.fetch = (url, init) => {
      this.#reached(null, `${init.method} ${String(init.body)}`);
      return fetch(url, init);
    };
  }

  async all(): Promise<Walk[]> {
    await this.#begin();
    const walks: Walk[] = [];
    for (const _ of ['not yet compiled', 'counted']) {
      walks.length = 0;
      const prompt = await this.#walk(
        () => this.#interact(this.#ask(`prompt ${this.#serial}`)),
        (line) => line?.type === 'user',
      );
      walks.push({ name: 'a prompt, from the interaction to the CLI', beside: BESIDE, walked: prompt });
      this.#say({ type: 'system', subtype: 'init', model: 'm', permissionMode: 'default' });
      const click = await this.#request();
      walks.push({
        name: 'a click on Allow, from the interaction to the CLI',
        beside: BESIDE,
        walked: click,
      });
      const delta = await this.#delta();
      walks.push({
        name: 'a text delta, from the CLI to the edit that shows it',
        beside: LOOKS,
        walked: delta,
      });
      this.#say({ type: 'result', subtype: 'success', is_error: false });
      await this.#rest();
    }
    return walks;
  }

  /** A session in the thread, with a process that has done its first turn. */
  async #begin(): Promise<void> {
    const { guild, runners } = this.#world;
    const runner = runners[0] ?? missing('runner');
    await this.#when(() => guild.runners.get(runner.id)?.presence.online === true);
    const open = {
      id: this.#id() as InteractionId,
      guild: GUILD,
      thread: this.#thread,
      parent: PARENT,
      card: 'parent',
      madeThread: true,
      origin: 'http://127.0.0.1:1',
      project: 'api' as ProjectName,
      starter: STARTER,
      text: 'begin',
      after: null,
    } as const;
    void guild.start(open, runner.id);
    await this.#when(() => this.#prompt !== '');
    this.#say({ type: 'system', subtype: 'init', model: 'm', permissionMode: 'default' });
    this.#say({ type: 'result', subtype: 'success', is_error: false });
    await this.#rest();
  }

  /** A permission is asked for, shown and allowed. */
  async #request(): Promise<Walked> {
    const request = `request-${this.#serial}`;
    this.#say({
      type: 'control_request',
      request_id: request,
      request: { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: request, input: { command: 'ls' } },
    });
    const allow = () =>
      this.#messages().flatMap((message) =>
        message.components.flatMap(({ components }) =>
          components.flatMap(({ custom_id = '' }) =>
            custom_id.startsWith('h1:allow:') ? [{ message: message.id, custom_id }] : [],
          ),
        ),
      )[0];
    await this.#when(() => allow() !== undefined);
    await this.#rest();
    const { message, custom_id } = allow() ?? missing('button');
    const data = { custom_id, component_type: 2 };
    return this.#walk(
      () => this.#interact({ type: 3, data, message: { id: message } }),
      (line) => line?.type === 'control_response',
    );
  }

  /** Text grows in a message that is there. */
  async #delta(): Promise<Walked> {
    const stream = (event: object) => this.#say({ type: 'stream_event', parent_tool_use_id: null, event });
    const text = (words: string) =>
      stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } });
    const [first, next] = [`first${this.#serial} words`, `next${this.#serial}`];
    stream({ type: 'message_start', message: { id: `message-${this.#serial}` } });
    stream({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    text(first);
    await this.#when(() => this.#messages().some(({ content }) => content.includes(first)));
    await this.#rest();
    const walked = await this.#walk(
      () => text(` and ${next}`),
      (_, discord) => discord.startsWith('PATCH') && discord.includes(next),
    );
    stream({ type: 'content_block_stop', index: 0 });
    this.#say({ type: 'assistant', message: { content: [{ type: 'text', text: `${first} and ${next}` }] } });
    stream({ type: 'message_stop' });
    return walked;
  }

  // ---------------------------------------------------------------- Discord, the CLI, time

  #messages() {
    return this.#world.discord.channel(this.#thread).messages.filter(({ deleted }) => !deleted);
  }

  #ask(text: string): object {
    return {
      type: 2,
      data: { id: '1', type: 1, name: 'ask', options: [{ name: 'prompt', type: 3, value: text }] },
    };
  }

  /** As the Worker gets it after the signature was checked. */
  #interact(interaction: object): void {
    const { host } = this.#world.thread(this.#thread);
    const object = { act: (act: SessionAct) => host.rpc((session) => session.act(act)) };
    const env = { SESSION: { getByName: () => object }, DISCORD_API_URL: 'http://127.0.0.1:2/api' };
    const { id, name, roles, permissions } = STARTER;
    const verified = {
      id: this.#id(),
      application_id: '900',
      token: 'token',
      version: 1,
      guild_id: GUILD,
      channel_id: this.#thread,
      channel: { id: this.#thread, type: 11, parent_id: PARENT },
      member: { user: { id, username: name }, roles, permissions },
      app_permissions: String(2n ** 50n - 1n),
      context: 0,
      authorizing_integration_owners: { 0: GUILD },
      ...interaction,
    };
    void this.#dispatch({ env, origin: 'http://127.0.0.1:1', waitUntil: () => {} }, verified);
  }

  #id(): string {
    this.#serial += 1n;
    return String(this.#serial);
  }

  #say(line: object): void {
    const runner = this.#world.runners[0] ?? missing('runner');
    const about = { session_id: 's', uuid: this.#id(), user_message_uuids: [this.#prompt] };
    this.#world.clock.enter(runner.life, () => (cli ?? missing('CLI')).say({ ...about, ...line }));
  }

  #heard(line: Line): void {
    this.#reached(line, '');
    if (line.type === 'user') this.#prompt = line.uuid ?? '';
    if (line.type !== 'control_request') return;
    const response = { current_permission_mode: 'default', claude_code_version: '2.1.330' };
    this.#say({
      type: 'control_response',
      response: { subtype: 'success', request_id: line.request_id, response },
    });
  }

  async #walk(begin: () => void, end: (line: Line | null, discord: string) => boolean): Promise<Walked> {
    this.#walked = null;
    this.#end = end;
    this.#coverage.take();
    begin();
    await this.#when(() => this.#walked !== null);
    return this.#walked ?? missing('walk');
  }

  #reached(line: Line | null, discord: string): void {
    if (this.#end?.(line, discord) !== true) return;
    this.#walked = this.#coverage.take();
    this.#end = null;
  }

  /** What was begun is done, and shown. */
  async #rest(): Promise<void> {
    for (let pauses = 0; pauses < REST_PAUSES; pauses += 1) await this.#pause();
    await this.#world.clock.runUntil(this.#world.clock.nowMs + REST_MS);
  }

  async #when(so: () => boolean): Promise<void> {
    for (let looks = 0; !so(); looks += 1) {
      if (looks > LOOKS_MAX)
        throw new Error(`this never came: ${so}\n${this.#world.trace.slice(-40).join('\n')}`);
      await this.#world.clock.runUntil(this.#world.clock.nowMs + 10);
      await this.#pause();
    }
    if (this.#world.violation !== null) throw this.#world.violation;
  }
}

function missing(what: string): never {
  throw new Error(`there is no ${what}`);
}
