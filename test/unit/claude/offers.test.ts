/** What the CLI says that there is to choose from, which commands may run here, and changing a running process. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ControlReply } from '../../../runner/claude/line/control.ts';
import type { Json } from '../../../runner/claude/line/json.ts';
import { promptLine } from '../../../runner/claude/line/messages.ts';
import { offersOf } from '../../../runner/claude/line/offers.ts';
import { whyNotSlash } from '../../../runner/claude/line/slash.ts';
import { tune } from '../../../runner/claude/line/tune.ts';
import { claudeArgv } from '../../../runner/claude/process/argv.ts';

/** The reply of the real CLI 2.1.330 to `initialize`. */
const REPLY: Json = JSON.parse(
  readFileSync(new URL('../../fixtures/claude/initialize-reply.json', import.meta.url), 'utf8'),
);

describe('what the CLI offers', () => {
  const offers = offersOf(REPLY);

  it('has models, levels of effort and the commands that can run here', () => {
    expect(offers.models.map(({ value }) => value)).toEqual(['default', 'opus', 'fable', 'sonnet', 'haiku']);
    expect(offers.efforts).toEqual(['low', 'medium', 'high', 'xhigh', 'max']);
    const names = offers.commands.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['greet', 'compact', 'clear', 'context', 'usage', 'init']));
    for (const name of ['model', 'config', 'mcp', '__remote-workflow', 'effort'])
      expect(names).not.toContain(name);
    expect(offers.known.has('cost'), 'an alias').toBe(true);
  });

  it('leaves out what does not fit, and makes nothing up', () => {
    const odd = offersOf({
      models: [{ value: '--x' }, { value: 'ok', displayName: 'n'.repeat(900) }, 3, { value: 5 }],
      commands: [{ name: 'a b' }, { name: '' }, { name: 'fine', description: 'd'.repeat(900) }, null],
    });
    expect(odd.models.map(({ value }) => value)).toEqual(['ok']);
    expect(odd.commands.map(({ name }) => name)).toEqual(['fine']);
    expect(odd.commands[0]?.description.length).toBeLessThanOrEqual(100);
    expect(offersOf({})).toMatchObject({ models: [], efforts: [], commands: [] });
  });

  it.each([
    ['/compact keep', '2.1.330', null],
    ['/cost', '2.1.330', null],
    ['/greet @src/a.ts', '2.1.330', null],
    ['/greet @src/a.ts', '2.1.260', /read files without asking/],
    ['/greet plain', '2.1.260', null],
    ['/config a=b', '2.1.330', /terminal/],
    ['/model opus', '2.1.330', /not run here/],
    ['/nosuch', '2.1.330', /no command/],
    ['compact', '2.1.330', /no slash command/],
    ['/', '2.1.330', /no slash command/],
    [' /compact', '2.1.330', /no slash command/],
  ])('%j with %s', (text, version, words) => {
    const why = whyNotSlash(text, offers, version);
    if (words === null) expect(why).toBeNull();
    else expect(why).toMatch(words);
  });

  it('only a command is written so that it can be one', () => {
    expect(promptLine('p' as never, '/clear')).toHaveProperty('client_composed', true);
    expect(promptLine('p' as never, '/clear', true)).not.toHaveProperty('client_composed');
  });
});

describe('changing a running process', () => {
  const asked: Json[] = [];
  const answering =
    (no: readonly string[]) =>
    async (request: Json): Promise<ControlReply> => {
      asked.push(request);
      if (no.includes(String(request.subtype))) return { ok: false, why: 'error', words: 'no' };
      return { ok: true, response: { model: 'claude-opus-5-5', mode: request.mode } };
    };

  it('asks for what is to be changed and nothing else', async () => {
    asked.length = 0;
    expect(await tune({ model: null }, answering([]))).toEqual({
      now: { model: 'claude-opus-5-5' },
      refused: [],
    });
    expect(asked).toEqual([{ subtype: 'set_model', model: 'default' }]);
  });

  it('one that is refused keeps no other from its place', async () => {
    asked.length = 0;
    const all = { mode: 'plan', model: 'opus', effort: null } as const;
    const { now, refused } = await tune(all, answering(['set_permission_mode', 'apply_flag_settings']));
    expect(asked).toHaveLength(3);
    expect(now).toEqual({ model: 'claude-opus-5-5' });
    expect(refused.map(({ what }) => what)).toEqual(['mode', 'effort']);
  });

  it('no value becomes a flag of its own', () => {
    const argv = claudeArgv({
      claudeSession: 's' as never,
      resume: false,
      mode: 'default',
      settings: 'user',
      heddleHome: '/h',
      model: '--dangerously-skip-permissions',
      effort: 'high',
    });
    expect(argv).toContain('--model=--dangerously-skip-permissions');
    expect(argv).toContain('--effort=high');
  });
});
