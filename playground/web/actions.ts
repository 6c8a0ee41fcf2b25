/** Does what the page asks for, as the member that it acts as. Never throws: what went wrong is said in the result. */
import type { Snowflake, UserId } from '../../protocol/ids.ts';
import { NotPossible } from '../discord/people/not-possible.ts';
import type { InteractionOutcome } from '../discord/people/outcome.ts';
import type { Actor } from '../discord/people/user.ts';
import { DiscordError } from '../discord/world/errors.ts';
import { piecesOf } from './pieces.ts';
import type { Playground } from './playground.ts';
import type { Action, Result } from './wire.ts';

/** Open forms that one page keeps; older ones can no longer be sent. */
const FORMS_KEPT = 20;

export class Acting {
  readonly #playground: Playground;
  readonly #forms = new Map<string, InteractionOutcome>();

  constructor(playground: Playground) {
    this.#playground = playground;
  }

  async act(member: UserId, action: Action): Promise<Result> {
    try {
      return await this.#act(this.#playground.discord.user({ id: member }), action);
    } catch (error) {
      if (error instanceof NotPossible) return { failed: sentence(error.message) };
      if (error instanceof DiscordError) return { failed: `Discord refuses this: ${error.message}` };
      return { failed: `The playground itself failed: ${String(error)}` };
    }
  }

  async #act(actor: Actor, action: Action): Promise<Result> {
    switch (action.type) {
      case 'command':
        return this.#result(await actor.command(snowflake(action.channel), action.name, action.options));
      case 'autocomplete':
        return this.#result(
          await actor.autocomplete(snowflake(action.channel), action.name, action.focused, action.options),
        );
      case 'menu':
        return this.#result(await actor.menu(action.name, snowflake(action.message)));
      case 'click':
        return this.#result(await actor.click(snowflake(action.message), { customId: action.customId }));
      case 'select':
        return this.#result(
          await actor.select(snowflake(action.message), action.values, { customId: action.customId }),
        );
      case 'submit':
        return this.#submit(actor, action.form, action.values);
      case 'send':
        actor.sendMessage(snowflake(action.channel), action.text);
        return {};
      case 'dismiss':
        return this.#dismiss(actor, snowflake(action.message));
      case 'runner': {
        const known = await this.#playground.health.turnRunner(action.name, action.on);
        return known ? {} : { failed: `There is no runner ${action.name} here.` };
      }
    }
  }

  async #submit(
    actor: Actor,
    form: string,
    values: Extract<Action, { type: 'submit' }>['values'],
  ): Promise<Result> {
    const opened = this.#forms.get(form);
    if (opened === undefined) return { failed: 'This form is no longer open.' };
    const result = this.#result(await actor.submit(opened, values));
    // A form that failed stays open, as in Discord, so that what was typed is not lost.
    if (result.failed === undefined) this.#forms.delete(form);
    return result;
  }

  #dismiss(actor: Actor, id: Snowflake): Result {
    // Only a private answer is dismissed: the page has no way to delete what others see.
    if (this.#playground.discord.message(id)?.onlyForId !== actor.id)
      return { failed: 'There is nothing to dismiss.' };
    actor.deleteMessage(id);
    return {};
  }

  #result(outcome: InteractionOutcome): Result {
    if (outcome.failed !== undefined) return { failed: outcome.failed };
    if (outcome.modal === undefined) return { choices: outcome.choices };
    this.#forms.set(outcome.id, outcome);
    for (const old of [...this.#forms.keys()].slice(0, -FORMS_KEPT)) this.#forms.delete(old);
    const { title, components } = outcome.modal;
    return { form: { id: outcome.id, title, pieces: components.map(piecesOf) } };
  }
}

function snowflake(id: string): Snowflake {
  return id as Snowflake;
}

/** The driver's words are for tests: without their preamble, as a sentence. */
function sentence(words: string): string {
  const bare = words.replace(/^a person cannot do this: /, '');
  return `${bare.charAt(0).toUpperCase()}${bare.slice(1)}${/[.!?]$/.test(bare) ? '' : '.'}`;
}
