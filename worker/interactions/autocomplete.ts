import type { ThreadId } from '../../protocol/ids.ts';
import type { Member } from '../domain/access.ts';
import type { Choice, Place } from '../domain/contract.ts';
import type { CommandData } from './payload.ts';

/** Discord: at most 25 choices of at most 100 characters. */
const CHOICES_MAX = 25;
const CHOICE_MAX_CHARACTERS = 100;

/** What is offered while a member types; only the Guild's catalogue is asked. The choice is checked again when it is used. */
export async function autocomplete(
  env: Env,
  member: Member,
  place: Place,
  data: CommandData,
): Promise<Choice[]> {
  const options = data.options.flatMap((option) => [option, ...(option.options ?? [])]);
  const focused = options.find((option) => option.focused === true);
  const what = focused?.name;
  const typed = typeof focused?.value === 'string' ? focused.value : '';
  if (what === 'session') {
    const goesOn = data.name === 'fork' ? 'fork' : 'resume';
    return env.GUILD.getByName(place.guild).resumable(member, typed, goesOn);
  }
  if (what === 'model' || what === 'effort' || what === 'command')
    return env.GUILD.getByName(place.guild).offered(member, place.channel as string as ThreadId, what, typed);
  if (what === 'worktree') return worktreeChoices(typed);
  if (what !== 'project' && what !== 'runner') return [];
  // Only `/runner` is about what the member owns.
  const wanted =
    what === 'project'
      ? data.name === 'status'
        ? 'listedProject'
        : what
      : data.name === 'runner'
        ? what
        : 'anyRunner';
  const given = options.find((option) => option.name === (what === 'runner' ? 'project' : 'runner'))?.value;
  const other = typeof given === 'string' ? given : '';
  const choices = await env.GUILD.getByName(place.guild).choices(member, wanted, typed, other);
  return choices
    .filter((choice) => choice.length <= CHOICE_MAX_CHARACTERS)
    .slice(0, CHOICES_MAX)
    .map((choice) => ({ name: choice, value: choice }));
}

function worktreeChoices(typed: string): Choice[] {
  const own = { name: 'true: Heddle names it', value: 'true' };
  const name = typed.trim().replace(/^heddle\//, '');
  return name === '' || 'true'.startsWith(name.toLowerCase()) || name.length > CHOICE_MAX_CHARACTERS - 20
    ? [own]
    : [{ name: `branch heddle/${name}`, value: name }, own];
}
