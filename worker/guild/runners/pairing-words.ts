/** What the member reads while a runner is paired. */
import type { InteractionId } from '../../../protocol/ids.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { Answer } from '../../domain/contract.ts';
import type { ButtonRow } from '../../domain/slot.ts';
import { escapeText } from '../../render/text/escape.ts';
import { timestamp } from '../../render/text/format.ts';
import type { Runner } from './runners.ts';

export function link(id: InteractionId, url: string, expiresMs: number): Answer {
  return {
    kind: 'private',
    text: [
      '**Run this on the machine that has your projects**, in Heddle’s folder:',
      `\`\`\`\nnpm run runner -- '${url}'\n\`\`\``,
      `It asks which folder Claude may work in. When it shows a fingerprint, press **Continue** here.\n-# The link works once, until ${timestamp(expiresMs, 't')}. Keep it to yourself.`,
    ].join('\n'),
    rows: [
      [
        {
          label: 'Continue',
          style: 'primary',
          id: encodeCustomId({ verb: 'pairlook', gen: 0, ref: 0, tag: id }),
        },
      ],
    ],
  };
}

export function notYet(expiresMs: number): Answer {
  return {
    kind: 'private',
    text: `No runner has used the link yet. It works until ${timestamp(expiresMs, 't')}.`,
  };
}

/** Replaces the link's message. */
export function compare(runner: Runner): Answer & { kind: 'update' } {
  return {
    kind: 'update',
    text: [
      `**${escapeText(runner.name)}** wants to be your runner in this server.`,
      `\`\`\`\n${runner.fingerprint}\n\`\`\``,
      'Confirm only if the runner shows the same fingerprint. Whoever you share it with can then let Claude work on that machine.',
    ].join('\n'),
    rows: [confirmRow(runner)],
  };
}

function confirmRow(runner: Runner): ButtonRow {
  const id = (verb: 'pairyes' | 'pairno') => encodeCustomId({ verb, gen: 0, ref: 0, tag: runner.id });
  return [
    { label: 'Confirm', style: 'success', id: id('pairyes') },
    { label: 'Refuse', style: 'danger', id: id('pairno') },
  ];
}

export function confirmed(runner: Runner): Answer {
  return {
    kind: 'update',
    text: `✓ **${escapeText(runner.name)}** is your runner here now. \`/new\` begins a session on it, \`/runner share\` lets others use it.`,
    rows: [],
  };
}

export function refused(runner: Runner): Answer {
  return {
    kind: 'update',
    text: `✗ **${escapeText(runner.name)}** is not a runner here; its key opens nothing. \`/runner pair\` gives a new link.`,
    rows: [],
  };
}

export function gone(): Answer {
  return { kind: 'update', text: 'This link is over. `/runner pair` gives a new one.', rows: [] };
}

export function notYours(ownerName: string): Answer {
  return { kind: 'private', text: `Only ${escapeText(ownerName)}, who made this link, can decide about it.` };
}
