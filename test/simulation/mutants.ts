/**
 * Deliberate breaks, one line each: proof that the simulation finds what it is there to find. `run.ts --mutant NAME` plays with one;
 * simulation.test.ts plays with each and expects the invariant to be seen broken. docs/testing.md lists them.
 */
import type { Edit } from './platform/hooks.ts';

export interface Mutant {
  readonly name: string;
  /** How the report of the break begins. */
  readonly breaks: RegExp;
  readonly edits: readonly Edit[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    // A button counts for whatever request now has its number.
    name: 'any-hash',
    breaks: /^1 right session/,
    edits: [
      {
        file: 'worker/session/rules/requests/deciding.ts',
        from: 'if (request.inputHash.slice(0, HASH_TAG_LENGTH) !== readTag(id.tag).hash) {',
        to: 'if (readTag(id.tag).hash === "") {',
      },
    ],
  },
  {
    // Whoever may use the runner may act in anybody's session.
    name: 'anybody',
    breaks: /^2 right person/,
    edits: [
      {
        file: 'worker/domain/access.ts',
        from: "return member.id === facts.starter || member.id === facts.runner?.owner ? YES : no('notStarterOrOwner');",
        to: 'return YES;',
      },
    ],
  },
  {
    // A runner that comes back runs again what it was in the middle of.
    name: 'run-again',
    breaks: /^3 never twice/,
    edits: [
      {
        file: 'runner/session/session-endings.ts',
        from: "      ...started.map((prompt): Write => ({ write: 'promptEnded', id: prompt.id })),\n      ...state",
        to: "      ...started.map((prompt): Write => ({ write: 'promptReturned', id: prompt.id })),\n      ...state",
      },
    ],
  },
  {
    // A message that comes again is applied again.
    name: 'apply-again',
    breaks: /^3 never/,
    edits: [{ file: 'protocol/link.ts', from: 'skip: Math.min(count, last + 1 - from),', to: 'skip: 0,' }],
  },
  {
    // After a reconnect, what was in flight counts as arrived.
    name: 'forget-in-flight',
    breaks: /^(3 never lost|5 every)/,
    edits: [
      {
        file: 'protocol/link.ts',
        from: 'acked: restart ? end.acked : has },',
        to: 'acked: restart ? end.acked : end.last },',
      },
    ],
  },
  {
    // A create without an answer is sent again under another name.
    name: 'post-again',
    breaks: /^3 never twice/,
    edits: [
      {
        file: 'worker/discord/sender.ts',
        from: 'const draft = this.#drafts.of(slot, nonceOf(channel, slot.key, incarnation));',
        to: 'const draft = this.#drafts.of(slot, nonceOf(channel, slot.key + now(), incarnation));',
      },
    ],
  },
  {
    // A socket's end is the session's end.
    name: 'socket-is-session',
    breaks: /^4 a socket is not a session/,
    edits: [
      {
        file: 'worker/session/session.ts',
        from: "if (this.#standing === 'ready' && this.#link.onClose(ws, code, reason)) this.#pump();",
        to: "if (this.#standing === 'ready' && this.#link.onClose(ws, code, reason)) this.#commit({ kind: 'parked', why: 'The link is gone.', gone: true });",
      },
    ],
  },
  {
    // Nobody's silence ends a request.
    name: 'wait-for-ever',
    breaks: /^5 every state has an exit/,
    edits: [
      {
        file: 'worker/session/rules/clock.ts',
        from: 'all.push({ atMs: request.untilMs, run: (d) => stillThere(d, request) && expire(d, request, ctx) });',
        to: '',
      },
    ],
  },
  {
    // The alarm is noted and never set.
    name: 'no-alarm',
    breaks: /^5 every state has an exit/,
    edits: [
      { file: 'worker/platform/alarm-clock.ts', from: 'void this.#storage.setAlarm(this.#atMs);', to: '' },
    ],
  },
  {
    // The Guild looks, and is told that nothing waits.
    name: 'unwatched',
    breaks: /^5 every state has an exit/,
    edits: [
      {
        file: 'worker/session/session.ts',
        from: 'return earliest(this.#dues());',
        to: 'return null;',
      },
    ],
  },
  {
    // The bot token goes along with each command.
    name: 'token-in-frame',
    breaks: /^6 two keys, two places/,
    edits: [
      {
        file: 'worker/session/session.ts',
        from: 'this.#link.send(conversation.runner, command);',
        to: 'this.#link.send(conversation.runner, { ...command, token: this.env.DISCORD_BOT_TOKEN });',
      },
    ],
  },
  {
    // What Claude says may ping whom it names.
    name: 'mentions',
    breaks: /^7 text is data/,
    edits: [
      {
        file: 'worker/discord/message-body.ts',
        from: 'const body = { components, nonce, enforce_nonce: true, allowed_mentions: { parse: [] } };',
        to: "const body = { components, nonce, enforce_nonce: true, allowed_mentions: { parse: ['users'] } };",
      },
    ],
  },
  {
    // An alarm that found nothing to do rings again some hours later.
    name: 'restless',
    breaks: /^8 it fits the free plan/,
    edits: [
      {
        file: 'worker/session/session.ts',
        from: 'runs ? nowMs + this.#durations.linkPollMs : null,',
        to: 'nowMs + 6 * 3_600_000,',
      },
    ],
  },
  {
    // The wish of a drain that is at work is taken for one that is overdue.
    name: 'ring-in-circles',
    breaks: /^8 it fits the free plan/,
    edits: [
      {
        file: 'worker/discord/delivery.ts',
        from: 'return this.#isBusy ? null : this.#wakeMs;',
        to: 'return this.#wakeMs;',
      },
    ],
  },
];
