/**
 * From a verified interaction to the JSON that answers it, within Discord's 3 s. The answer is raced against the clock; when it
 * is late, "thinking" goes out first and the answer replaces it. Discord never gets a callback posted: the HTTP response is it.
 */
import type { APIInteractionResponse } from 'discord-api-types/v10';
import type { InteractionId, MessageId } from '../../protocol/ids.ts';
import { assertNever } from '../../protocol/never.ts';
import { answerBody, deferPrivate, deferUpdate, pong, respond } from '../discord/interaction-response.ts';
import { DiscordRest } from '../discord/rest.ts';
import type { Answer, Choice } from '../domain/contract.ts';
import { durations } from '../platform/durations.ts';
import { errorName, log } from '../platform/log.ts';
import { type Acting, say } from './acting.ts';
import { run, suggest, UNREADABLE } from './commands.ts';
import { fieldsOf, type Interaction, InteractionType, parsePayload, whereIs } from './payload.ts';
import { press } from './press.ts';

export interface Surroundings {
  readonly env: Env;
  /** Where this Worker is reached: scheme, host, port. */
  readonly origin: string;
  /** Goes on after the response was sent. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Discord: CHANNEL_MESSAGE… are in interaction-response.ts; this is the answer to an autocomplete. */
const AUTOCOMPLETE_RESULT = 8;

const BROKEN =
  'Something in Heddle failed, and it is not certain that this was done. `/status` shows how things stand.';

export async function dispatch(around: Surroundings, verified: unknown): Promise<APIInteractionResponse> {
  const payload = parsePayload(verified);
  if (payload === null) return respond(say(UNREADABLE));
  if (payload.type === InteractionType.ping) return pong();
  const where = whereIs(payload);
  if (!where.ok) {
    return payload.type === InteractionType.autocomplete ? choices([]) : respond(say(where.words));
  }
  const { env, origin } = around;
  const { member, place } = where;
  const acting: Acting = {
    env,
    origin,
    member,
    place,
    id: payload.id as InteractionId,
    token: payload.token,
  };
  switch (payload.type) {
    case InteractionType.command:
      return inTime(around, payload, settled(run(acting, payload.data)), deferPrivate());
    case InteractionType.component: {
      const { custom_id, values } = payload.data;
      const message = payload.message.id as MessageId;
      const pressed = press(acting, custom_id, values === undefined ? { message } : { message, values });
      return inTime(around, payload, settled(pressed), deferUpdate());
    }
    case InteractionType.autocomplete: {
      const found = suggest(acting, payload.data).catch(() => []);
      return choices((await raced(env, found)) ?? []);
    }
    case InteractionType.modalSubmit: {
      const message = (payload.message?.id ?? null) as MessageId | null;
      const sent = press(acting, payload.data.custom_id, { message, fields: fieldsOf(payload.data) });
      return inTime(around, payload, settled(sent), message === null ? deferPrivate() : deferUpdate());
    }
    default:
      return assertNever(payload);
  }
}

/** An error is an answer too: nothing may leave a member with "thinking…". */
async function settled(work: Promise<Answer>): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    log('interaction.failed', { error: errorName(error) });
    return say(BROKEN);
  }
}

async function inTime(
  around: Surroundings,
  interaction: Interaction,
  work: Promise<Answer>,
  deferred: APIInteractionResponse,
): Promise<APIInteractionResponse> {
  const answer = await raced(around.env, work);
  if (answer !== null) return respond(answer);
  around.waitUntil(work.then((late) => follow(around.env, interaction, late)));
  return deferred;
}

/** Null: it takes longer than Discord may be kept waiting. */
async function raced<T>(env: Env, work: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), durations(env).answerRaceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A button was pressed, or a form sent that a button opened: @original is the button's message. */
function onMessage(interaction: Interaction): boolean {
  return (
    interaction.type === InteractionType.component ||
    (interaction.type === InteractionType.modalSubmit && interaction.message !== undefined)
  );
}

/**
 * After a deferred command, @original is the private "thinking…". After a deferred button it is the message with the button, which
 * a private answer must not replace.
 */
async function follow(env: Env, interaction: Interaction, answer: Answer): Promise<void> {
  const rest = new DiscordRest({
    apiUrl: env.DISCORD_API_URL,
    token: env.DISCORD_BOT_TOKEN,
    applicationId: env.DISCORD_APPLICATION_ID,
  });
  const body = answerBody(answer);
  const aside = onMessage(interaction) && answer.kind !== 'update';
  const sent = aside
    ? await rest.followUpPrivate(interaction.token, body)
    : await rest.editOriginal(interaction.token, body);
  if (!sent.ok) log('interaction.late.failed', { error: sent.error.kind });
}

function choices(found: readonly Choice[]): APIInteractionResponse {
  return { type: AUTOCOMPLETE_RESULT, data: { choices: [...found] } };
}
