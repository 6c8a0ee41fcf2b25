/** What the model says in one message, before it is streamed. */
export interface Pace {
  /** Pause before each delta. */
  readonly intervalMs: number;
  /** Characters in a delta. */
  readonly size: number;
}

export type PlayBlock =
  | { readonly type: 'text'; readonly text: string; readonly pace?: Pace }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly input: Record<string, unknown> };

/** What came back from a tool call. */
export interface ToolReturn {
  readonly text: string;
  readonly failed: boolean;
}

/** What a beat may look at: everything comes from the request, so the same request gets the same answer. */
export interface Stage {
  /** Results of the message before this one, in the order of its calls. */
  readonly returns: readonly ToolReturn[];
  /** Prompts of the person, oldest first, the current one last. */
  readonly prompts: readonly string[];
  /** Names of the tools that the CLI offers whole. */
  readonly tools: ReadonlySet<string>;
  /** The whole conversation as text, for what the CLI tells the model in passing (the plan file's path). */
  readonly transcript: string;
}

/** A message ends after a beat that calls tools; beats that only talk go into the next message. */
export interface Beat {
  readonly calls: boolean;
  readonly play: (stage: Stage) => readonly PlayBlock[];
}

/** How the API itself fails instead of answering. */
export type Failure =
  | { readonly type: 'status'; readonly status: number; readonly times: number }
  /** The plan's usage limit is reached, until so many seconds from now. Claude: only a login of a plan (OAuth) is told so. */
  | { readonly type: 'limit'; readonly seconds: number; readonly times: number }
  /** The script calls what the request does not offer: no model could. */
  | { readonly type: 'unoffered'; readonly tools: readonly string[]; readonly times: number }
  /** The connection breaks after this many characters of the answer. */
  | { readonly type: 'cut'; readonly after: number; readonly times: number };

export interface Play {
  readonly scene: string;
  readonly beats: readonly Beat[];
  readonly failure?: Failure;
}

export const talk = (play: (stage: Stage) => string): Beat => ({
  calls: false,
  play: (stage) => [{ type: 'text', text: play(stage) }],
});
export const say = (text: string): Beat => talk(() => text);
export const call = (...tools: readonly (readonly [string, Record<string, unknown>])[]): Beat => ({
  calls: true,
  play: () => tools.map(([name, input]) => ({ type: 'tool', name, input })),
});
