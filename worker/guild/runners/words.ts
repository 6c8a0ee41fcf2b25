/** Our own words for what the Guild refuses or lists. Untrusted parts are escaped here. */
import { assertNever } from '../../../protocol/never.ts';
import type { Why } from '../../domain/access.ts';
import type { Answer, Presence } from '../../domain/contract.ts';
import { awayWords } from '../../render/panels/presence.ts';
import { escapeTo } from '../../render/text/escape.ts';
import { timestamp } from '../../render/text/format.ts';
import type { NoChoice } from './choose.ts';

/** Discord: a message has at most 2,000 characters. */
export const MESSAGE_MAX = 2000;
const NAME_MAX = 60;
const LISTED_MAX = 25;

export function say(text: string): Answer & { kind: 'private' } {
  return { kind: 'private', text: text.length <= MESSAGE_MAX ? text : `${text.slice(0, MESSAGE_MAX - 1)}…` };
}

export function refusal(why: Why): Answer {
  return say(whyWords(why));
}

function whyWords(why: Why): string {
  switch (why) {
    case 'needsManageServer':
      return 'Pairing a runner needs the permission **Manage Server**. Ask someone who has it.';
    case 'needsManageChannels':
      return 'Binding a channel to a project needs the permission **Manage Channels** or **Manage Server**. Ask someone who has it.';
    case 'noRunner':
      return 'There is no such runner here. `/runner list` shows those of this server.';
    case 'runnerRemoved':
      return 'That runner was removed from this server.';
    case 'notShared':
      return 'That runner is not shared with you. Its owner can do so with `/runner share`.';
    case 'notStarterOrOwner':
    case 'notAuthor':
      return 'Only who started the session and the owner of its runner may do that.';
    case 'notOwner':
      return 'Only the owner of a runner may do that.';
    default:
      return assertNever(why);
  }
}

export function noChoice(why: NoChoice): string {
  switch (why.is) {
    case 'noRunner':
      return 'No runner is paired with this server yet. Someone with **Manage Server** can connect a machine with `/runner pair`.';
    case 'notShared': {
      const runners = listed(
        why.runners.map(({ name, ownerName }) => `${short(name)} (${short(ownerName)})`),
      );
      return `No runner here is yours or shared with you. Ask an owner for \`/runner share\`, or pair your own with \`/runner pair\`. Runners here: ${runners}`;
    }
    case 'unknownProject':
      return `No runner of yours has a project **${short(why.project)}**. There are: ${listed(why.projects.map(short))}`;
    case 'unknownRunner':
      return `No runner here is called **${short(why.runner)}**. ${yours(why.runners)}`;
    case 'runnerRemoved':
      return `**${short(why.runner)}** was removed from this server. ${yours(why.runners)}`;
    case 'runnerNotShared':
      return `**${short(why.runner)}** is not shared with you; ${short(why.ownerName)} can do so with \`/runner share\`. ${yours(why.runners)}`;
    case 'projectNotThere': {
      const elsewhere =
        why.elsewhere.length === 0
          ? ''
          : ` **${short(why.project)}** is on: ${listed(why.elsewhere.map(short))}.`;
      return `**${short(why.runner)}** has no project **${short(why.project)}**.${elsewhere} There are on it: ${listed(why.projects.map(short))}`;
    }
    case 'noProject':
      return why.connected
        ? `**${short(why.runner)}** offers no project to this server yet. Add one on that machine.`
        : `**${short(why.runner)}** has not connected yet, so its projects are not known. Start it with \`npm run runner\`.`;
    case 'claude':
      return `Claude does not work on **${short(why.runner)}**: ${escapeTo(why.words, 500)}`;
    default:
      return assertNever(why);
  }
}

function yours(runners: readonly string[]): string {
  return runners.length === 0
    ? 'None is yours or shared with you; `/runner pair` connects one.'
    : `You may use: ${listed(runners.map(short))}`;
}

/** With the answer to a start whose runner is away. `instead`: one that is there and has the project too. */
export function startedAway(runner: string, sinceMs: number | null, instead: string | null): string {
  const other = instead === null ? '' : ` \`runner:${short(instead)}\` begins it on one that is online.`;
  return `${awayWords(runner, sinceMs)} What you ask is kept and runs when it is back; \`/stop\` in the thread cancels it.${other}`;
}

/** `online`, or since when it is not. */
export function presenceWords(presence: Presence): string {
  if (presence.online) return 'online';
  return presence.sinceMs === null ? 'never connected' : `offline since ${timestamp(presence.sinceMs, 'f')}`;
}

export function short(text: string): string {
  return escapeTo(text, NAME_MAX);
}

function listed(items: readonly string[]): string {
  const more = items.length > LISTED_MAX ? `, and ${items.length - LISTED_MAX} more` : '';
  return `${items.slice(0, LISTED_MAX).join(', ')}${more}`;
}
