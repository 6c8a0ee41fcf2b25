/**
 * Branded ids. A brand keeps a thread's id from being passed where a guild's is wanted; it costs nothing at
 * run time. `as` casts to a brand stand only here and where outside data has just been checked.
 */
declare const brand: unique symbol;
/** A record, so that two brands together are both, and not `never`. */
type Branded<T, Name extends string> = T & { readonly [brand]: { readonly [K in Name]: true } };

/** A Discord snowflake: an unsigned 64-bit integer in decimal digits. */
export type Snowflake = string;
export type GuildId = Branded<Snowflake, 'GuildId'>;
/** A text, announcement or forum channel, or a thread seen as a channel. */
export type ChannelId = Branded<Snowflake, 'ChannelId'>;
/** A Discord thread. A Session object is named by it. */
export type ThreadId = Branded<Snowflake, 'ThreadId'> & ChannelId;
export type MessageId = Branded<Snowflake, 'MessageId'>;
export type UserId = Branded<Snowflake, 'UserId'>;
export type RoleId = Branded<Snowflake, 'RoleId'>;
export type InteractionId = Branded<Snowflake, 'InteractionId'>;

/** Which runner; given by the Guild when it is paired. */
export type RunnerId = Branded<string, 'RunnerId'>;
/** A folder on a runner that sessions may run in, by the name its owner gave it. */
export type ProjectName = Branded<string, 'ProjectName'>;
/** A prompt; a UUID, because the CLI takes it as the message's `uuid` and drops a second one of the same. */
export type PromptId = Branded<string, 'PromptId'>;
/** A turn; a UUID. A turn that a prompt started has the prompt's id; one that started by itself has its own. */
export type TurnId = Branded<string, 'TurnId'>;
/** A question of Claude's to a person, by the CLI's own `request_id`. */
export type RequestId = Branded<string, 'RequestId'>;
/** Claude's own id of a conversation; a UUID. */
export type ClaudeSessionId = Branded<string, 'ClaudeSessionId'>;
/** One start of the runner's process. */
export type BootId = Branded<string, 'BootId'>;
/** One start of a CLI process. A request dies with it. */
export type ProcessId = Branded<string, 'ProcessId'>;
/** One incarnation of one end's numbered messages. */
export type StreamId = Branded<string, 'StreamId'>;
/** Which conversation of a thread: 1, 2, … */
export type Gen = Branded<number, 'Gen'>;
