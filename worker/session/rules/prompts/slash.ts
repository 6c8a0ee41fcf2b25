/** Claude's own slash commands as prompts: they wait in the queue as any other. The runner is the last word on which there are. */
import { slashRefusal } from '../../../../protocol/slash.ts';
import type { Draft } from '../../state/draft.ts';
import type { Acted, Context, RuleAnswer } from '../../state/input.ts';
import { enqueue } from './asking.ts';

const NAME = /^\/?([\w:.-]{1,80})$/;

export function slash(d: Draft, act: Acted<'slash'>, ctx: Context): RuleAnswer {
  const name = NAME.exec(act.command.trim())?.[1];
  if (name === undefined)
    return {
      kind: 'private',
      text: 'That is no name of a command. Choose one from the list, or ask in words with `/ask`.',
    };
  const refused = slashRefusal(name);
  if (refused !== null) return { kind: 'private', text: refused };
  const text = `/${name} ${act.args}`.trim();
  const prompt = enqueue(d, text, act.member, ctx);
  const queued = d.state.queue.get(prompt);
  if (queued !== undefined) d.putQueued({ ...queued, slash: true });
  return { kind: 'asked', prompt };
}
