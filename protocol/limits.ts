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
/** A prompt. Discord's own option limit is 6,000 characters; attachments and the message menu may add to it. UTF-8. */
export const PROMPT_MAX_BYTES = 100 * 1024;
/** One line about a tool call. Characters. */
export const TOOL_SUMMARY_MAX = 300;
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
