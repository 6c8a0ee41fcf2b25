/** Answers to interactions, as Discord's JSON. Every one of them mentions nobody. */
import type { APIInteractionResponse } from 'discord-api-types/v10';
import { assertNever } from '../../protocol/never.ts';
import type { Answer } from '../domain/contract.ts';
import type { ButtonRow } from '../domain/slot.ts';
import { cutText, toRows } from './message-body.ts';
import { modalBody } from './modal.ts';

const FLAG = { suppressEmbeds: 4, ephemeral: 64 } as const;
const TYPE = { pong: 1, message: 4, deferredMessage: 5, deferredUpdate: 6, update: 7, modal: 9 } as const;

/** Answers a PING. */
export function pong(): APIInteractionResponse {
  return { type: TYPE.pong };
}

/** Type 4, private; or type 7, which replaces the message whose button was pressed (plain messages only). */
export function respond(answer: Answer): APIInteractionResponse {
  switch (answer.kind) {
    case 'private':
      return {
        type: TYPE.message,
        data: { ...answerBody(answer), flags: FLAG.ephemeral | FLAG.suppressEmbeds },
      };
    case 'update':
      return { type: TYPE.update, data: { ...answerBody(answer), flags: FLAG.suppressEmbeds } };
    case 'modal':
      return { type: TYPE.modal, data: modalBody(answer.modal) };
    default:
      return assertNever(answer);
  }
}

/** "Thinking…", to the one who acted alone. Discord allows no other flag here. `editOriginal` must follow. */
export function deferPrivate(): APIInteractionResponse {
  return { type: TYPE.deferredMessage, data: { flags: FLAG.ephemeral } };
}

/** A button was pressed and nothing changes for now. */
export function deferUpdate(): APIInteractionResponse {
  return { type: TYPE.deferredUpdate };
}

const TOO_LATE_FOR_A_FORM = 'Heddle was too slow to open the form. Nothing was done; please press again.';

/** What `editOriginal` sends for an answer that was late. */
export function answerBody(answer: Answer) {
  if (answer.kind === 'modal') return bodyOf(TOO_LATE_FOR_A_FORM, []);
  return bodyOf(answer.text, answer.rows ?? []);
}

function bodyOf(text: string, rows: readonly ButtonRow[]) {
  return {
    content: cutText(text),
    components: toRows(rows).rows,
    allowed_mentions: { parse: [] },
  };
}
