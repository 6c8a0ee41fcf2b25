/** A request to the Messages API -> what to answer. Pure: the same request gets the same answer. */
import { type Beat, type Play, type PlayBlock, type Stage, say, type ToolReturn } from './blocks.ts';
import { SCENES } from './scenes.ts';

export interface Body {
  readonly messages: readonly Message[];
  readonly system: string;
  /** Those that stand whole in the request. */
  readonly tools: ReadonlySet<string>;
  readonly stream: boolean;
  readonly model: string;
}
export interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
}
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly id: string; readonly name: string }
  | { readonly type: 'result'; readonly id: string; readonly text: string; readonly failed: boolean }
  | { readonly type: 'other' };

const NOTIFIED = 'The background task has ended.';
/** A play that is longer than this is over, whatever the CLI says: nothing loops. */
const MESSAGES_MAX = 40;

/** Claude: brings in tools that are named only, by `select:<name>,<name>`. */
const SEARCH = 'ToolSearch';

const CANNED = [
  /^Tool loaded\./,
  /^\[Request interrupted by user/,
  /^\[Tool call interrupted/,
  /^No response requested/,
  /^Caveat: /,
  /^Output token limit hit/,
  // Claude: says where it has put a picture that came with a prompt.
  /^\[Image: source: /,
];

/** What a person wrote, without what the CLI puts around it; empty when it is the CLI's alone. */
export function personText(text: string): string {
  const own = text
    .replace(/<(system-reminder|task-notification|local-command-\w+|command-\w+)>[\s\S]*?<\/\1>/g, '')
    .trim()
    // Heddle says who wrote it where several people do.
    .replace(/^\[@[^\]\n]*\] /, '');
  return CANNED.some((canned) => canned.test(own)) ? '' : own;
}

/**
 * What began turns, in order: prompts, and notifications of the CLI's (null). Each text part is one: after a turn that
 * failed or was interrupted, the CLI sends its prompt and the next one as parts of the same message.
 */
function beginnings(message: Message): (string | null)[] {
  if (message.role !== 'user') return [];
  const found: (string | null)[] = [];
  for (const part of message.parts) {
    if (part.type !== 'text') continue;
    const prompt = personText(part.text);
    if (prompt !== '') found.push(prompt);
    else if (part.text.includes('<task-notification>')) found.push(null);
  }
  return found;
}

export interface Answer {
  readonly scene: string;
  readonly prompt: string;
  readonly blocks: readonly PlayBlock[];
  readonly failure?: Play['failure'];
}

export function answer(body: Body): Answer {
  const side = sideRequest(body);
  if (side !== null) return { scene: 'side', prompt: '', blocks: [{ type: 'text', text: side }] };
  const prompts: string[] = [];
  let at = -1;
  let notified = false;
  // Claude: what it says to the model in passing stands between the messages, with the role `system`.
  const talk = body.messages.filter((message) => message.role !== 'system');
  talk.forEach((message, index) => {
    for (const beginning of beginnings(message)) {
      at = index;
      notified = beginning === null;
      if (beginning !== null) prompts.push(beginning);
    }
  });
  const prompt = prompts.at(-1) ?? '';
  if (notified) return { scene: 'notified', prompt: '', blocks: [{ type: 'text', text: NOTIFIED }] };
  // Looking for tools is no step of the script.
  const since = talk.slice(at + 1).filter((message) => !isSearch(message));
  const said = since.filter((message) => message.role === 'assistant').length;
  const play = choose(prompt);
  const stage: Stage = {
    returns: lastReturns(since),
    prompts,
    tools: body.tools,
    transcript: transcriptOf(body),
  };
  const blocks = said >= MESSAGES_MAX ? [] : messageAt(play.beats, said, stage);
  const answered = (next: readonly PlayBlock[], failure = play.failure): Answer => ({
    scene: play.scene,
    prompt,
    blocks: next.length === 0 ? [{ type: 'text', text: 'Done.' }] : next,
    ...(failure === undefined ? {} : { failure }),
  });
  const missing = blocks.flatMap((block) =>
    block.type === 'tool' && !body.tools.has(block.name) ? [block.name] : [],
  );
  if (missing.length === 0) return answered(blocks);
  const named = body.tools.has(SEARCH) ? missing.filter((name) => isNamed(name, body)) : [];
  if (named.length < missing.length)
    return answered(blocks, { type: 'unoffered', tools: missing, times: Number.POSITIVE_INFINITY });
  const query = `select:${[...new Set(named)].join(',')}`;
  return answered([{ type: 'tool', name: SEARCH, input: { query, max_results: named.length } }]);
}

/** Claude: tools that it keeps back stand in a list of its own, a line each. */
function isNamed(tool: string, body: Body): boolean {
  const said = body.messages.filter((message) => message.role === 'system').flatMap(({ parts }) => parts);
  const lines = said.flatMap((part) => (part.type === 'text' ? part.text.split('\n') : []));
  return lines.includes(tool);
}

function isSearch({ role, parts }: Message): boolean {
  const calls = parts.filter((part) => part.type === 'call');
  return role === 'assistant' && calls.length > 0 && calls.every(({ name }) => name === SEARCH);
}

/** `then` separates, but what follows `run:`, `say:` or `call:` is verbatim: a shell's `then` is not ours. */
function piecesOf(prompt: string): string[] {
  const verbatim = /\b(?:run|say|call):/i.exec(prompt);
  const head = verbatim === null ? prompt : prompt.slice(0, verbatim.index);
  const pieces = head.split(/\s+then(?:\s+|$)/i);
  if (verbatim === null) return pieces;
  // Words before it in the same piece are an introduction, as in "please run: ls".
  return [...pieces.slice(0, -1), prompt.slice(verbatim.index)];
}

/** Which scenes a prompt asks for, `then` between them. */
export function choose(prompt: string): Play {
  const found = [];
  for (const piece of piecesOf(prompt)) {
    for (const scene of SCENES) {
      const match = scene.pattern.exec(piece);
      if (match === null) continue;
      found.push({ scene, args: match.slice(1) });
      break;
    }
  }
  const first = found[0];
  if (first === undefined) return { scene: 'plain', beats: [say(plain(prompt))] };
  const failing = found.find(({ scene }) => scene.failure !== undefined);
  const failure = failing?.scene.failure?.(failing.args);
  return {
    scene: first.scene.name,
    beats: found.flatMap(({ scene, args }) => scene.beats(args)),
    ...(failure === undefined ? {} : { failure }),
  };
}

const QUOTED_PROMPT_MAX = 200;

function plain(prompt: string): string {
  const quoted = prompt.length > QUOTED_PROMPT_MAX ? `${prompt.slice(0, QUOTED_PROMPT_MAX)}…` : prompt;
  return `Hello! You said: “${quoted}”. I am the scripted model of the playground, so this answer is made up. Ask for \`help\` to see which words make me read, edit, run commands or ask you something.`;
}

/** The blocks of the nth message: beats up to and with the nth one that calls tools. */
function messageAt(beats: readonly Beat[], n: number, stage: Stage): readonly PlayBlock[] {
  const blocks: PlayBlock[] = [];
  let message = 0;
  for (const beat of beats) {
    if (message === n) blocks.push(...beat.play(stage));
    if (beat.calls) message += 1;
    if (message > n) break;
  }
  return blocks;
}

/** What the newest calls returned, in the order of the calls. Claude: results come in the order in which tools ended. */
function lastReturns(since: readonly Message[]): ToolReturn[] {
  const last = since.findLastIndex((message) => message.role === 'assistant');
  const calls = (since[last]?.parts ?? []).filter((part) => part.type === 'call');
  const results = since.slice(last + 1).flatMap((message) => message.parts);
  return calls.flatMap(({ id }) => {
    const found = results.find((part) => part.type === 'result' && part.id === id);
    return found?.type === 'result' ? [{ text: found.text, failed: found.failed }] : [];
  });
}

function transcriptOf(body: Body): string {
  const parts = body.messages.flatMap((message) => message.parts);
  return [body.system, ...parts.map((part) => ('text' in part ? part.text : ''))].join('\n');
}

/** Small requests that the CLI makes beside the conversation offer no tools. Null: this is the conversation. */
function sideRequest(body: Body): string | null {
  const last = body.messages.at(-1);
  const text = (last?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  if (/summary of the conversation|create a detailed summary/i.test(text))
    return '<summary>\nThe person tried the scripted model; nothing is left to do.\n</summary>';
  if (body.tools.size > 0) return null;
  const named = /\bcall it “([^”]+)”/.exec(text)?.[1];
  if (/title/i.test(body.system) && named !== undefined) return JSON.stringify({ title: named });
  // A count of tokens by asking, or a check that the model answers.
  return 'OK';
}
