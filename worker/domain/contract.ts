/** What the Worker, the Guild object and the Session objects ask of each other. All of it crosses RPC, so it is plain data. */

import type { From } from '../../protocol/commands.ts';
import type { PromptFile } from '../../protocol/files.ts';
import type {
  ChannelId,
  Gen,
  GuildId,
  InteractionId,
  MessageId,
  ProjectName,
  RunnerId,
  ThreadId,
  UserId,
} from '../../protocol/ids.ts';
import type { Member, RunnerAccess } from './access.ts';
import type { CustomId } from './buttons.ts';
import type { ButtonRow, MenuOption } from './slot.ts';
import type { Person } from './transcript.ts';

/** Where an interaction happened, as Discord's signed payload says. */
export interface Place {
  readonly guild: GuildId;
  readonly channel: ChannelId;
  /** Discord's channel type. */
  readonly channelType: number;
  /** The parent channel when it is a thread and Discord said so. */
  readonly parent: ChannelId | null;
  /** What the bot may do there, permission bits in decimal. */
  readonly appPermissions: string;
}

/** What one interaction answers within Discord's 3 s. */
export type Answer =
  /** For the one who acted alone. */
  | { readonly kind: 'private'; readonly text: string; readonly rows?: readonly ButtonRow[] }
  /** Replaces the message whose button was pressed. */
  | { readonly kind: 'update'; readonly text: string; readonly rows: readonly ButtonRow[] }
  /** Opens a form. Discord: only as the first response, and never in answer to a form. */
  | { readonly kind: 'modal'; readonly modal: Modal };

/** A form. What is filled in comes back as a press of the same custom id, with `fields`. */
export interface Modal {
  /** See buttons.ts. */
  readonly id: string;
  /** 45 characters at most (Discord). */
  readonly title: string;
  /** 1 to 5 (Discord). */
  readonly fields: readonly ModalField[];
}

interface Labelled {
  /** Names the field in what comes back. */
  readonly id: string;
  /** 45 characters at most (Discord). */
  readonly label: string;
  /** 100 characters at most (Discord). */
  readonly description?: string;
  readonly required: boolean;
}

export type ModalField =
  | (Labelled & {
      readonly kind: 'text';
      readonly style: 'line' | 'paragraph';
      readonly value?: string;
      readonly placeholder?: string;
      /** 4,000 characters at most (Discord). */
      readonly max?: number;
    })
  | (Labelled & {
      readonly kind: 'choice';
      /** How many may be chosen. */
      readonly max: number;
      readonly options: readonly MenuOption[];
    });

/** What was filled in, by field: a text as its only value. */
export type Fields = Readonly<Record<string, readonly string[]>>;

/** A button, a menu or a form was used. */
export interface Press {
  readonly id: CustomId;
  /** The message that it is on; null: a form that no message opened. */
  readonly message: MessageId | null;
  /** What was chosen in a menu. */
  readonly values?: readonly string[];
  /** The form that this custom id opened was sent. */
  readonly fields?: Fields;
}

interface Interaction {
  /** Answers are kept by it for 24 h, so that a second delivery changes nothing and gets the same answer. */
  readonly id: InteractionId;
  readonly member: Member;
  readonly place: Place;
}

/** One of these acts, with its name. */
type ActOf<Acts> = { [K in keyof Acts]: { readonly do: K } & Acts[K] }[keyof Acts];

// ---------------------------------------------------------------- Session

/** Where a session is to begin, as far as the member said. Absent is as null. */
export interface Where {
  /** The name of the runner. */
  readonly runner?: string | null;
  /** In a git worktree of its own. `name` null: Heddle names it. */
  readonly worktree?: { readonly name: string | null } | null;
}

/** Files that come with a prompt, checked as far as Discord says what they are. */
export interface Attached {
  readonly files?: readonly PromptFile[];
}

/** A conversation that a runner has and that a session goes on from. It can begin nowhere else. */
export interface Origin {
  readonly runner: RunnerId;
  readonly project: ProjectName;
  /** Untrusted text. */
  readonly title: string;
  readonly from: From;
  /** The name of the git worktree that it works in; the copy goes on in it. */
  readonly worktree?: string;
}

/** What `/settings` sets, as a person chose or typed it; `default`, and for the mode `runner`, is what it has without a wish. */
export const SETTINGS = ['model', 'mode', 'effort', 'verbosity', 'notify', 'messages'] as const;
export type Setting = (typeof SETTINGS)[number];

/** What a person can do in a session's thread: each act by its name, with what it carries. */
export interface SessionActs {
  readonly ask: { readonly text: string } & Pick<Where, 'runner'> & Attached;
  /** `/new` where a session is: ends it, or asks first while a turn runs. */
  readonly new: { readonly text: string | null; readonly project: ProjectName | null } & Where & Attached;
  readonly stop: object;
  /** The files as they were before the newest turn: what that would change, and with `confirm` that it is done. */
  readonly undo: { readonly confirm: boolean };
  readonly status: object;
  /** What the session may cost before it pauses; null: as much as it likes. */
  readonly budget: { readonly usd: number | null };
  /** What is given is set; the answer is the panel, or with `panel` false only what was set. */
  readonly settings: { readonly [S in Setting]?: string } & { readonly panel?: false };
  /** One of Claude's own slash commands, as a prompt. */
  readonly slash: { readonly command: string; readonly args: string };
  /** What waits, with its buttons. */
  readonly queue: object;
  /** `worktree`: what becomes of the session's own one; without it the thread asks. */
  readonly end: { readonly worktree?: 'keep' | 'remove' };
  /** Goes on with the conversation that ended here. */
  readonly resume: object;
  /** A new thread that goes on from here; this one stays as it is. */
  readonly fork: { readonly text: string | null };
  readonly press: Press;
}

export type SessionDo = ActOf<SessionActs>;

export interface SessionAct extends Interaction {
  /** The Guild asks, for a thread of its directory: the interaction happened elsewhere in the server. */
  readonly through?: 'guild';
  readonly act: SessionDo;
}

export type SessionAnswer =
  | Answer
  /** No conversation is here, or the last one is over: the Guild begins one with this. */
  | ({
      readonly kind: 'start';
      readonly text: string | null;
      readonly project: ProjectName | null;
      /** The conversation that the next one follows; null: the thread has none. */
      readonly after: Gen | null;
      /** It is to begin in a thread of its own, as a copy of this. */
      readonly origin?: Origin;
    } & Where &
      Attached);

export interface SessionOpen {
  /** The interaction that began it; a second open with the same changes nothing. */
  readonly id: InteractionId;
  readonly guild: GuildId;
  readonly thread: ThreadId;
  readonly parent: ChannelId | null;
  /** The session card: in the parent channel (kept by the Guild), or in the thread (kept by the Session). */
  readonly card: 'parent' | 'thread';
  /** Heddle made the thread, so Heddle may archive it. */
  readonly madeThread: boolean;
  /** Where runners reach the Worker: scheme, host, port. Their tokens must name it. */
  readonly origin: string;
  readonly runner: RunnerFacts;
  readonly project: ProjectName;
  readonly worktree?: Where['worktree'];
  readonly starter: Member;
  /** What the session may cost before it pauses; absent or null: as much as it likes. */
  readonly budgetUsd?: number | null;
  readonly files?: readonly PromptFile[];
  readonly text: string | null;
  /** The conversation that it follows, as the Session answered. A newer one that goes on is not ended by it. */
  readonly after: Gen | null;
  /** What Claude goes on from; absent: from nothing. */
  readonly from?: From;
  /** Until it is asked something. Untrusted text. */
  readonly title?: string;
}

export interface RunnerFacts {
  readonly id: RunnerId;
  readonly name: string;
  /** Ed25519, raw, base64url. */
  readonly publicKey: string;
  readonly access: RunnerAccess;
  readonly presence: Presence;
}

/** `rev` is raised by each change; an older one never replaces a newer one. Absent in what older code stored: 0. */
export type Presence =
  | { readonly online: true; readonly rev?: number }
  | { readonly online: false; readonly sinceMs: number | null; readonly rev?: number };

export type SessionOpened =
  | { readonly ok: true; readonly gen: Gen }
  | { readonly ok: false; readonly why: string };

// ---------------------------------------------------------------- Guild

/** What a person can do in a guild outside of a session: each act by its name, with what it carries. */
export interface GuildActs {
  /** `/new`, or `/ask` where no session is. */
  readonly start: {
    readonly text: string | null;
    readonly project: ProjectName | null;
    /** Begin in this thread instead of making one. */
    readonly thread: boolean;
    /** As the Session of that thread answered. */
    readonly after: Gen | null;
    /** It goes on from this; nothing else of the wish counts. */
    readonly goesOn?: Origin;
  } & Token &
    Where &
    Attached;
  /** The sessions of the server. */
  readonly status: { readonly filter: SessionFilter };
  /** What a session that begins here may cost when nobody says otherwise; null: as much as it likes. */
  readonly budget: { readonly usd: number | null };
  readonly pair: Token;
  readonly runners: object;
  /** Ends every session that the member may end. */
  readonly endAll: object;
  /** Goes on with the ended session of that thread. */
  readonly resume: { readonly thread: ThreadId };
  /** A copy of the session of that thread. */
  readonly fork: { readonly thread: ThreadId; readonly text: string | null } & Token;
  /** Goes on, in a thread of its own, with a conversation that the runner's owner began in a terminal. */
  readonly adopt: { readonly runner: RunnerId; readonly claudeSession: string } & Token;
  readonly share: { readonly runner: string; readonly with: ShareTarget; readonly on: boolean };
  readonly unpair: { readonly runner: string };
  /** Binds this channel, or the channel of this thread, to a project. `runner`: its name; null: any that has it. */
  readonly bind: { readonly project: ProjectName; readonly runner: string | null };
  readonly unbind: object;
  readonly projects: object;
  readonly press: Press;
}

interface Token {
  /** The interaction's token, to tell who acted what comes of it later. */
  readonly token: string;
}

export type GuildDo = ActOf<GuildActs>;

/** One line of an autocomplete list. */
export interface Choice {
  /** 100 characters at most (Discord). */
  readonly name: string;
  readonly value: string;
}

/** Which names are offered: the member's own runners, those that the member may use, the projects on them, those of the listed sessions. */
export type ChoiceOf = 'runner' | 'anyRunner' | 'project' | 'listedProject';
/** What `/resume` and `/fork` go on with. */
export type GoesOn = 'resume' | 'fork';
/** What a session may choose from, as its runner reported it. */
export type OfferOf = 'model' | 'mode' | 'effort' | 'command';

export type ShareTarget = { readonly member: string } | { readonly role: string };

export interface GuildAct extends Interaction {
  readonly act: GuildDo;
  /** Where this Worker is reached: scheme, host, port. */
  readonly origin: string;
}

/** Which sessions a list shows; null: all. */
export interface SessionFilter {
  /** `active`: all that did not end. */
  readonly state: 'active' | SessionState['is'] | null;
  /** Who began it. */
  readonly person: UserId | null;
  readonly project: ProjectName | null;
}

/** What was spent. */
export interface Spent {
  readonly turns: number;
  readonly costUsd: number;
  readonly tokens: { readonly in: number; readonly out: number };
}

/** What one model cost; its name is untrusted text. */
export interface ModelSpent {
  readonly model: string;
  readonly costUsd: number;
  readonly in: number;
  readonly out: number;
}

/** The state of a session as the directory lists it and the session card shows it. */
export interface SessionSummary {
  readonly gen: Gen;
  /** It goes on with that one, which ended: its turns, tokens and cost are counted here. */
  readonly continues?: Gen;
  /** It ended, and Claude can go on with it. */
  readonly resumable?: true;
  readonly state: SessionState;
  /** The first prompt's first words. Untrusted text. */
  readonly title: string;
  readonly project: ProjectName;
  readonly runner: RunnerId;
  readonly starter: Person;
  readonly startedMs: number;
  readonly activeMs: number;
  readonly turns: number;
  readonly queued: number;
  readonly costUsd: number;
  readonly tokens: { readonly in: number; readonly out: number };
  /** Files that the last turn changed; absent: none. */
  readonly files?: number;
  /** What the conversation that it continues had spent, which is part of the counts here. */
  readonly inherited?: Spent;
  /*
   * What follows changes often and is worth no report of its own: it comes with the others, and `/status` asks the sessions that it lists
   * for the present. Absent in what older code reported.
   */
  readonly model?: string | null;
  readonly mode?: string | null;
  /** Prompts, and finished texts of Claude. */
  readonly messages?: number;
  /** How full the context window is, 0 to 1. */
  readonly context?: number;
  readonly models?: readonly ModelSpent[];
  readonly budgetUsd?: number;
  /** The tool call that runs now. Untrusted text. */
  readonly doing?: string;
  /** Has something for the runner to do, or a turn or request of it open: the runner should be linked. */
  readonly work: boolean;
}

export type SessionState =
  | { readonly is: 'idle' }
  | { readonly is: 'running'; readonly sinceMs: number }
  | { readonly is: 'waiting'; readonly for: string; readonly who: Person; readonly message: MessageId | null }
  | { readonly is: 'offline'; readonly sinceMs: number | null }
  /** Its budget is used up. */
  | { readonly is: 'paused'; readonly budgetUsd: number }
  | { readonly is: 'failed'; readonly words: string }
  | { readonly is: 'ended' };

export interface SessionReport {
  readonly thread: ThreadId;
  readonly gen: Gen;
  /** Raised by each report; a lower one is ignored. */
  readonly rev: number;
  readonly summary: SessionSummary;
}

/** What the Guild knows that the Session needs; the answer to each report. */
export interface ReportReceipt {
  readonly presence: Presence;
  readonly access: RunnerAccess;
}

/** What `state:` of `/status` offers. */
export const STATE_CHOICES = [
  'active',
  'running',
  'waiting',
  'idle',
  'paused',
  'offline',
  'failed',
  'ended',
] as const;

export type StateChoice = (typeof STATE_CHOICES)[number];
