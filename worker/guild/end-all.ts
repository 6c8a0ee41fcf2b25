/** `/end all`: every session of the server that the member may end. */
import { may } from '../domain/access.ts';
import type { Answer, GuildAct } from '../domain/contract.ts';
import { plural } from '../render/text/format.ts';
import { say } from './runners/words.ts';
import type { Taking } from './services.ts';

/** A line is 25 characters at most; Discord's 2,000 hold more than these. */
const ENDED_SHOWN_MAX = 50;

export function endAll(
  { directory, runners, endings }: Taking<'directory' | 'runners' | 'endings'>,
  act: GuildAct,
): Answer {
  const ending = directory.list().filter(({ summary }) => {
    const runner = runners.get(summary.runner);
    const facts = { runner: runner === null ? null : runners.access(runner), starter: summary.starter.id };
    return summary.state.is !== 'ended' && may(act.member, 'end', facts).ok;
  });
  if (ending.length === 0) return say('No session is open that you may end.');
  endings.begin(
    act,
    ending.map(({ thread }) => thread),
    Date.now(),
  );
  const lines = ending.slice(0, ENDED_SHOWN_MAX).map(({ thread }) => `- <#${thread}>`);
  const more = ending.length - lines.length;
  return say(
    [
      `Ending ${plural(ending.length, 'session')}:`,
      ...lines,
      ...(more > 0 ? [`- and ${more} more`] : []),
    ].join('\n'),
  );
}
