import { describe, expect, it } from 'vitest';
import type { ChannelId, MessageId, UserId } from '../../../protocol/ids.ts';
import { ModelDiscord } from './model-discord.ts';
import { contents, ModelObject, plain } from './model-object.ts';
import { VirtualClock } from './virtual-clock.ts';

const START_MS = 1_800_000_000_000;

function world(shared = false): { clock: VirtualClock; discord: ModelDiscord; object: ModelObject } {
  const clock = new VirtualClock(START_MS);
  const discord = new ModelDiscord(clock, shared);
  return { clock, discord, object: new ModelObject(discord) };
}

describe('posting', () => {
  it('creates in order, once, with two writes each', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one'), plain('b', 'two'), plain('c', 'three')]);
    await clock.runUntil(START_MS + 1000);
    expect(contents(discord)).toEqual(['one', 'two', 'three']);
    object.delivery.pump();
    await clock.runUntil(START_MS + 60_000);
    expect(discord.requests).toBe(3);
    expect(object.store.writes).toBe(6);
    expect(object.delivery.isShown(plain('b', 'two'))).toBe(true);
    expect(object.delivery.isShown(plain('b', 'other'))).toBe(false);
    expect(object.delivery.messageOf('b')).toBe(discord.messages[1]?.id);
  });

  it('edits what changed, the newest body only', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one'), plain('b', 'two')]);
    await clock.runUntil(START_MS + 1000);
    object.show([plain('a', 'one'), plain('b', 'two!')]);
    object.show([plain('a', 'one'), plain('b', 'two!!')]);
    await clock.runUntil(START_MS + 2000);
    expect(contents(discord)).toEqual(['one', 'two!!']);
    expect(discord.log.filter((line) => line.includes('edit'))).toHaveLength(2);
  });

  it.each(['unanswered', 'error500applied', 'lost', 'error500'] as const)(
    'edits again what was to be taken back, when the edit before had no answer (%s), also after a crash',
    async (fault) => {
      // Never; after the answer should have come; before that; and before it is taken back.
      for (const crashesMs of [null, 10_300, 1600, 1400]) {
        const { clock, discord, object } = world();
        object.show([plain('a', 'running')]);
        await clock.runUntil(START_MS + 1000);
        discord.faults.push(fault);
        object.show([plain('a', 'running, stopping')]);
        for (const atMs of [1400, 1500, 1600, 10_300]) {
          await clock.runUntil(START_MS + atMs);
          if (atMs === crashesMs) object.crash();
          if (atMs === 1500) object.show([plain('a', 'running')]);
        }
        await clock.runUntil(START_MS + 120_000);
        expect(contents(discord)).toEqual(['running']);
        expect(object.delivery.isShown(plain('a', 'running'))).toBe(true);
      }
    },
  );

  it('shows missing text above a request before the request', async () => {
    const { clock, discord, object } = world(true);
    object.show([plain('t', 'Let me', { phase: 'live' })]);
    await clock.runUntil(START_MS + 300);
    object.show([plain('t', 'Let me run it.'), plain('r', 'Allow?', { phase: 'card' })]);
    await clock.runUntil(START_MS + 700);
    expect(discord.shown.map((one) => one.content)).toEqual(['Let me', 'Let me run it.', 'Allow?']);
  });

  it('does not wait for a button that moved on before the next message', async () => {
    const { clock, discord, object } = world(true);
    const stop = [[{ label: 'Stop', style: 'danger', id: 'h1:stop:1:0:x' }]] as const;
    object.show([plain('p', 'prompt', { rows: stop })]);
    await clock.runUntil(START_MS + 300);
    object.show([plain('p', 'prompt'), plain('t', 'first', { phase: 'live', rows: stop })]);
    await clock.runUntil(START_MS + 450);
    expect(contents(discord)).toEqual(['prompt', 'first']);
  });

  it('deletes what should not be there, and posts nothing that is already deleted', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one'), plain('b', 'two')]);
    await clock.runUntil(START_MS + 1000);
    object.show([
      plain('a', 'one', { deleted: true }),
      plain('b', 'two'),
      plain('c', 'x', { deleted: true }),
    ]);
    await clock.runUntil(START_MS + 2000);
    expect(contents(discord)).toEqual(['two']);
    expect(object.delivery.isShown(plain('a', 'one', { deleted: true }))).toBe(true);
    expect(discord.messages).toHaveLength(2);
  });

  it('hands a long wait to the alarm', async () => {
    const { clock, discord, object } = world();
    object.show(Array.from({ length: 7 }, (_, n) => plain(`s${n}`, `${n}`)));
    await clock.runUntil(START_MS + 1000);
    expect(contents(discord)).toHaveLength(5);
    await object.delivery.idle();
    expect(object.delivery.nextWakeMs()).toBeGreaterThan(START_MS + 4500);
    await clock.runUntil(START_MS + 6000);
    expect(contents(discord)).toHaveLength(7);
    expect(discord.limited).toBe(0);
  });

  it('makes at most 30 requests a drain and goes on by the alarm', async () => {
    const { clock, discord, object } = world();
    discord.latencyMs = 1100;
    object.show(Array.from({ length: 40 }, (_, n) => plain(`s${n}`, `${n}`)));
    await clock.runUntil(START_MS + 120_000);
    expect(contents(discord)).toHaveLength(40);
    expect(discord.limited).toBe(0);
  });

  it('forgets rows by prefix', async () => {
    const { clock, object } = world();
    object.show([plain('t.1.0', 'one'), plain('t.2.0', 'two')]);
    await clock.runUntil(START_MS + 1000);
    object.delivery.forget('t.1.');
    expect(object.delivery.messageOf('t.1.0')).toBeNull();
    expect(object.delivery.messageOf('t.2.0')).not.toBeNull();
    expect([...object.store.rows.keys()]).toEqual(['t.2.0']);
  });

  it('drops what nothing changes any more, but not the newest, nor what may change', async () => {
    const { clock, object } = world();
    object.show(['a', 'b', 'c', 'd'].map((key) => plain(key, key)));
    await clock.runUntil(START_MS + 5000);
    const doubt = {
      key: 'doubt',
      state: 'sending',
      message: null,
      hash: '',
      incarnation: 0,
      sentMs: 1,
    } as const;
    object.store.put('1' as ChannelId, doubt);
    object.delivery.dropSettled((key) => key === 'b', 1);
    expect([...object.store.rows.keys()].toSorted()).toEqual(['b', 'd', 'doubt']);
    expect(object.delivery.messageOf('a')).toBeNull();
    expect(object.delivery.messageOf('d')).not.toBeNull();
  });

  it('row 19: survives a desired() that throws', async () => {
    const { clock, discord, object } = world();
    const good = [plain('a', 'one')];
    Object.defineProperty(object, 'slots', {
      get: () => {
        throw new Error('secret');
      },
      configurable: true,
      set() {},
    });
    object.delivery.pump();
    await clock.runUntil(START_MS + 100);
    expect(object.notes.join()).not.toContain('secret');
    Object.defineProperty(object, 'slots', { value: good, writable: true });
    await clock.runUntil(START_MS + 40_000);
    expect(contents(discord)).toEqual(['one']);
  });
});

describe('a broken object', () => {
  it('is no reason for delivery to throw or to stop for good', async () => {
    const { clock, discord, object } = world();
    const put = object.store.put.bind(object.store);
    object.store.put = () => {
      throw new Error('disk full');
    };
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 100);
    expect(discord.messages).toHaveLength(0);
    await object.delivery.idle();
    object.store.put = put;
    await clock.runUntil(START_MS + 61_000);
    expect(contents(discord)).toEqual(['one']);
  });

  it('that cannot record a create posts it once all the same', async () => {
    const { clock, discord, object } = world();
    const put = object.store.put.bind(object.store);
    object.store.put = (channel, row) => {
      if (row.state === 'posted') throw new Error('disk full');
      put(channel, row);
    };
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 50_000);
    object.store.put = put;
    await clock.runUntil(START_MS + 400_000);
    expect(discord.messages).toHaveLength(1);
    expect(object.delivery.messageOf('a')).toBe(discord.messages[0]?.id);
  });
});

describe('a create of unknown outcome', () => {
  it('is sent again with its nonce while Discord knows it', async () => {
    const { clock, discord, object } = world();
    discord.faults = ['unanswered'];
    object.show([plain('a', 'one'), plain('b', 'two')]);
    await clock.runUntil(START_MS + 30_000);
    expect(contents(discord)).toEqual(['one', 'two']);
  });

  it.each([true, false])(
    'is looked for after an outage longer than the nonce lives (nonces listed: %s)',
    async (listed) => {
      const { clock, discord, object } = world();
      discord.listsNonces = listed;
      discord.chatter('hello');
      object.show([plain('a', 'one')]);
      await clock.runUntil(START_MS + 60);
      object.crash(3_600_000);
      discord.chatter('anyone?');
      await clock.runUntil(START_MS + 3_600_060);
      object.show([plain('a', 'one, and more'), plain('b', 'two')]);
      await clock.runUntil(START_MS + 3_610_000);
      expect(contents(discord)).toEqual(['hello', 'one, and more', 'anyone?', 'two']);
    },
  );

  it('is deleted once it is found, when it should not be there any more', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 60);
    object.crash();
    object.show([plain('a', 'one', { deleted: true })]);
    await clock.runUntil(START_MS + 5000);
    expect(contents(discord)).toEqual([]);
    expect(object.delivery.isShown(plain('a', 'one', { deleted: true }))).toBe(true);
  });

  it('is not believed when Discord answers with the message that somebody deleted meanwhile', async () => {
    const { clock, discord, object } = world();
    discord.faults = ['unanswered'];
    object.show([plain('a', 'begun', { phase: 'live', whenDeleted: 'again' })]);
    await clock.runUntil(START_MS + 1000);
    object.crash(100_000);
    for (const message of discord.messages) message.deleted = true;
    await clock.runUntil(START_MS + 101_000);
    object.show([plain('a', 'begun, and its end')]);
    await clock.runUntil(START_MS + 120_000);
    expect(contents(discord)).toEqual(['begun, and its end']);
  });

  it('shows the newest body when the earlier one was applied', async () => {
    const { clock, discord, object } = world();
    discord.faults = ['unanswered'];
    object.show([plain('a', 'o', { phase: 'live' })]);
    await clock.runUntil(START_MS + 1000);
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 30_000);
    expect(contents(discord)).toEqual(['one']);
  });
});

describe('what people do', () => {
  it('posts a deleted open card again at the end, and leaves finished text deleted', async () => {
    const { clock, discord, object } = world();
    object.show([
      plain('t', 'text'),
      plain('r', 'Allow?', { phase: 'card', whenDeleted: 'again' }),
      plain('u', 'x'),
    ]);
    await clock.runUntil(START_MS + 1000);
    for (const message of discord.messages.slice(0, 2)) message.deleted = true;
    object.show([
      plain('t', 'text!'),
      plain('r', 'Allowed', { phase: 'card', whenDeleted: 'again' }),
      plain('u', 'x'),
    ]);
    await clock.runUntil(START_MS + 10_000);
    expect(contents(discord)).toEqual(['x', 'Allowed']);
    expect(object.delivery.isShown(plain('t', 'text!'))).toBe(true);
  });

  it.each([false, true])(
    'posts a text again whose message was deleted before it showed all of it, and no finished one (crash between: %s)',
    async (crashes) => {
      const { clock, discord, object } = world();
      const grown = plain('g', 'begun, and its end');
      object.show([plain('f', 'finished'), plain('g', 'begun', { phase: 'live', whenDeleted: 'again' })]);
      await clock.runUntil(START_MS + 1000);
      expect(contents(discord)).toEqual(['finished', 'begun']);
      for (const message of discord.messages) message.deleted = true;
      if (crashes) object.crash();
      object.show([plain('f', 'finished!'), grown]);
      await clock.runUntil(START_MS + 20_000);
      expect(contents(discord)).toEqual(['begun, and its end']);
      for (const message of discord.messages) message.deleted = true;
      object.show([plain('f', 'finished!'), { ...grown, content: 'begun, its end, and a footer' }]);
      await clock.runUntil(START_MS + 40_000);
      expect(contents(discord), 'all of it was shown').toEqual([]);
    },
  );

  it('gives up on a message that is deleted each time', async () => {
    const { clock, discord, object } = world();
    let n = 0;
    for (; n < 20; n++) {
      object.show([plain('r', `Allow ${n}`, { whenDeleted: 'again' })]);
      await clock.runUntil(START_MS + n * 10_000 + 9000);
      for (const message of discord.messages) message.deleted = true;
    }
    expect(discord.messages.length).toBeLessThanOrEqual(5);
  });

  it('unarchives a thread to edit in it', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 1000);
    discord.archived = true;
    object.show([plain('a', 'two')]);
    await clock.runUntil(START_MS + 2000);
    expect(contents(discord)).toEqual(['two']);
    expect(object.parked).toEqual([]);
  });

  it('row 15: parks on a locked thread, says so once, and goes on when it is opened', async () => {
    const { clock, discord, object } = world();
    discord.locked = true;
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 50_000);
    expect(discord.requests).toBe(1);
    expect(object.parked.map((reason) => reason?.kind)).toEqual(['locked']);
    expect(object.delivery.parked()?.kind).toBe('locked');
    discord.locked = false;
    await clock.runUntil(START_MS + 100_000);
    expect(contents(discord)).toEqual(['one']);
    expect(object.parked.map((reason) => reason?.kind)).toEqual(['locked', undefined]);
    // It was refused for sure, so there is nothing to look for.
    expect(discord.log.some((line) => line.includes('read'))).toBe(false);
    expect(object.delivery.parked()).toBeNull();
  });

  it('parks on a locked and archived thread', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 1000);
    discord.archived = true;
    discord.locked = true;
    object.show([plain('a', 'two')]);
    await clock.runUntil(START_MS + 600_000);
    expect(object.parked.map((reason) => reason?.kind)).toEqual(['locked']);
    expect(discord.requests).toBeLessThan(25);
  });

  it('stops for a channel that is gone, without an alarm', async () => {
    const { clock, discord, object } = world();
    discord.refuse = () => ({ kind: 'gone', what: 'channel' });
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 1000);
    expect(object.parked[0]?.kind).toBe('channelGone');
    expect(object.delivery.nextWakeMs()).toBeNull();
  });

  it('waits with all old messages when one is refused for its age', async () => {
    const { clock, discord, object } = world();
    const slots = Array.from({ length: 4 }, (_, n) => plain(`s${n}`, `${n}`));
    object.show(slots);
    await clock.runUntil(START_MS + 2 * 3_600_000);
    discord.refuse = (content) => (content === 'x' ? { kind: 'tooOld', retryAfterMs: 6000 } : null);
    const requests = discord.requests;
    object.show([...slots.map((slot) => ({ ...slot, content: 'x' })), plain('new', 'new')]);
    await clock.runUntil(clock.nowMs + 3000);
    expect(discord.requests - requests).toBe(2);
    discord.refuse = () => null;
    await clock.runUntil(clock.nowMs + 60_000);
    expect(contents(discord)).toEqual(['x', 'x', 'x', 'x', 'new']);
  });

  it('stops for a token that Discord refuses', async () => {
    const { clock, discord, object } = world();
    discord.refuse = () => ({ kind: 'tokenInvalid' });
    object.show([plain('a', 'one'), plain('b', 'two')]);
    await clock.runUntil(START_MS + 590_000);
    expect(discord.requests).toBe(1);
    expect(object.parked[0]?.kind).toBe('tokenInvalid');
  });
});

describe('what Discord refuses', () => {
  it('row 19: does not stand still for one bad message', async () => {
    const { clock, discord, object } = world();
    discord.refuse = (content) =>
      content.includes('bad')
        ? { kind: 'invalid', status: 400, code: 50035, text: 'Invalid Form Body' }
        : null;
    object.show([plain('a', 'bad'), plain('b', 'good')]);
    await clock.runUntil(START_MS + 60_000);
    expect(contents(discord)).toEqual([expect.stringContaining('refused'), 'good']);
    const requests = discord.requests;
    object.show([plain('a', 'better'), plain('b', 'bad')]);
    await clock.runUntil(START_MS + 120_000);
    expect(contents(discord)).toEqual(['better', 'good']);
    expect(discord.requests).toBe(requests + 2);
  });

  it('drops the buttons of a message whose file Discord does not take', async () => {
    const { clock, discord, object } = world();
    const rows = [[{ label: 'Allow', style: 'success', id: 'h1:allow:1:1:x' }]] as const;
    const files = [{ name: 'input.json', source: 'r1' }];
    object.files.set('r1', '{}');
    discord.refuse = (_, n) =>
      n > 0 ? { kind: 'invalid', status: 413, code: 40005, text: 'too large' } : null;
    object.show([plain('r', 'Allow?', { rows, files })]);
    await clock.runUntil(START_MS + 2000);
    expect(discord.messages[0]?.components).toBe('[]');
    object.crash();
    object.show([plain('r', 'Allow? 2', { rows, files })]);
    await clock.runUntil(START_MS + 4000);
    expect(discord.messages[0]?.content).toContain('Allow? 2');
    expect(discord.messages[0]?.components).toBe('[]');
    expect(discord.messages).toHaveLength(1);
  });

  it.each<[string, () => string]>([
    [
      'cannot be read',
      () => {
        throw new RangeError('Invalid string length');
      },
    ],
    ['is larger than Discord takes', () => 'x'.repeat(10 * 1024 * 1024 + 1)],
    ['is larger than Discord takes, counted in bytes', () => '漢'.repeat(4 * 1024 * 1024)],
  ])('posts a message without a file that %s, and goes on', async (_, read) => {
    const { clock, discord, object } = world();
    object.files.get = (source) => (source === 'bad' ? read() : source);
    const rows = [[{ label: 'Allow', style: 'success', id: 'h1:allow:1:1:x' }]] as const;
    object.show([
      plain('r', 'Allow?', { files: [{ name: 'a.json', source: 'bad' }], rows, phase: 'card' }),
      plain('p', 'picture', { files: [{ name: 'a.png', source: 'good' }] }),
      plain('b', 'below'),
    ]);
    await clock.runUntil(START_MS + 5_000);
    expect(contents(discord)).toEqual([
      'Allow?\n-# The attached file cannot be shown, so this cannot be decided here. `/stop` ends it.',
      'picture',
      'below',
    ]);
    expect(discord.messages.map(({ files }) => files)).toEqual([[], ['a.png'], []]);
    expect(discord.messages[0]?.components).toBe('[]');
    expect(object.notes.filter((note) => note.startsWith('delivery stopped'))).toEqual([]);
  });

  it('attaches files at creation', async () => {
    const { clock, discord, object } = world();
    object.files.set('r1', '{}');
    object.show([plain('r', 'Allow?', { files: [{ name: 'input.json', source: 'r1' }] })]);
    await clock.runUntil(START_MS + 2000);
    expect(discord.messages[0]?.files).toEqual(['input.json']);
    expect(discord.requests).toBe(1);
  });

  it('does not loop on edits of old messages', async () => {
    const { clock, discord, object } = world();
    object.show([plain('a', 'one')]);
    await clock.runUntil(START_MS + 1000);
    discord.refuse = () => ({ kind: 'tooOld', retryAfterMs: 2000 });
    object.show([plain('a', 'two')]);
    await clock.runUntil(START_MS + 3_600_000);
    expect(discord.requests).toBeLessThanOrEqual(5);
    expect(object.delivery.isShown(plain('a', 'two'))).toBe(true);
    expect(object.delivery.isShown(plain('a', 'three'))).toBe(false);
    discord.refuse = () => null;
    object.show([plain('a', 'three')]);
    await clock.runUntil(START_MS + 3_700_000);
    expect(contents(discord)).toEqual(['three']);
  });

  it('mentions only at creation and only the one asked', async () => {
    const { clock, discord, object } = world();
    object.show([plain('r', 'Allow?', { notify: '42' as UserId })]);
    await clock.runUntil(START_MS + 1000);
    expect(contents(discord)).toEqual(['<@42> Allow?']);
    expect(object.delivery.messageOf('r')).toBe(discord.messages[0]?.id as MessageId);
  });
});
