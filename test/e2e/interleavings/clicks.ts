/** What the answer to one click may be, from who clicked which button where, and from what else went on. */
import type { Index } from './index.ts';
import { type Finding, words } from './oracle.ts';
import type { Card, Click, Told, Why } from './story.ts';

type Answer = 'done' | Why;

export function judgeClick(index: Index, click: Click): Finding[] {
  const { who, verb, message, thread, told } = click;
  const id = click.id === null ? 'junk' : `${click.id.gen}:${click.id.ref}`;
  const what = `${who} pressed ${verb} ${id} on ${message} in ${thread} and was told: ${words(told)}`;
  if (told.is === 'lost') return index.mayLose(click.begin, click.end) ? [] : [{ rule: 'lost', what }];
  const findings: Finding[] = [];
  if (click.echo !== null && !alike(told, click.echo))
    findings.push({ rule: 'twice', what: `${what}; its second delivery: ${words(click.echo)}` });
  const allowed = answers(index, click);
  const got: Answer = told.is === 'done' ? 'done' : told.why;
  if (!allowed.has(got)) {
    const may = [...allowed].join(' or ');
    const rule = got === 'done' && allowed.has('person') ? 'wrong person' : 'wrong reason';
    findings.push({ rule, what: `${what}; it may be: ${may}` });
  }
  if (got === 'already' && !isTrue(index, click, told.words))
    findings.push({ rule: 'wrong words', what: `${what}; nobody did` });
  return findings;
}

function alike(first: Told, second: Told): boolean {
  if (first.is === 'refused' && second.is === 'refused') return first.why === second.why;
  return first.is === second.is;
}

function answers(index: Index, click: Click): Set<Answer> {
  if (click.id === null) return new Set(['unknown']);
  if (click.fromChannel) return new Set(['nowhere']);
  const all = new Set<Answer>();
  for (const conversation of index.during(click.thread, click.begin, click.end)) {
    if (!index.mayIn(click.who, conversation)) all.add('person');
    else if (click.id.gen !== conversation.gen) all.add('earlier');
    else for (const answer of ofCard(index, click, index.cardOf(click))) all.add(answer);
  }
  return all;
}

/** Of somebody who may, on a card of the conversation that goes on. */
function ofCard(index: Index, click: Click, card: Card | undefined): Answer[] {
  // No card has this number, or none was seen: it may just be on its way.
  if (card === undefined) return ['over', 'changed', 'elsewhere'];
  const before = [
    ...(index.decided.get(card.command) ?? []),
    ...(index.maybe.get(card.command) ?? []),
  ].filter((other) => other !== click && other.begin < click.end);
  // The number of another gen's card under the gen that goes on: nothing that a card of Heddle's ever said.
  if (card.gen !== click.id?.gen) return ['over', 'already', 'earlier', 'changed', 'elsewhere'];
  const all: Answer[] = card.seen > click.begin ? ['over', 'changed', 'elsewhere'] : [];
  if (before.length > 0) all.push('already', 'over');
  if (click.round > card.round) return all.length > 0 ? all : ['over'];
  if (index.disrupted(card.thread, card.round, 0, click.end)) all.push('over');
  const here = click.message === card.message;
  const same = click.id?.tag === card.tag;
  if (!here) all.push('elsewhere');
  if (!same) all.push('changed');
  if (here && same && before.every(({ told }) => told.is === 'lost')) all.push('done');
  // Another click of the same moment; which of them was first is Heddle's to say.
  else if (here && same && click.told.is === 'done') all.push('done');
  return all;
}

/** "olga already allowed this": somebody of that name did, and not after. */
function isTrue(index: Index, click: Click, said: string): boolean {
  const card = index.cardOf(click);
  const match = /^(\S+) already (allowed|denied)/.exec(said);
  if (card === undefined || match === null) return false;
  const verb = match[2] === 'allowed' ? 'allow' : 'deny';
  const clicks = [...(index.decided.get(card.command) ?? []), ...(index.maybe.get(card.command) ?? [])];
  return clicks.some((other) => other.who === match[1] && other.verb === verb && other.begin < click.end);
}
