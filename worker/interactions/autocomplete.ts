import type { Member } from '../access.ts';
import type { Choice, Place } from '../contract.ts';
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
  const focused = data.options
    .flatMap((option) => [option, ...(option.options ?? [])])
    .find((option) => option.focused === true);
  const what = focused?.name;
  const typed = typeof focused?.value === 'string' ? focused.value : '';
  if (what === 'session') return env.GUILD.getByName(place.guild).resumable(member, typed);
  if (what !== 'project' && what !== 'runner') return [];
  const choices = await env.GUILD.getByName(place.guild).choices(member, what, typed);
  return choices
    .filter((choice) => choice.length <= CHOICE_MAX_CHARACTERS)
    .slice(0, CHOICES_MAX)
    .map((choice) => ({ name: choice, value: choice }));
}
