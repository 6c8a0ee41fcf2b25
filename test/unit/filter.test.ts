/** The filter of a list, and what anybody may write into the button that carries it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProjectName, UserId } from '../../protocol/ids.ts';
import { encodeCustomId, parseCustomId } from '../../worker/domain/buttons.ts';
import type { SessionFilter, SessionSummary } from '../../worker/domain/contract.ts';
import { STATE_CHOICES } from '../../worker/domain/contract.ts';
import { filterTag, isWanted, parseFilterTag, wanted } from '../../worker/guild/sessions/filter.ts';

const filters: fc.Arbitrary<SessionFilter> = fc.record({
  state: fc.option(fc.constantFrom(...STATE_CHOICES)),
  person: fc.option(fc.bigInt(1n, 2n ** 64n - 1n).map((id) => String(id) as UserId)),
  project: fc.option(fc.string({ minLength: 1, maxLength: 100 }).map((name) => name as ProjectName)),
});
const session = (state: string, person: string, project: string) =>
  ({ state: { is: state }, starter: { id: person, name: 'x' }, project }) as SessionSummary;

describe('a filter', () => {
  it('fits a button and comes back from it as it was', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const want = wanted(filter);
        const id = encodeCustomId({ verb: 'page', gen: 0, ref: 3, tag: filterTag(want) });
        expect(id.length).toBeLessThanOrEqual(100);
        expect(parseFilterTag(parseCustomId(id)?.tag ?? '?')).toEqual(want);
      }),
    );
  });

  it('is never a surprise, whatever a button carries', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/)), (tag) => {
        const want = parseFilterTag(tag);
        if (want !== null) expect(filterTag(want)).toBe(tag);
      }),
    );
    for (const forged of ['9-1-a', '--', '0', '0-1', '0-x-a', '0-1-A', '00-1-a', `0-${'1'.repeat(21)}-a`])
      expect(parseFilterTag(forged), forged).toBeNull();
  });

  it('takes what is like it', () => {
    const of = (filter: Partial<SessionFilter>, one: SessionSummary) =>
      isWanted(one, wanted({ state: null, person: null, project: null, ...filter }));
    const running = session('running', '1', 'api');
    expect(of({}, running)).toBe(true);
    expect(of({ state: 'active' }, running)).toBe(true);
    expect(of({ state: 'active' }, session('ended', '1', 'api'))).toBe(false);
    expect(of({ state: 'ended' }, running)).toBe(false);
    expect(of({ person: '1' as UserId, project: 'api' as ProjectName }, running)).toBe(true);
    expect(of({ person: '2' as UserId }, running)).toBe(false);
    expect(of({ project: 'ap' as ProjectName }, running)).toBe(false);
  });
});
