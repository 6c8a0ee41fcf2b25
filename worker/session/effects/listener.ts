/** Reads the thread for new messages, in the rhythm of listening.ts, and gives them to the rules. */
import type { ChannelId, GuildId, MessageId, ThreadId, UserId } from '../../../protocol/ids.ts';
import type { RestResult } from '../../discord/rest-types.ts';
import type { SaidMessage } from '../../discord/said.ts';
import type { Member } from '../../domain/access.ts';
import type { Durations } from '../../platform/durations.ts';
import { SideWork } from '../../platform/side-work.ts';
import { listenGapMs, listening } from '../rules/prompts/listening.ts';
import type { OpenConversation } from '../state/conversation.ts';
import type { Said } from '../state/input.ts';
import type { State } from '../state/state.ts';

/** Events come in bursts; each of them would look. In units of `listenMs`. */
const SHORTEST_GAP = 1;
/** Discord: ordinary messages, and replies. All else is Discord's own. */
const MESSAGE_TYPES: readonly number[] = [0, 19];
const TAKEN = '👀';

export interface ListenerOptions {
  readonly state: () => State;
  readonly durations: Durations;
  /** The bot's own user. */
  readonly me: UserId;
  readonly messagesAfter: (
    channel: ChannelId,
    after: MessageId,
  ) => Promise<RestResult<readonly SaidMessage[]>>;
  /** Roles of a member; a message does not have them. */
  readonly rolesOf: (guild: GuildId, user: UserId) => Promise<RestResult<Member['roles']>>;
  /** Which of these may go with a prompt. */
  readonly files: (
    attached: SaidMessage['attachments'],
  ) => { readonly files: Said['files'] } | { readonly refused: string };
  readonly react: (channel: ChannelId, message: MessageId, emoji: string) => Promise<unknown>;
  /** Gives the messages to the rules; those whose prompts were taken come back. */
  readonly heard: (said: readonly Said[], upTo: MessageId) => readonly MessageId[];
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #work: SideWork<unknown>;
  /** In this incarnation; a new one looks at once. */
  #lookedMs = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#work = new SideWork({
      name: 'listen',
      look: () => this.#due(),
      deed: async ({ guild, thread, conversation }) => {
        this.#lookedMs = Date.now();
        await this.#look(guild, thread, conversation);
        return 'rest';
      },
      // The rhythm alone says when the next look is.
      pace: () => 0,
    });
  }

  /** When the alarm should ring for the next look; null: not for this. */
  nextLookMs(nowMs: number): number | null {
    const { state, durations } = this.#options;
    const gapMs = listenGapMs(state(), nowMs, durations);
    if (gapMs === null) return null;
    // A look that Discord keeps waiting is the next one as well: an alarm for the present would find nothing to do, and ring in circles.
    if (this.#work.running) return nowMs + gapMs;
    return this.#lookedMs === 0 ? nowMs + gapMs : Math.max(this.#lookedMs + gapMs, nowMs);
  }

  /** Looks, unless it has just done so. What fails is tried at the next look. */
  pump(): Promise<void> {
    return this.#work.pump();
  }

  #due(): { guild: GuildId; thread: ThreadId; conversation: OpenConversation } | null {
    const { state, durations } = this.#options;
    const { thread } = state();
    const conversation = listening(state());
    if (thread === null || conversation === null || durations.listenForMs === 0) return null;
    const isSoon = Date.now() - this.#lookedMs < SHORTEST_GAP * durations.listenMs;
    return isSoon ? null : { guild: thread.guild, thread: thread.thread, conversation };
  }

  async #look(guild: GuildId, channel: ChannelId, c: OpenConversation): Promise<void> {
    const { messagesAfter, heard, react } = this.#options;
    const found = await messagesAfter(channel, c.open.heardTo);
    const last = found.ok ? found.value.at(-1) : undefined;
    if (!found.ok || last === undefined) return;
    const said: Said[] = [];
    for (const message of found.value) {
      if (message.bot || message.author === null || !MESSAGE_TYPES.includes(message.type)) continue;
      const roles = await this.#roles(guild, message.author, c);
      // Who has left the server, or cannot be asked about now: read again next time rather than lost.
      if (roles === null) return;
      said.push(this.#said(message, message.author, roles));
    }
    // What only Heddle wrote moves the mark no further than memory: a row for each of its own messages would cost.
    if (said.length === 0 && found.value.length < PAGE_WORTH_KEEPING) return;
    for (const id of heard(said, last.id)) await react(channel, id, TAKEN);
  }

  /** Only who began the session or owns the runner may ask in it, and only a role can be what lets the former. */
  async #roles(guild: GuildId, user: UserId, c: OpenConversation): Promise<Member['roles'] | null> {
    if (user !== c.starter.id || user === c.access.owner || c.access.roles.length === 0) return [];
    const found = await this.#options.rolesOf(guild, user);
    if (found.ok) return found.value;
    return found.error.kind === 'gone' ? [] : null;
  }

  #said(message: SaidMessage, author: UserId, roles: Member['roles']): Said {
    const mention = new RegExp(`<@!?${this.#options.me}>`, 'g');
    const text = message.content.replaceAll(mention, '').trim();
    const given = this.#options.files(message.attachments);
    return {
      id: message.id,
      author: { id: author, name: message.name, roles, permissions: '0' },
      text,
      ...('refused' in given ? { files: [], refused: given.refused } : { files: given.files, refused: null }),
    };
  }
}

/** So many messages of Heddle's own are stepped over with a row, or they would fill each page. */
const PAGE_WORTH_KEEPING = 50;
