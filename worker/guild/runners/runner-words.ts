/** What the `/runner` commands answer. */

import { answerBody } from '../../discord/interaction-response.ts';
import type { Answer, ShareTarget } from '../../domain/contract.ts';
import { compare } from './pairing-words.ts';
import type { Runner } from './runners.ts';
import { say, short } from './words.ts';

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
