/** `/runner list`: what a member should know of each machine before they choose one. */

import type { RunnerAccess } from '../../domain/access.ts';
import { encodeCustomId } from '../../domain/buttons.ts';
import type { Answer } from '../../domain/contract.ts';
import type { Button } from '../../domain/slot.ts';
import { plural, timestamp } from '../../render/text/format.ts';
import type { Runner } from './runners.ts';
import { say, short } from './words.ts';

const PROJECTS_SHOWN = 8;
const SHARES_SHOWN = 8;
/** With the longest names a runner takes about 800 characters, and usually 200; see `PAGE_MAX`. */
const RUNNERS_A_PAGE = 6;
/** Characters; Discord: 2,000 a message. */
const PAGE_MAX = 1950;

export interface ListedRunner {
  readonly runner: Runner;
  readonly access: RunnerAccess;
  /** Its sessions in this guild that have not ended, and how many of them are at work. */
  readonly sessions: { readonly open: number; readonly working: number };
}

/** `page` counts from 0; one that is not there is the nearest. */
export function runnerList(all: readonly ListedRunner[], page: number, kind: 'private' | 'update'): Answer {
  if (all.length === 0)
    return say('This server has no runner yet. `/runner pair` connects a machine of yours.');
  const pages = paged(all.map(line));
  const at = Math.min(Math.max(0, Math.trunc(page) || 0), pages.length - 1);
  const more = pages.length === 1 ? [] : [`-# Page ${at + 1} of ${pages.length} · ${all.length} runners`];
  const turn = (label: string, to: number): Button => ({
    label,
    style: 'secondary',
    id: encodeCustomId({ verb: 'runnerpage', gen: 0, ref: to, tag: '' }),
  });
  const row = [
    ...(at > 0 ? [turn('Back', at - 1)] : []),
    ...(at < pages.length - 1 ? [turn('More', at + 1)] : []),
  ];
  const text = [...(pages[at] ?? []), ...more].join('\n');
  return { kind, text, rows: row.length === 0 ? [] : [row] };
}

function paged(lines: readonly string[]): string[][] {
  const pages: string[][] = [];
  let room = 0;
  for (const text of lines) {
    const page = pages.at(-1);
    if (page !== undefined && page.length < RUNNERS_A_PAGE && text.length + 1 <= room) page.push(text);
    else {
      pages.push([text]);
      room = PAGE_MAX;
    }
    room -= text.length + 1;
  }
  return pages;
}

function line({ runner, access, sessions }: ListedRunner): string {
  const head = `**${short(runner.name)}** · ${short(runner.ownerName)} · ${stateWords(runner)}`;
  const details = [
    loadWords(runner, sessions),
    versionWords(runner),
    projectWords(runner),
    shareWords(access),
  ].filter((text) => text !== '');
  return [head, ...details.map((text) => `-# ${text}`)].join('\n');
}

function stateWords({ standing, presence, sinceMs }: Runner): string {
  if (standing === 'unconfirmed') return 'waits to be confirmed';
  if (sinceMs === null) return presence.online ? 'online' : 'never connected';
  return `${presence.online ? '🟢 online' : '🔴 offline'} since ${timestamp(sinceMs, 'f')}`;
}

function loadWords({ catalogue }: Runner, { open, working }: ListedRunner['sessions']): string {
  const parts = [];
  if (catalogue !== null) {
    const { processes, places } = catalogue;
    parts.push(
      places === undefined
        ? plural(processes, 'process', 'processes')
        : `${processes} of ${places} processes`,
    );
  }
  if (open > 0) parts.push(`${plural(open, 'session')} here, ${working} at work`);
  return parts.join(' · ');
}

function versionWords({ catalogue }: Runner): string {
  if (catalogue === null) return '';
  const { claude, version, host, platform } = catalogue;
  const works = claude.ok
    ? `Claude ${short(claude.version)}`
    : `Claude does not work: ${short(claude.words)}`;
  return [short(host), short(platform), `Heddle ${short(version)}`, works]
    .filter((text) => text !== '')
    .join(' · ');
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
