import type { InteractionId } from '../../../protocol/ids.ts';
import type { Core } from '../core/core.ts';
import type { InteractionRecord } from '../core/interaction-store.ts';
import { type Applied, applyAnswer } from '../interactions/answer.ts';
import { deliver, type NoAnswer, type RawAnswer } from '../interactions/deliver.ts';
import { DiscordError, isViolation } from '../world/errors.ts';
import type { JsonObject } from '../world/json.ts';
import type { ModalForm } from '../world/modal-form.ts';
import { type ShownMessage, shownMessage } from './view.ts';
import { type WaitOptions, waitFor } from './wait.ts';

/** What a person got for a command, a click, a form. */
export interface InteractionOutcome {
  readonly id: InteractionId;
  readonly token: string;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
  /** Discord: 4 message, 5 deferred, 6 deferred update, 7 update, 8 choices, 9 modal; 0 when it failed. */
  readonly type: number;
  readonly ephemeral: boolean;
  /** The text that the person got at once; empty for a deferred answer (then see `final`). */
  readonly text: string;
  readonly message: ShownMessage | undefined;
  readonly modal: ModalForm | undefined;
  readonly choices: readonly { readonly name: string; readonly value: string | number }[];
  readonly ackMs: number;
  /** What the person reads instead of an answer, and why. */
  readonly failed: string | undefined;
  /** The answers to all deliveries of it, with their bodies as sent: more than one when it was duplicated. */
  readonly answers: readonly (RawAnswer | NoAnswer)[];
  /** The body that was sent and signed. */
  readonly sent: string;
  readonly followUps: readonly ShownMessage[];
  /** The answer when it is complete: waits until a deferred one was filled in. */
  final(options?: WaitOptions): Promise<ShownMessage>;
}

/** Sends the interaction and applies the answer. */
export async function perform(
  core: Core,
  record: InteractionRecord,
  payload: JsonObject,
): Promise<InteractionOutcome> {
  const sent = JSON.stringify(payload);
  const { first, all } = await deliver(core, sent);
  let applied: Applied | undefined;
  let failed: string | undefined;
  try {
    applied = accept(core, record, first);
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    failed = error.message;
    record.state = 'dead';
  }
  core.world.changed({ kind: 'interaction', channelId: record.channelId });
  return outcome(core, record, { first, all, applied, failed, sent });
}

/** Throws DiscordError when Discord would show the person a failure. */
function accept(core: Core, record: InteractionRecord, answer: RawAnswer | NoAnswer): Applied {
  if (!('text' in answer)) throw new DiscordError(0, 0, `The application did not respond (${answer.reason})`);
  const fail = (reason: string): never => {
    core.violations.push(`answer to interaction type ${record.type}: ${reason}`);
    throw new DiscordError(0, 0, `This interaction failed (${reason})`);
  };
  if (answer.tookMs > core.answerWithinMs)
    throw new DiscordError(0, 0, 'The application did not respond (too late)');
  if (answer.status >= 500) throw new DiscordError(0, 0, `This interaction failed (status ${answer.status})`);
  if (answer.status !== 200) return fail(`status ${answer.status}`);
  if (!answer.contentType.startsWith('application/json')) return fail(`content type "${answer.contentType}"`);
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    return fail('the body is no JSON');
  }
  try {
    return applyAnswer(core, record, body);
  } catch (error) {
    if (!(error instanceof DiscordError)) throw error;
    if (isViolation(error)) return fail(error.message);
    throw new DiscordError(0, 0, `This interaction failed (${error.message})`);
  }
}

interface Parts {
  readonly first: RawAnswer | NoAnswer;
  readonly all: readonly (RawAnswer | NoAnswer)[];
  readonly applied: Applied | undefined;
  readonly failed: string | undefined;
  readonly sent: string;
}

function outcome(core: Core, record: InteractionRecord, parts: Parts): InteractionOutcome {
  const { applied, failed, first } = parts;
  const { world } = core;
  const record0 = applied?.kind === 'message' || applied?.kind === 'update' ? applied.message : undefined;
  const message = record0 === undefined ? undefined : shownMessage(core, record0);
  const original = () => {
    const place = record.original;
    const found =
      place === undefined ? undefined : world.channels.get(place.channelId)?.messages.get(place.messageId);
    return found === undefined ? undefined : shownMessage(core, found);
  };
  return {
    id: record.id,
    token: record.token,
    status: first.status,
    type: record.answerType ?? 0,
    ephemeral: record.ephemeral,
    text: message?.text ?? '',
    message,
    modal: applied?.kind === 'modal' ? applied.modal : undefined,
    choices: applied?.kind === 'choices' ? applied.choices : [],
    ackMs: first.tookMs,
    failed,
    answers: parts.all,
    sent: parts.sent,
    get followUps() {
      const messages = world.channels.get(record.channelId)?.messages;
      return record.followUps.flatMap((id) => {
        const found = messages?.get(id);
        return found === undefined || found.deleted ? [] : [shownMessage(core, found)];
      });
    },
    final(options) {
      if (failed !== undefined) return Promise.reject(new Error(failed));
      const done = () => {
        const waiting = record.loading || (record.answerType === 6 && record.edits === 0);
        return waiting ? undefined : original();
      };
      const show = () => `the answer so far: ${JSON.stringify(original()?.text)}`;
      return waitFor(world, done, show, { what: 'the deferred answer to be filled in', ...options });
    },
  };
}
