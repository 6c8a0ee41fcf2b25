/**
 * Compares what people were told with what the stub processes received. Pure, and apart from Heddle's own rules: it knows the
 * people, the words and the logs, and none of Heddle's state.
 */
import { judgeClick } from './clicks.ts';
import { commandOf, Index } from './index.ts';
import type { Ask, Command, Story, Told } from './story.ts';

export interface Finding {
  readonly rule:
    | 'wrong person'
    | 'wrong session'
    | 'wrong reason'
    | 'wrong verdict'
    | 'unasked'
    | 'twice'
    | 'lost'
    | 'wrong words'
    | 'hangs';
  readonly what: string;
}

export function judge(story: Story): Finding[] {
  const index = new Index(story);
  return [
    ...story.clicks.flatMap((click) => judgeClick(index, click)),
    ...story.asks.flatMap((ask) => judgeDeed(index, ask, '/ask')),
    ...story.commands.flatMap((command) => judgeDeed(index, command, `/${command.what}`)),
    ...judgeDecisions(index),
    ...judgePrompts(index),
    ...judgeInterrupts(index),
    ...judgeCards(index),
  ];
}

/** A command is for those who may, and done for them. */
function judgeDeed(index: Index, deed: Ask | Command, name: string): Finding[] {
  const { who, thread, told, begin, end } = deed;
  const may = index.during(thread, begin, end).map((one) => index.mayIn(who, one));
  const what = `${name} of ${who} in ${thread}: ${words(told)}`;
  switch (told.is) {
    case 'done':
      return may.includes(true) ? [] : [{ rule: 'wrong person', what }];
    case 'refused':
      return told.why === 'person' && may.includes(false) ? [] : [{ rule: 'wrong reason', what }];
    case 'lost':
      return index.mayLose(begin, end) ? [] : [{ rule: 'lost', what }];
  }
}

/** What a process was told is what one person decided on the card of exactly that. */
function judgeDecisions(index: Index): Finding[] {
  const { story } = index;
  const findings: Finding[] = [];
  const arrived = new Map<string, number>();
  for (const decision of index.decisions) {
    const asked = index.asked.get(decision.request);
    const what = `process ${decision.pid} was told ${decision.behavior}`;
    if (asked === undefined || asked.session !== decision.session || asked.pid !== decision.pid) {
      findings.push({
        rule: 'wrong session',
        what: `${what} about ${decision.request}, which it did not ask`,
      });
      continue;
    }
    const command = commandOf(asked);
    arrived.set(command, (arrived.get(command) ?? 0) + 1);
    if (!decision.known)
      findings.push({ rule: 'unasked', what: `${what} about ${command} when that was over` });
    const clicks = index.decided.get(command) ?? [];
    const possible = clicks.length > 0 ? clicks : (index.maybe.get(command) ?? []);
    if (possible.length === 0)
      findings.push({ rule: 'wrong session', what: `${what} about ${command}, which nobody decided` });
    else if (!possible.some((click) => click.verb === decision.behavior))
      findings.push({ rule: 'wrong verdict', what: `${what} about ${command}` });
  }
  for (const [command, times] of arrived)
    if (times > 1)
      findings.push({ rule: 'twice', what: `${command} was decided ${times} times at the process` });
  for (const [command, clicks] of index.decided) {
    if (clicks.length > 1) {
      const people = clicks.map(({ who, verb }) => `${who} ${verb}`).join(', ');
      findings.push({ rule: 'twice', what: `${command} was decided by ${people}` });
    }
    for (const { thread, round, begin, who } of clicks) {
      if (round >= story.settled || arrived.has(command)) continue;
      if (index.disrupted(thread, round, begin)) continue;
      findings.push({ rule: 'lost', what: `${who} decided ${command}; no process heard of it` });
    }
  }
  return findings;
}

/** A prompt that was taken runs once at most, in the conversation of its thread, and one that was refused never. */
function judgePrompts(index: Index): Finding[] {
  const { story, asks } = index;
  const findings: Finding[] = [];
  const ran = new Map<string, number>();
  const threadOf = new Map<string, string>();
  for (const entry of story.log) {
    if (entry.event !== 'prompt') continue;
    const token = tokenIn(entry.text);
    const ask = token === null ? undefined : asks.get(token);
    if (token === null || ask === undefined) {
      findings.push({ rule: 'unasked', what: `a process was given "${entry.text}"` });
      continue;
    }
    ran.set(token, (ran.get(token) ?? 0) + 1);
    if (ask.told.is === 'refused')
      findings.push({ rule: 'wrong person', what: `${token} of ${ask.who} was refused and ran` });
    const thread = threadOf.get(entry.session) ?? ask.thread;
    threadOf.set(entry.session, thread);
    if (thread !== ask.thread)
      findings.push({
        rule: 'wrong session',
        what: `${token} of ${ask.thread} ran in the conversation of ${thread}`,
      });
  }
  for (const [token, times] of ran)
    if (times > 1) findings.push({ rule: 'twice', what: `${token} ran ${times} times` });
  for (const ask of story.asks) {
    if (ask.told.is !== 'done' || ask.round >= story.settled || ran.has(ask.token)) continue;
    if (index.disrupted(ask.thread, ask.round, ask.begin)) continue;
    findings.push({ rule: 'lost', what: `${ask.token} of ${ask.who} was taken and never ran` });
  }
  const roots = new Map<string, number>();
  for (const asked of index.asked.values()) {
    for (const card of index.cardsOf(commandOf(asked))) {
      const thread = threadOf.get(asked.session);
      const root = index.rootOf(card.thread, card.gen);
      const first = roots.get(asked.session) ?? root;
      roots.set(asked.session, first);
      if (card.thread !== thread || root !== first)
        findings.push({
          rule: 'wrong session',
          what: `the card of ${card.command} is in ${card.thread}, gen ${card.gen}`,
        });
    }
  }
  return findings;
}

/** A turn is interrupted by a /stop in its thread and by nothing else. */
function judgeInterrupts({ story, asks }: Index): Finding[] {
  const threadOf = new Map<string, string>();
  const left = new Map<string, number>();
  for (const { what, thread, told } of story.commands)
    if (what === 'stop' && told.is !== 'refused') left.set(thread, (left.get(thread) ?? 0) + 1);
  const findings: Finding[] = [];
  for (const entry of story.log) {
    if (entry.event === 'prompt') {
      const thread = asks.get(tokenIn(entry.text) ?? '')?.thread;
      if (thread !== undefined) threadOf.set(entry.session, thread);
    }
    if (entry.event !== 'interrupt') continue;
    const thread = threadOf.get(entry.session) ?? '';
    const stops = left.get(thread) ?? 0;
    left.set(thread, stops - 1);
    if (stops < 1)
      findings.push({
        rule: 'wrong session',
        what: `a turn in ${thread} was interrupted; nobody stopped it`,
      });
  }
  return findings;
}

/** Each request has one card, and in the end it says truly who decided what. */
function judgeCards(index: Index): Finding[] {
  const findings: Finding[] = [];
  for (const card of index.story.cards) {
    const { command, shown } = card;
    if (index.cardsOf(command).length > 1)
      findings.push({
        rule: 'twice',
        what: `${command} has two cards: ${JSON.stringify(index.cardsOf(command))}`,
      });
    if (card.round >= index.story.settled) continue;
    if (shown.open) findings.push({ rule: 'lost', what: `the card of ${command} is still open` });
    const said = /^-# [✓✗] (\S+) (allow|den)(?:ed|ied) /.exec(shown.text);
    if (said === null) continue;
    const verb = said[2] === 'allow' ? 'allow' : 'deny';
    const clicks = [...(index.decided.get(command) ?? []), ...(index.maybe.get(command) ?? [])];
    if (!clicks.some((click) => click.who === said[1] && click.verb === verb))
      findings.push({ rule: 'wrong words', what: `the card of ${command} says "${shown.text}"` });
  }
  return findings;
}

/** The mark of a prompt, by which the stub's log names it. */
export function tokenIn(text: string): string | null {
  return /\btk\d+\b/.exec(text)?.[0] ?? null;
}

export function words(told: Told): string {
  return told.is === 'refused' ? `refused (${told.why}), "${told.words}"` : `${told.is}, "${told.words}"`;
}
