import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCustomId } from '../../../worker/domain/buttons.ts';
import type { RequestEntry } from '../../../worker/domain/transcript.ts';
import { partialStrings } from '../../../worker/render/text/partial-json.ts';
import { requestFileText, showInput } from '../../../worker/render/thread/input.ts';
import { requestSlot } from '../../../worker/render/thread/request.ts';
import { ASKER, NOW_MS, request } from './entries.ts';
import { noise } from './generate.ts';
import { labelOf } from './show.ts';

const card = (input: unknown, more: Partial<RequestEntry> = {}) =>
  requestSlot(request(input, more), false, 'laptop');
const labels = (slot: ReturnType<typeof card>): string[] => slot.rows.flat().map(labelOf);
const TEST = { command: 'npm test', description: 'Run the auth tests' };

describe('an open card', () => {
  it('shows a command, who may decide and until when', () => {
    const slot = card({ command: 'npm test -- auth --runInBand', description: 'Run the auth tests' });
    expect(slot.content).toBe(
      '🔐 **Bash**: npm test -- auth --runInBand\n```bash\nnpm test -- auth --runInBand\n```\n-# Run the auth tests · asker or owner may answer until <t:1767409445:f>',
    );
    expect(slot).toMatchObject({ phase: 'card', whenDeleted: 'again', notify: ASKER.id, files: [] });
    expect(slot.rows[0]?.map((button) => ('id' in button ? parseCustomId(button.id) : null))).toEqual([
      { verb: 'allow', gen: 1, ref: 1, tag: 'ab'.repeat(8) },
      { verb: 'deny', gen: 1, ref: 1, tag: 'ab'.repeat(8) },
      { verb: 'denywhy', gen: 1, ref: 1, tag: 'ab'.repeat(8) },
    ]);
  });

  it('shows an edit as a diff', () => {
    const slot = card(
      { file_path: '/home/dev/api/src/auth.ts', old_string: 'a\nb\nc\n', new_string: 'a\nB\nB2\nc\n' },
      { name: 'Edit', class: 'edit', summary: 'src/auth.ts', description: '' },
    );
    expect(slot.content).toContain('🔐 **Edit** src/auth.ts +2 −1\n```diff\n  a\n- b\n+ B\n+ B2\n  c\n```\n');
    expect(slot.files).toEqual([]);
  });

  it('says nothing twice: a path, and what an edit does anyway', () => {
    const path = '/etc/hosts';
    const read = { name: 'Read', class: 'read', summary: path, description: path, outside: path } as const;
    expect(card({ file_path: path }, read).content).toBe(
      '🔐 **Read** /etc/hosts\n⚠️ outside the project\n-# asker or owner may answer until <t:1767409445:f>',
    );
    expect(card({ file_path: path, limit: 9 }, read).content).toContain('"limit": 9');
    expect(card({ file_path: path }, { ...read, summary: 'hosts' }).content).toContain(
      'outside the project: /etc/hosts',
    );
    const edit = { file_path: 'a.ts', old_string: 'a', new_string: 'b' };
    const shown = { name: 'Edit', class: 'edit', summary: 'a.ts', description: 'a.ts' } as const;
    expect(card({ ...edit, replace_all: false }, shown).content).toBe(card(edit, shown).content);
    expect(card({ ...edit, replace_all: true }, shown).content).toContain('replace\\_all `true`');
    expect(
      card({ replace_all: false }, { name: 'mcp__x__y', class: 'other', summary: '' }).content,
    ).toContain('"replace_all": false');
  });

  it('shows any other input as JSON', () => {
    const slot = card({ url: 'https://x', n: [1] }, { name: 'mcp__web__get', class: 'other', summary: '' });
    expect(slot.content).toContain('🔐 **web get**\n```json\n{\n  "url": "https://x",');
  });

  it('says what is beside the command', () => {
    expect(card({ ...TEST, run_in_background: true }).content).toContain(
      '\n-# run\\_in\\_background `true`\n',
    );
    expect(card({ ...TEST, description: 'Not what the card says' }).content).toContain(
      '`"Not what the card says"`',
    );
  });

  it('says what is outside, and which subagent asks', () => {
    const { content } = card(TEST, { outside: '/etc/passwd', agent: 'Explore' });
    expect(content).toContain('⚠️ outside the project: /etc/passwd');
    expect(content).toContain('subagent Explore');
  });

  it('offers Allow only if the input can be read whole', () => {
    expect(labels(card(TEST))).toEqual(['Allow', 'Deny', 'Deny + reason']);
    const large = requestSlot({ ...request(TEST), input: null, inputBytes: 9_100_000 }, false, 'laptop');
    expect(labels(large)).toEqual(['Deny', 'Deny + reason']);
    expect(large.content).toContain('9.1 MB, too large to be shown');
    expect(large.files).toEqual([]);
  });

  it('attaches whole what it cannot show whole', () => {
    const long = card(
      { command: `echo start\n${'echo middle\n'.repeat(500)}rm -rf the-end`, description: 'x' },
      { description: 'x' },
    );
    expect(long.files).toEqual([{ name: 'command.sh', source: 'request:1' }]);
    expect(long.content).toContain('echo start');
    expect(long.content).toContain('rm -rf the-end');
    expect(long.content).toMatch(/⋯ \d+ characters more: see the file ⋯/);
    const cut = requestSlot(
      {
        ...request(null),
        input: '{"description":"\\"command\\":\\"fake\\"","command":"echo real; rm',
        cut: true,
      },
      false,
      'laptop',
    );
    expect(cut.content).toContain('```bash\necho real; rm\n⋯ more: see the file ⋯\n```');
    expect(cut.files).toEqual([{ name: 'command.sh', source: 'request:1' }]);
    const words = 'long words '.repeat(60);
    expect(card({ command: 'ls', description: words }, { description: words }).files).toHaveLength(1);
  });

  it('hides no field of an input that looks like an edit', () => {
    const odd = { file_path: 'a.ts', content: 'x', new_string: 'evil' };
    expect(card(odd, { summary: 'a.ts' }).content).toContain('evil');
    const elsewhere = { file_path: '/etc/cron.d/evil', content: 'x' };
    expect(card(elsewhere, { summary: 'a.ts' }).content).toContain('/etc/cron.d/evil');
  });

  it('shows or attaches every character of a command', () => {
    fc.assert(
      fc.property(noise, (command) => {
        const entry = request({ command }, { description: '' });
        const shown = showInput(entry);
        const visible = shown.body.replaceAll('\u200b', '');
        if (shown.whole)
          for (const line of command.split('\n').filter((each) => /^[\x20-\x7e]+$/.test(each)))
            expect(visible).toContain(line);
        else expect(requestSlot(entry, false, 'laptop').files).toHaveLength(1);
      }),
    );
  });
});

describe('a settled card', () => {
  const settled = (state: RequestEntry['state'], more: Partial<RequestEntry> = {}) =>
    requestSlot(request(TEST, { summary: 'npm test', state, ...more }), false, 'laptop');
  const allowed = {
    is: 'decided',
    verdict: 'allow',
    by: ASKER,
    atMs: NOW_MS,
    words: null,
    deliveredMs: null,
    late: false,
  } as const;

  it('is one quiet line without buttons', () => {
    expect(settled(allowed)).toMatchObject({
      content: '-# ✓ asker allowed Bash npm test · on its way',
      rows: [],
      files: [],
      notify: null,
    });
    expect(settled({ ...allowed, deliveredMs: NOW_MS }).content).toContain('· delivered <t:1767323045:T>');
    expect(settled({ ...allowed, late: true }).content).toContain('· delivered when laptop is back');
    expect(settled({ ...allowed, verdict: 'deny', words: 'use\n-# bun' }).content).toBe(
      '-# ✗ asker denied Bash npm test: “use -# bun” · on its way',
    );
    expect(settled({ is: 'void', why: 'the turn was stopped' }).content).toBe(
      '-# ⊘ Bash npm test · the turn was stopped',
    );
  });

  it('offers to go on after a pause, until something else began', () => {
    const paused = settled({ is: 'expired', atMs: NOW_MS });
    expect(paused.content).toMatch(/^-# ⏸ No answer to Bash npm test; Claude paused/);
    expect(labels(paused)).toEqual(['Continue', 'End']);
    expect(
      labels(requestSlot(request(TEST, { state: { is: 'expired', atMs: NOW_MS } }), true, 'laptop')),
    ).toEqual([]);
  });

  it('says what a question or a plan was about', () => {
    const question = { questions: [{ question: 'Which database for tests?', options: [] }] };
    expect(
      requestSlot(
        request(question, { asks: 'question', state: { is: 'declined', words: '' } }),
        false,
        'laptop',
      ).content,
    ).toBe('-# ❓ Which database for tests? · asked in plain text instead');
    expect(
      requestSlot(
        request({ plan: '# Do it\nnow' }, { asks: 'plan', state: { is: 'declined', words: '' } }),
        false,
        'laptop',
      ).content,
    ).toBe('-# 📋 Plan: Do it · asked in plain text instead');
  });
});

describe('the file of a request', () => {
  it('holds all of it, with invisible characters as escapes', () => {
    expect(requestFileText('command.sh', JSON.stringify({ command: 'ls\n\u202epwd', timeout: 5 }))).toBe(
      '# timeout: 5\nls\n\\u202epwd\n',
    );
    expect(requestFileText('change.diff', JSON.stringify({ file_path: 'a', content: 'x\ny' }))).toBe(
      '# file_path: "a"\n+ x\n+ y\n',
    );
    expect(requestFileText('input.json', '{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(requestFileText('command.sh', '[1')).toBe('[1');
  });
});

describe('the head of a JSON text', () => {
  it('gives the strings that it surely has', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue(), { maxKeys: 5 }),
        fc.nat(300),
        (value, at) => {
          const json = JSON.stringify(value);
          const head = json.slice(0, at);
          for (const [name, { text, complete }] of partialStrings(head)) {
            const whole = (JSON.parse(json) as Record<string, unknown>)[name];
            expect(typeof whole).toBe('string');
            expect(complete ? whole === text : String(whole).startsWith(text)).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
