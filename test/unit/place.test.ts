import { describe, expect, test } from 'vitest';
import type { ChannelId, GuildId } from '../../protocol/ids.ts';
import { kindOf } from '../../worker/discord/channel-type.ts';
import { type Payload, parsePayload, whereIs } from '../../worker/interactions/payload.ts';
import { missingPermissions } from '../../worker/interactions/place.ts';

const place = (channelType: number, appPermissions = '0') => ({
  guild: '1' as GuildId,
  channel: '2' as ChannelId,
  channelType,
  parent: null,
  appPermissions,
});

/** The invite link asks for these. */
const INVITED = 309237746752n;
const payload = {
  id: '1',
  type: 2,
  token: 't',
  guild_id: '10',
  context: 0,
  channel: { id: '20', type: 11, parent_id: '21' },
  member: { user: { id: '30', username: 'u', global_name: 'G' }, nick: 'N', roles: ['40'], permissions: '0' },
  app_permissions: '8',
  authorizing_integration_owners: { '0': '10' },
  data: { name: 'ask' },
};

function where(over: object) {
  const parsed = parsePayload({ ...payload, ...over });
  if (parsed === null || parsed.type === 1) throw new Error('not read');
  return whereIs(parsed as Exclude<Payload, { type: 1 }>);
}

describe('permissions', () => {
  test('what the invite link asks for is enough, everywhere', () => {
    for (const type of [0, 5, 10, 11, 12])
      expect(missingPermissions(place(type, String(INVITED)))).toEqual([]);
  });

  test('each one that is missing is named', () => {
    const names = [
      [10n, 'View Channel'],
      [11n, 'Send Messages'],
      [15n, 'Attach Files'],
      [16n, 'Read Message History'],
      [35n, 'Create Public Threads'],
      [38n, 'Send Messages in Threads'],
    ] as const;
    for (const [bit, name] of names) {
      expect(missingPermissions(place(0, String(INVITED & ~(1n << bit))))).toEqual([name]);
    }
  });

  test('in a thread, those of the channel are not needed', () => {
    const without = INVITED & ~(1n << 11n) & ~(1n << 35n);
    expect(missingPermissions(place(11, String(without)))).toEqual([]);
  });

  test('an administrator has all; nonsense has none', () => {
    expect(missingPermissions(place(0, '8'))).toEqual([]);
    expect(missingPermissions(place(0, 'lots'))).toHaveLength(6);
  });
});

test.each([
  [0, 'channel'],
  [5, 'channel'],
  [10, 'thread'],
  [11, 'thread'],
  [12, 'thread'],
  [2, 'elsewhere'],
  [13, 'elsewhere'],
  [15, 'elsewhere'],
  [16, 'elsewhere'],
  [1, 'elsewhere'],
  [99, 'elsewhere'],
])('channel type %i is a %s', (type, kind) => {
  expect(kindOf(place(type))).toBe(kind);
});

describe('who and where', () => {
  test('comes from the payload', () => {
    expect(where({})).toEqual({
      ok: true,
      member: { id: '30', name: 'N', roles: ['40'], permissions: '0' },
      place: { guild: '10', channel: '20', channelType: 11, parent: '21', appPermissions: '8' },
    });
    const unnamed = { ...payload.member, nick: null };
    expect(where({ member: unnamed })).toMatchObject({ member: { name: 'G' } });
  });

  test.each([
    ['no guild', { guild_id: undefined }],
    ['no member', { member: undefined }],
    ['no context', { context: undefined }],
    ['another context', { context: 2 }],
    ['no owners', { authorizing_integration_owners: undefined }],
    ['another guild’s installation', { authorizing_integration_owners: { '0': '11' } }],
    ['a direct message’s installation', { authorizing_integration_owners: { '0': '0' } }],
    ['no channel', { channel: undefined }],
    ['no permissions of ours', { app_permissions: undefined }],
  ])('%s: refused', (_name, over) => {
    expect(where(over)).toMatchObject({ ok: false });
  });

  test.each([
    null,
    1,
    'x',
    [],
    {},
    { type: 2 },
    { ...payload, id: 'abc' },
    { ...payload, member: { roles: [] } },
  ])('what is no interaction is not read: %j', (value) => {
    expect(parsePayload(value)).toBeNull();
  });
});
