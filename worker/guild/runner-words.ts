/** What the `/runner` commands answer. */
import type { RunnerAccess } from '../access.ts';
import type { Answer, ShareTarget } from '../contract.ts';
import { answerBody } from '../discord/interaction-response.ts';
import { compare } from './pairing-words.ts';
import type { Runner } from './runners.ts';
import { presenceWords, say, short } from './words.ts';

const PROJECTS_SHOWN = 10;
const SHARES_SHOWN = 10;

export function list(runners: readonly (readonly [Runner, RunnerAccess])[]): Answer {
  if (runners.length === 0)
    return say('This server has no runner yet. `/runner pair` connects a machine of yours.');
  return say(runners.map(([runner, access]) => line(runner, access)).join('\n'));
}

function line(runner: Runner, access: RunnerAccess): string {
  const head = `**${short(runner.name)}** · ${short(runner.ownerName)} · ${stateWords(runner)}`;
  const details = [claudeWords(runner), projectWords(runner), shareWords(access)].filter(
    (text) => text !== '',
  );
  return details.length === 0 ? head : `${head}\n-# ${details.join(' · ')}`;
}

function stateWords(runner: Runner): string {
  return runner.standing === 'unconfirmed' ? 'waits to be confirmed' : presenceWords(runner.presence);
}

function claudeWords({ catalogue }: Runner): string {
  if (catalogue === null) return '';
  const { claude } = catalogue;
  return claude.ok ? `Claude ${short(claude.version)}` : `Claude does not work: ${short(claude.words)}`;
}

function projectWords({ catalogue }: Runner): string {
  if (catalogue === null) return '';
  const names = catalogue.projects.map((project) => short(project.name));
  if (names.length === 0) return 'no projects';
  const more = names.length > PROJECTS_SHOWN ? ` and ${names.length - PROJECTS_SHOWN} more` : '';
  return `projects: ${names.slice(0, PROJECTS_SHOWN).join(', ')}${more}`;
}

function shareWords({ members, roles }: RunnerAccess): string {
  const with_ = [...members.map((id) => `<@${id}>`), ...roles.map((id) => `<@&${id}>`)];
  if (with_.length === 0) return '';
  const more = with_.length > SHARES_SHOWN ? ` and ${with_.length - SHARES_SHOWN} more` : '';
  return `shared with ${with_.slice(0, SHARES_SHOWN).join(', ')}${more}`;
}

export function shared(runner: Runner, target: ShareTarget, on: boolean): Answer {
  const name = short(runner.name);
  return on
    ? say(
        `${who(target)} may start sessions on **${name}** now: Claude works there with your files and your login. \`/runner share off:True\` takes it back.`,
      )
    : say(
        `${who(target)} may not use **${name}** any more, and what they have in line there is dropped. A turn that runs goes on; \`/stop\` in its thread ends it.`,
      );
}

export function sharedAlready(runner: Runner, target: ShareTarget, on: boolean): Answer {
  return say(
    on
      ? `**${short(runner.name)}** is shared with ${who(target)} already.`
      : `**${short(runner.name)}** was not shared with ${who(target)}.`,
  );
}

export function removed(runner: Runner): Answer {
  return say(
    `**${short(runner.name)}** is removed. Its key stopped working, and its sessions here stand still. \`/runner pair\` connects a machine again.`,
  );
}

export function whichOne(own: readonly Runner[]): Answer {
  return say(
    `Which runner? Name one of yours: ${own.map((runner) => `**${short(runner.name)}**`).join(', ')}`,
  );
}

/** The body that replaces the pairing link's message. */
export function compareBody(runner: Runner) {
  return answerBody(compare(runner));
}

function who(target: ShareTarget): string {
  return 'member' in target ? `<@${target.member}>` : `<@&${target.role}>`;
}
