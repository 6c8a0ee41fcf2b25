import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Harness } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  harness.discord.assertClean();
  await harness.close();
});
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describe('a bucket', () => {
  it('takes five creates in 5 s and answers the sixth with 429', async () => {
    const answers = [];
    for (let index = 0; index < 6; index++) answers.push(await harness.post({ content: 'x' }));
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual([
      '4',
      '3',
      '2',
      '1',
      '0',
      '0',
    ]);
    const last = answers[5];
    expect(last?.body).toMatchObject({ global: false, message: 'You are being rate limited.' });
    expect(last?.headers.get('x-ratelimit-scope')).toBe('user');
    expect(last?.headers.get('x-ratelimit-global')).toBeNull();
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThanOrEqual(
      Math.floor(last?.body.retry_after),
    );
    expect(last?.body.retry_after).toBeLessThanOrEqual(5);
    expect(harness.channel.messages).toHaveLength(5);
  });

  it('is full again after its window, which began at its first use', async () => {
    await harness.post({ content: 'x' });
    harness.discord.advance(4000);
    await times(4, () => harness.post({ content: 'x' }));
    expect((await harness.post({ content: 'x' })).status).toBe(429);
    harness.discord.advance(1000);
    expect(statuses(await times(5, () => harness.post({ content: 'x' })))).toEqual([200, 200, 200, 200, 200]);
  });

  it('can be larger where a test says so, and the others stay', async () => {
    const wide = await Harness.start({ limits: { create: 60, global: 100 } });
    const answers = await times(61, () => wide.post({ content: 'x' }));
    expect(statuses(answers).filter((status) => status === 429)).toHaveLength(1);
    expect(answers[0]?.headers.get('x-ratelimit-limit')).toBe('60');
    const id = wide.channel.messages[0]?.id ?? '';
    const edits = await times(6, (index) => wide.edit(id, { content: `${index}` }));
    expect(statuses(edits).toSorted()).toEqual([200, 200, 200, 200, 200, 429]);
    wide.discord.assertClean();
    await wide.close();
  });

  it('is each channel’s own', async () => {
    const other = harness.guild.createChannel({ name: 'other' });
    await times(5, () => harness.post({ content: 'x' }));
    expect((await harness.post({ content: 'x' }, other.id)).status).toBe(200);
  });

  it('of edits is another than that of creates', async () => {
    const id = await harness.sent({ content: 'x' });
    await times(4, () => harness.post({ content: 'x' }));
    const answers = await times(6, (index) => harness.edit(id, { content: `${index}` }));
    expect(statuses(answers).toSorted()).toEqual([200, 200, 200, 200, 200, 429]);
    const create = await harness.post({ content: 'x' });
    expect(create.headers.get('x-ratelimit-bucket')).not.toBe(answers[0]?.headers.get('x-ratelimit-bucket'));
  });

  it('can be shared by creates and edits', async () => {
    await harness.close();
    harness = await Harness.start({ buckets: 'shared' });
    const id = await harness.sent({ content: 'x' });
    const answers = [];
    for (let index = 0; index < 5; index++) answers.push(await harness.edit(id, { content: `${index}` }));
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429]);
    expect((await harness.post({ content: 'x' })).status).toBe(429);
  });

  it('of an interaction’s webhook takes five, and is each token’s own', async () => {
    const alice = harness.discord.user(harness.alice);
    const [one, two] = [
      await alice.command(harness.channel.id, 'a'),
      await alice.command(harness.channel.id, 'b'),
    ];
    const follow = (token: string) =>
      harness.call('POST', `/webhooks/${harness.discord.applicationId}/${token}`, { content: 'x' });
    expect(statuses(await times(6, () => follow(one.token))).toSorted()).toEqual([
      200, 200, 200, 200, 200, 429,
    ]);
    expect((await follow(two.token)).status).toBe(200);
  });
});

describe('the global limit', () => {
  it('takes 50 requests in a second over all channels, and is marked as global', async () => {
    const channels = Array.from({ length: 11 }, (_, index) =>
      harness.guild.createChannel({ name: `c${index}` }),
    );
    const answers = await times(51, (index) => harness.post({ content: 'x' }, channels[index % 11]?.id));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.body).toMatchObject({ global: true });
    expect(refused[0]?.headers.get('x-ratelimit-global')).toBe('true');
    expect(refused[0]?.headers.get('x-ratelimit-scope')).toBe('global');
  });

  it('does not count the interaction endpoints', async () => {
    const channels = Array.from({ length: 10 }, (_, index) =>
      harness.guild.createChannel({ name: `c${index}` }),
    );
    const outcome = await harness.discord.user(harness.alice).command(harness.channel.id, 'a');
    await times(50, (index) => harness.post({ content: 'x' }, channels[index % 10]?.id));
    const path = `/webhooks/${harness.discord.applicationId}/${outcome.token}/messages/@original`;
    expect((await harness.call('PATCH', path, { content: 'y' })).status).toBe(200);
  });
});
