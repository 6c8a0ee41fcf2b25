import type { Answer } from '../domain/contract.ts';
import { type Acting, askGuild, flagOption, type Options, say, textOption } from './acting.ts';

/** `/runner pair | list | share | remove`. The Guild decides who may. */
export async function runner(acting: Acting, options: Options): Promise<Answer> {
  const [chosen] = options;
  const given = chosen?.options ?? [];
  switch (chosen?.name) {
    case 'pair':
      return askGuild(acting, { do: 'pair', origin: acting.origin, token: acting.token });
    case 'list':
      return askGuild(acting, { do: 'runners' });
    case 'share':
      return share(acting, given);
    case 'remove':
      return askGuild(acting, { do: 'unpair', runner: textOption(given, 'runner') ?? '' });
    default:
      return say('Heddle does not know this command; it may be older or newer than this server’s list.');
  }
}

async function share(acting: Acting, given: Options): Promise<Answer> {
  const member = textOption(given, 'member');
  const role = textOption(given, 'role');
  if ((member === null) === (role === null))
    return say('Name either a member or a role to share the runner with.');
  return askGuild(acting, {
    do: 'share',
    runner: textOption(given, 'runner') ?? '',
    with: member === null ? { role: role ?? '' } : { member },
    on: !flagOption(given, 'off'),
  });
}
