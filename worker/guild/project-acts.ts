/** `/project bind | unbind | list`. Each inside one transaction. */
import type { ChannelId, ProjectName } from '../../protocol/ids.ts';
import { kindOf } from '../discord/channel-type.ts';
import type { Answer, GuildAct, GuildActs, Place } from '../domain/contract.ts';
import type { Binding } from './channels/bindings.ts';
import { choose, runnersFor } from './runners/choose.ts';
import { MESSAGE_MAX, noChoice, presenceWords, say, short } from './runners/words.ts';
import type { Taking } from './services.ts';

type Projects = Taking<'runners' | 'directory' | 'bindings'>;

/** The channel that a binding for this place is about: in a thread or a forum's post its parent. */
export function boundChannel({ directory }: Taking<'directory'>, place: Place): ChannelId | null {
  if (kindOf(place) === 'channel') return place.channel;
  if (kindOf(place) === 'elsewhere') return null;
  return (
    place.parent ?? directory.thread(place.channel as Parameters<typeof directory.thread>[0])?.parent ?? null
  );
}

/** The binding of this place with its runner's name. A runner that was removed keeps its name here, so that the refusal can say it. */
export function bindingOf(
  services: Projects,
  place: Place,
): (Binding & { readonly name: string | null }) | null {
  const channel = boundChannel(services, place);
  const binding = channel === null ? null : services.bindings.get(channel);
  if (binding === null) return null;
  return {
    ...binding,
    name: binding.runner === null ? null : (services.runners.get(binding.runner)?.name ?? ''),
  };
}

export function bind(
  services: Projects,
  { member, place }: GuildAct,
  { project, runner }: GuildActs['bind'],
): Answer {
  const channel = boundChannel(services, place);
  if (channel === null) return say('No session can be in this channel, so there is nothing to bind.');
  const choice = choose(
    member,
    { project, runner, recent: [] },
    services.runners.candidates(services.directory.loads()),
  );
  if (!choice.ok) return say(noChoice(choice.why));
  const before = services.bindings.get(channel);
  const on = runner === null ? null : choice.runner;
  services.bindings.set(
    { channel, project: choice.project, runner: on?.id ?? null, by: { id: member.id, name: member.name } },
    Date.now(),
  );
  const instead =
    before === null || before.project === choice.project
      ? ''
      : ` Before it was **${short(before.project)}**.`;
  return say(
    `<#${channel}> is bound to **${short(choice.project)}**${on === null ? '' : ` on **${short(on.name)}**`}: \`/ask\` and \`/new\` there need no option, for those who may use a runner that has it. A named \`project:\` or \`runner:\` wins.${instead}`,
  );
}

export function unbind(services: Taking<'bindings' | 'directory'>, { place }: GuildAct): Answer {
  const channel = boundChannel(services, place);
  const binding = channel === null ? null : services.bindings.get(channel);
  if (channel === null || binding === null) return say('This channel is not bound to a project.');
  services.bindings.drop(channel);
  return say(
    `<#${channel}> is no longer bound to **${short(binding.project)}**. Its sessions stay as they are.`,
  );
}

/** The projects that the member may start in, where they are, and the channels that are bound to them. */
export function listProjects({ runners, directory, bindings }: Projects, { member }: GuildAct): Answer {
  const usable = runnersFor(member, runners.candidates(directory.loads()));
  const names = [...new Set(usable.flatMap((runner) => runner.projects ?? []))];
  const bound = bindings.all();
  const channelsOf = (project: ProjectName) =>
    bound.filter((binding) => binding.project === project).map(({ channel }) => `<#${channel}>`);
  const lines = names.map((project) => {
    const on = usable
      .filter((runner) => runner.projects?.includes(project))
      .map((runner) => `${short(runner.name)} (${presenceWords(runner.presence)})`);
    const channels = channelsOf(project);
    return `**${short(project)}** · ${on.join(', ')}${channels.length === 0 ? '' : ` · bound: ${channels.join(' ')}`}`;
  });
  const elsewhere = bound
    .filter(({ project }) => !names.includes(project))
    .map(
      ({ channel, project }) =>
        `<#${channel}> is bound to **${short(project)}**, which no runner of yours has.`,
    );
  if (lines.length === 0)
    lines.push('No runner that you may use has a project. `/runner list` shows the runners of this server.');
  return say(fitting([...lines, ...elsewhere]));
}

/** As many lines as a message holds; the rest is counted. */
function fitting(lines: readonly string[]): string {
  const room = MESSAGE_MAX - 40;
  let text = '';
  for (const [index, line] of lines.entries()) {
    if (text.length + line.length + 1 > room) return `${text}\n-# and ${lines.length - index} more`;
    text += (text === '' ? '' : '\n') + line;
  }
  return text;
}

/** Before the words of a refusal: it is the channel that names the project, and how to get around that. */
export function boundTo(
  { project, name }: { readonly project: ProjectName; readonly name: string | null },
  why: string,
): string {
  const on = name === null || name === '' ? '' : ` on **${short(name)}**`;
  return `This channel is bound to **${short(project)}**${on}. ${why}\n\`project:\` chooses another, and \`/project bind\` or \`/project unbind\` changes the channel.`;
}
