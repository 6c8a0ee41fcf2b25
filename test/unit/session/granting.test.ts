/** Always… and Accept all edits, and the reminder, by the session's rules alone. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../protocol/events.ts';
import type { MessageId, TurnId } from '../../../protocol/ids.ts';
import type { Verb } from '../../../worker/domain/buttons.ts';
import type { ButtonRow } from '../../../worker/domain/slot.ts';
import { DURATIONS } from '../../../worker/platform/durations.ts';
import type { RuleAnswer } from '../../../worker/session/state/input.ts';
import { HASH, OWNER, Play, STARTER, STRANGER } from './play.ts';

const TAG = HASH.slice(0, 16);
type Suggestion = Extract<Event, { kind: 'requestOpened' }>['suggestions'][number];
const FOLDER: Suggestion = { type: 'addDirectories', label: '/x', destination: 'session' };
const RULE: Suggestion = {
  type: 'addRules',
  label: 'Bash(npm run *)',
  destination: 'localSettings',
  scopes: ['session', 'localSettings'],
};
const MODE: Suggestion = {
  type: 'setMode',
  label: 'acceptEdits',
  destination: 'session',
  scopes: ['session'],
};

function asking(suggestions: Suggestion[], over: object = {}): { play: Play; turn: TurnId; ref: number } {
  const play = new Play().open();
  play.ask('fix the test');
  const turn = play.begin();
  return { play, turn, ref: play.request('req-1', turn, { suggestions, ...over }) };
}

function use(play: Play, ref: number, verb: Verb, tag = TAG, who = STARTER, message?: MessageId): RuleAnswer {
  const on = message ?? (play.state.requests.get(ref)?.message as MessageId | undefined) ?? null;
  return play.act(who, { do: 'press', id: { verb, gen: play.gen, ref, tag }, message: on });
}

/** The private answer's own id, which is not the card's. */
const PANEL = '999' as MessageId;

function labels(answer: RuleAnswer): string[] {
  const rows: readonly ButtonRow[] = 'rows' in answer ? (answer.rows ?? []) : [];
  return rows.flat().flatMap((each) => ('label' in each ? [each.label] : []));
}

describe('right session: a rule is granted only as it was shown', () => {
  it('Always… shows the exact rule and its scopes, and changes nothing', () => {
    const { play, ref } = asking([FOLDER, RULE, MODE]);
    const answer = use(play, ref, 'always', TAG, OWNER);
    expect(play.refusal(answer)).toContain('Rule: `Bash(npm run *)`');
    expect(labels(answer)).toEqual(['This session', 'This project on laptop', 'Cancel']);
    expect(play.sent('decide')).toEqual([]);
    expect(play.requests()[0]?.state.is).toBe('open');
  });

  it('a scope allows this request with that suggestion in that scope, and nothing else', () => {
    for (const [which, who, scope] of [
      ['s', STARTER, 'session'],
      ['p', OWNER, 'localSettings'],
    ] as const) {
      const { play, ref } = asking([FOLDER, RULE, MODE]);
      expect(use(play, ref, 'rule', `${TAG}_${which}`, who, PANEL)).toMatchObject({
        kind: 'update',
        rows: [],
      });
      expect(play.sent('decide').map((c) => c.verdict)).toEqual([
        { behavior: 'allow', suggestion: 1, destination: scope },
      ]);
      expect(play.requests()[0]?.state).toMatchObject({
        is: 'decided',
        verdict: 'allow',
        also: { is: 'rule', rule: 'Bash(npm run *)', scope },
      });
    }
  });

  it('says that a rule without limits has none', () => {
    const { play, ref } = asking([{ ...RULE, label: 'WebSearch' }]);
    expect(play.refusal(use(play, ref, 'always'))).toMatch(/no limits/);
    const narrow = asking([RULE]);
    expect(narrow.play.refusal(use(narrow.play, narrow.ref, 'always'))).not.toMatch(/no limits/);
  });

  it('Cancel leaves the card as it is', () => {
    const { play, ref } = asking([RULE]);
    expect(use(play, ref, 'rule', `${TAG}_x`, STARTER, PANEL)).toMatchObject({ kind: 'update' });
    expect(play.sent('decide')).toEqual([]);
    expect(play.requests()[0]?.state.is).toBe('open');
  });

  it.each([
    ['an older runner’s rule', [{ ...RULE, scopes: undefined }].map(({ scopes: _, ...rest }) => rest)],
    ['a folder', [FOLDER]],
    ['a mode', [MODE]],
    ['nothing', []],
  ])('offers no rule for %s, and takes none', (_what, suggestions) => {
    const { play, ref } = asking(suggestions);
    expect(play.requests()[0]).not.toHaveProperty('rule');
    expect(play.refusal(use(play, ref, 'always'))).toMatch(/no rule/);
    expect(play.refusal(use(play, ref, 'rule', `${TAG}_s`, STARTER, PANEL))).toMatch(/no rule/);
    expect(play.sent('decide')).toEqual([]);
  });

  it.each([
    ['a scope that is none', 'rule', `${TAG}_q`, /no rule/],
    ['no scope', 'rule', TAG, /no rule/],
    ['a name that objects have', 'rule', `${TAG}_constructor`, /no rule/],
    ['another input', 'rule', `${'0'.repeat(16)}_s`, /not what Claude asks/],
    ['another input’s rule', 'always', '0'.repeat(16), /not what Claude asks/],
    ['edits where a rule is offered', 'edits', TAG, /cannot be accepted/],
    ['an answer', 'pick', `${TAG}_0`, /no question/],
  ] as const)('refuses %s', (_what, verb, tag, words) => {
    const { play, ref } = asking([RULE, MODE]);
    expect(play.refusal(use(play, ref, verb, tag))).toMatch(words);
    expect(play.sent('decide')).toEqual([]);
  });

  it('refuses a scope after somebody decided, and one of a request that ended', () => {
    const { play, ref } = asking([RULE]);
    use(play, ref, 'deny');
    expect(play.refusal(use(play, ref, 'rule', `${TAG}_s`, OWNER, PANEL))).toMatch(/already denied/);
    const other = asking([RULE]);
    other.play.act(STARTER, { do: 'stop' });
    expect(other.play.refusal(use(other.play, other.ref, 'rule', `${TAG}_s`, STARTER, PANEL))).toMatch(
      /over/,
    );
    expect([...play.sent('decide'), ...other.play.sent('decide')]).toHaveLength(1);
  });

  it('a project rule is not offered, nor taken, where the runner cannot keep it', () => {
    const { play, ref } = asking([{ ...RULE, scopes: ['session'] }]);
    expect(labels(use(play, ref, 'always', TAG, OWNER))).toEqual(['This session', 'Cancel']);
    expect(play.refusal(use(play, ref, 'rule', `${TAG}_p`, OWNER, PANEL))).toMatch(/no rule/);
  });

  it('edits are accepted by the CLI’s own suggestion, for this session', () => {
    const { play, ref } = asking([MODE], { class: 'edit', name: 'Edit' });
    expect(use(play, ref, 'edits')).toEqual({ kind: 'decided', ref });
    expect(play.last('decide').verdict).toEqual({
      behavior: 'allow',
      suggestion: 0,
      destination: 'session',
    });
    expect(play.requests()[0]?.state).toMatchObject({ also: { is: 'edits' } });
  });

  it('a command is not allowed by a change of mode', () => {
    const { play, ref } = asking([MODE]);
    expect(play.refusal(use(play, ref, 'edits'))).toMatch(/cannot be accepted/);
  });

  it('what is too large to be shown gets no rule and no mode', () => {
    const large = { inputParts: 0, inputBytes: 9_000_000 };
    const { play, ref } = asking([RULE], large);
    expect(play.refusal(use(play, ref, 'rule', `${TAG}_s`, STARTER, PANEL))).toMatch(/no rule/);
    const edit = asking([MODE], { ...large, class: 'edit' });
    expect(edit.play.refusal(use(edit.play, edit.ref, 'edits'))).toMatch(/cannot be accepted/);
  });
});

describe('right person: rules', () => {
  it('only the runner’s owner keeps a rule for a project; a stranger does not even see it', () => {
    const { play, ref } = asking([RULE]);
    expect(labels(use(play, ref, 'always'))).toEqual(['This session', 'Cancel']);
    expect(play.refusal(use(play, ref, 'rule', `${TAG}_p`, STARTER, PANEL))).toMatch(/may not/);
    for (const verb of ['always', 'edits'] as const)
      expect(play.refusal(use(play, ref, verb, TAG, STRANGER))).toMatch(/olga|sam/);
    for (const which of ['s', 'p', 'x'])
      expect(play.refusal(use(play, ref, 'rule', `${TAG}_${which}`, STRANGER, PANEL))).toMatch(/olga|sam/);
    expect(play.sent('decide')).toEqual([]);
  });
});

describe('every state has an exit: the reminder', () => {
  const reminders = (play: Play) => play.entries('reminder');

  it('comes once after 15 minutes, links the card, and goes with the decision', () => {
    const { play, ref } = asking([]);
    play.later(DURATIONS.reminderMs - 1);
    expect(reminders(play)).toEqual([]);
    play.later(1);
    expect(reminders(play)).toMatchObject([
      { ref, asked: { id: STARTER.id }, over: false, url: expect.stringMatching(/\/300\/501$/) },
    ]);
    play.later(DURATIONS.reminderMs * 5);
    expect(reminders(play)).toHaveLength(1);
    use(play, ref, 'allow');
    expect(reminders(play).map((entry) => entry.over)).toEqual([true]);
  });

  it('is one for all that is open', () => {
    const { play, turn } = asking([]);
    play.request('req-2', turn);
    play.later(DURATIONS.reminderMs);
    play.later(DURATIONS.reminderMs);
    expect(reminders(play)).toHaveLength(1);
  });

  it('does not come when it was decided, stopped, or its card is not there yet; and goes when it expires or is void', () => {
    const decided = asking([]);
    use(decided.play, decided.ref, 'deny');
    decided.play.later(DURATIONS.reminderMs);
    expect(reminders(decided.play)).toEqual([]);
    for (const end of [
      (play: Play) => play.act(STARTER, { do: 'stop' }),
      (play: Play) => play.later(DURATIONS.requestWaitMs),
      (play: Play) => play.act(STARTER, { do: 'end' }),
    ]) {
      const { play } = asking([]);
      play.later(DURATIONS.reminderMs);
      expect(reminders(play)).toHaveLength(1);
      end(play);
      expect(reminders(play).every((entry) => entry.over)).toBe(true);
    }
  });
});
