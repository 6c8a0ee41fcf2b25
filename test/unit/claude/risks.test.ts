import { homedir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandRisks } from '../../../runner/claude/tools/risks.ts';
import { simpleCommands } from '../../../runner/claude/tools/shell.ts';

const CWD = '/home/dev/project';
const said = (command: string): string => {
  const { risks, outside } = commandRisks(command, CWD);
  return [...risks, ...(outside === null ? [] : [`outside ${outside}`])].join(', ');
};

describe('text is data: a warning says what a command seems to do', () => {
  it.each([
    ['curl https://example.com', 'network'],
    ['npm test && git push origin main', 'network'],
    ['git -C sub push', 'network'],
    ['npm publish', 'network'],
    ['sudo -u root env A=1 wget x', 'network'],
    ['A=1 B=2 ssh host', 'network'],
    ['echo "$(curl x)"', 'network'],
    ['x=`curl y`', 'network'],
    ['exec 3<>/dev/tcp/host/80', 'network'],
    ['python3 -m pip install x', 'network'],
    ['rm -rf dist', 'deletes'],
    ['/bin/rm x', 'deletes'],
    ['"rm" x', 'deletes'],
    ['ls | xargs -n 1 rm', 'deletes'],
    ['find . -name x -exec rm {} +', 'deletes'],
    ['git clean -fd', 'deletes'],
    ['git reset --hard HEAD~1', 'deletes'],
    ['git checkout -- .', 'deletes'],
    ['if true; then rm x; fi', 'deletes'],
    ['bash -lc "rm -r x"', 'deletes'],
    ['sh -c \'bash -c "rm x"\'', 'deletes'],
    ['timeout 5 rm x', 'deletes'],
    ['echo "DROP TABLE users" | psql', 'deletes'],
    ['cat /etc/passwd', 'outside /etc/passwd'],
    ['cat ~/.ssh/id_ed25519', 'outside ~/.ssh/id_ed25519'],
    ['cat "$HOME/x"', 'outside ~/x'],
    ['cp --target-directory=/opt a', 'outside /opt'],
    ['echo x > /etc/motd', 'outside /etc/motd'],
    ['git push && rm -rf /', 'network, deletes, outside /'],
  ])('%s: %s', (command, words) => {
    expect(said(command)).toBe(words);
  });

  it.each([
    'npm test',
    'echo curl',
    'echo "a; rm -rf b"',
    "grep 'rm -rf' notes.txt",
    'git commit -m "curl and rm /etc"',
    'echo hi # rm -rf /',
    'cat <<EOF > notes.txt\nrm -rf /\ncurl x\nEOF',
    "cat <<-'END'\n\trm x\n\tEND\nls",
    'git rm --cached x',
    'git clean -n',
    'git status',
    'git log --grep="drop table"',
    'ls 2>/dev/null',
    `cat ${CWD}/src/a.ts`,
    "sed -n '/foo/p' a.ts",
    'grep "/x/" a',
    'docker exec web ls /app',
    'rmdirs',
    'curly x',
    'echo \\; rm x',
    'npm run rm',
    'git checkout main',
    'for f in rm curl; do echo $f; done',
    'open https://example.com/etc',
    '',
  ])('says nothing of: %s', (command) => {
    expect(said(command)).toBe('');
  });

  it('never throws, and does not take long, whatever it is given', () => {
    const part = fc.constantFrom(
      ...[
        "'",
        '"',
        '`',
        '$(',
        ')',
        '(',
        '\\',
        '\n',
        '<<',
        '<<-',
        '<<<',
        '>',
        '&>',
        '|',
        ';',
        '#',
        ' ',
        '\t',
        '-c',
        '=',
        '~',
      ],
      ...['rm', 'curl', 'bash', 'EOF', 'eval', 'sudo', '/etc', '{', '}', '\ud800', '\u0000', '\u202e', 'x'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const command = parts.join('');
        const { risks } = commandRisks(command, CWD);
        expect(risks.every((risk) => risk === 'network' || risk === 'deletes')).toBe(true);
        if (!/rm/.test(command)) expect(risks).not.toContain('deletes');
        if (!/curl/.test(command)) expect(risks).not.toContain('network');
      }),
    );
    for (const unit of ['$(', '`', '"', "'", '<<E\n', '(', 'bash -c "', 'a;', '\\'])
      expect(() => commandRisks(unit.repeat(100_000), CWD)).not.toThrow();
    expect(homedir()).not.toBe('');
  });
});

describe('a command line', () => {
  it('is taken apart as a shell does it', () => {
    expect(simpleCommands('a "b c" d\\ e && f <in >out 2>&1 | g')).toEqual([
      { words: [w('a'), w('b c', true), w('d e')], redirects: [] },
      { words: [w('f')], redirects: ['in', 'out', '1'] },
      { words: [w('g')], redirects: [] },
    ]);
  });
});

function w(text: string, quoted = false) {
  return { text, quoted };
}

describe('an endless command', () => {
  // The runner does nothing else meanwhile: this takes minutes when all of it is searched for each of its commands.
  it('is read to a point, and what it asks of a database once', () => {
    expect(said(`${'psql;'.repeat(3000)}${'x'.repeat(8_000_000)}`)).toBe('');
  });
});
