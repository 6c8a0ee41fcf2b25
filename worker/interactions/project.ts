import type { ProjectName } from '../../protocol/ids.ts';
import type { Answer } from '../domain/contract.ts';
import { type Acting, askGuild, type Options, say, textOption } from './acting.ts';

/** `/project bind | unbind | list`. The Guild decides who may. */
export async function project(acting: Acting, options: Options): Promise<Answer> {
  const [chosen] = options;
  const given = chosen?.options ?? [];
  switch (chosen?.name) {
    case 'bind': {
      const named = textOption(given, 'project');
      if (named === null) return say('Name the project that this channel should be bound to.');
      return askGuild(acting, {
        do: 'bind',
        project: named as ProjectName,
        runner: textOption(given, 'runner'),
      });
    }
    case 'unbind':
      return askGuild(acting, { do: 'unbind' });
    case 'list':
      return askGuild(acting, { do: 'projects' });
    default:
      return say('Heddle does not know this command; it may be older or newer than this server’s list.');
  }
}
