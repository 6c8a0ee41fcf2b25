/** Claude's own slash commands as prompts: they wait in the queue as any other. The runner is the last word on which there are. */
import { slashRefusal } from '../../../../protocol/slash.ts';
import type { SessionAct, SessionDo } from '../../../domain/contract.ts';
import type { Draft } from '../../state/draft.ts';
import type { Context, RuleAnswer } from '../../state/input.ts';
import { enqueue } from './asking.ts';

const NAME = /^\/?([\w:.-]{1,80})$/;

export function slash(
  d: Draft,
  a: SessionAct,
  act: Extract<SessionDo, { do: 'slash' }>,
  ctx: Context,
): RuleAnswer {
  const name = NAME.exec(act.command.trim())?.[1];
  if (name === undefined)
    return {
      kind: 'private',
      text: 'That is no name of a command. Choose one from the list, or ask in words with `/ask`.',
    };
  const refused = slashRefusal(name);
  if (refused !== null) return { kind: 'private', text: refused };
  const text = `/${name} ${act.args}`.trim();
  const prompt = enqueue(d, text, a.member, ctx);
  const queued = d.state.queue.get(prompt);
  if (queued !== undefined) d.putQueued({ ...queued, slash: true });
  return { kind: 'asked', prompt };
}
