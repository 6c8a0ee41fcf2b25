/** Sizes and times that both ends of a link agree on. A duration's name ends in its unit. */

/** The version of everything in `protocol/`. From the second on, N and N-1 both work. */
export const PROTOCOL_VERSION = 1;
/** Offered as `Sec-WebSocket-Protocol` and echoed: `ws` fails a handshake whose offer is not echoed. */
export const SUBPROTOCOL = 'heddle.v1';

/** A sender keeps its frames under this, UTF-8. Large enough for a batch, small enough to parse in a few ms. */
export const FRAME_TARGET_BYTES = 256 * 1024;
/** A receiver closes 4013 above this, UTF-8, so that no single row comes near SQLite's 2 MB in a Durable Object. */
export const FRAME_MAX_BYTES = 1024 * 1024;
/** One finished text segment; a longer one is sent as several, joined. UTF-8. */
export const SEGMENT_MAX_BYTES = 64 * 1024;
/** One part of a request's input. UTF-8. */
export const INPUT_PART_BYTES = 64 * 1024;
/** The largest input that a person can be shown whole (as an attached file; Discord's limit is 10 MiB). Above it Allow is not offered. UTF-8. */
export const INPUT_MAX_BYTES = 8 * 1024 * 1024;
/**
 * Levels of lists and objects in it. Nobody reads more, indenting them grows with their square, and at some thousands JSON.stringify runs
 * out of stack. Tools of MCP servers need ten. A deeper one is denied by the runner.
 */
export const NESTING_MAX = 100;
/** A prompt. Discord's own option limit is 6,000 characters; attachments and the message menu may add to it. UTF-8. */
export const PROMPT_MAX_BYTES = 100 * 1024;
/** One line about a tool call. Characters. */
export const TOOL_SUMMARY_MAX = 300;
/** One line of a to-do list, characters; and how many of them. */
export const TODO_MAX = 200;
export const TODOS_MAX = 50;
/** The head of an edit's diff, for the line that shows it. Characters. */
export const DIFF_HEAD_MAX = 2000;
/** A diff with more lines, or characters, is cut in the thread, and comes whole as a file at the end of the turn. */
export const DIFF_INLINE_LINES = 25;
export const DIFF_INLINE_CHARS = 700;
/** A file that is shown in the thread. Discord takes 10 MiB a file. */
export const FILE_MAX_BYTES = 8 * 1024 * 1024;
/** One part of it, raw: its base64 stays under `FRAME_TARGET_BYTES`. */
export const FILE_PART_BYTES = 180 * 1024;
export const FILE_PART_BASE64_MAX = Math.ceil(FILE_PART_BYTES / 3) * 4;
export const FILE_PARTS_MAX = Math.ceil(FILE_MAX_BYTES / FILE_PART_BYTES);
/** Files of one turn: more would push the answer out of sight. */
export const FILES_A_TURN_MAX = 10;
/** A text of Claude's from here on is shown by its end, and comes whole as a file. Characters. */
export const LONG_TEXT_CHARS = 12_000;
/** Claude's title of a conversation. Discord: 100 characters of a thread's name. */
export const TITLE_MAX = 100;
/** What a session may choose from. Names and descriptions in characters. */
export const MODELS_MAX = 30;
export const EFFORTS_MAX = 10;
export const COMMANDS_MAX = 100;
export const CONFIGURE_NAME_MAX = 60;
export const CONFIGURE_TEXT_MAX = 100;
/** The commands of all projects in a catalogue, JSON. */
export const COMMANDS_MAX_BYTES = 48 * 1024;
/** What a crashed process said last, and other short texts of the runner's. Characters. */
export const WORDS_MAX = 1000;

/** Messages sent but not acked. More stay in the sender's store until acks come. */
export const WINDOW_MESSAGES = 256;
/** The same in UTF-8 bytes. */
export const WINDOW_BYTES = 2 * 1024 * 1024;

/** The runner's heartbeat: a text `ping`, answered by the platform without waking the object. */
export const PING_INTERVAL_MS = 20_000;
/** Silence after a ping that makes the runner drop the socket. */
export const PONG_TIMEOUT_MS = 10_000;
export const PING = 'ping';
export const PONG = 'pong';

/** Reconnect: full jitter between 0 and a ceiling that doubles from the first to the second of these. */
export const RECONNECT_FIRST_MS = 500;
export const RECONNECT_MAX_MS = 30_000;
/** A link that lived this long starts again from the first ceiling. */
export const RECONNECT_HEALTHY_MS = 10_000;

/** A JWT is valid for this long; it is used once, at once. */
export const TOKEN_LIFETIME_S = 60;

/** Conversations of a project that Claude keeps and a runner offers: as many as Discord lists of choices. */
export const CONVERSATIONS_MAX = 25;
/** Their titles. UTF-16 code units. */
export const CONVERSATION_TITLE_MAX = 80;
/** All that a catalogue says of them, as JSON. It is stored whole with each change, and kept small. Bytes. */
export const CONVERSATIONS_MAX_BYTES = 48 * 1024;

/** Files that the answer to a rewind names; the rest are counted. */
export const REWOUND_FILES_MAX = 20;
