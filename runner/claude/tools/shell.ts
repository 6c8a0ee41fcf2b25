/** A shell command line as far as it can be read without running it. Pure; any text gives some answer. */

export interface Word {
  readonly text: string;
  /** Some of it stood in quotes. */
  readonly quoted: boolean;
}

/** One command with its arguments, and the files that it redirects from and to. */
export interface SimpleCommand {
  readonly words: readonly Word[];
  readonly redirects: readonly string[];
}

/** More than anybody writes by hand; what comes after it is not read. Characters. */
export const READ_MAX = 20_000;
/** Commands in commands in commands. */
const DEPTH_MAX = 4;

/** The commands of a line, those inside of substitutions too. Quoted text and here-documents are data. */
export function simpleCommands(line: string, depth = 0): SimpleCommand[] {
  if (depth > DEPTH_MAX) return [];
  const reader = new Reader(line.slice(0, READ_MAX));
  reader.run();
  return [...reader.commands, ...reader.inner.flatMap((text) => simpleCommands(text, depth + 1))];
}

class Reader {
  readonly commands: SimpleCommand[] = [];
  /** What stands in `$(…)` and backticks. */
  readonly inner: string[] = [];
  readonly #line: string;
  #at = 0;
  #words: Word[] = [];
  #redirects: string[] = [];
  #text = '';
  #begun = false;
  #quoted = false;
  /** The next word is a file of a redirection. */
  #redirecting = false;
  #documents: string[] = [];

  constructor(line: string) {
    this.#line = line;
  }

  run(): void {
    while (this.#at < this.#line.length) this.#step(this.#line[this.#at] ?? '');
    this.#endCommand();
  }

  #step(char: string): void {
    const next = this.#line[this.#at + 1] ?? '';
    if (char === '\\') return this.#take(next === '\n' ? '' : next, 2);
    if (char === "'") return this.#literal();
    if (char === '"') return this.#double();
    if (char === '$' && next === '(') return this.#substitution();
    if (char === '`') return this.#backticks();
    if (char === '#' && !this.#begun) return this.#skipTo('\n');
    if (char === '<' && next === '<' && this.#line[this.#at + 2] !== '<') return this.#hereDocument();
    if (char === '<' || char === '>') return this.#redirect();
    if (char === '&' && next === '>') return this.#skip(1);
    if (char === '\n') return this.#lineEnd();
    if (';|&()'.includes(char)) {
      this.#endCommand();
      return this.#skip(1);
    }
    if (/\s/.test(char)) {
      this.#endWord();
      return this.#skip(1);
    }
    this.#take(char, 1);
  }

  #skip(count: number): void {
    this.#at += count;
  }

  #take(text: string, count: number): void {
    this.#text += text;
    this.#begun = true;
    this.#at += count;
  }

  #skipTo(end: string): void {
    const found = this.#line.indexOf(end, this.#at);
    this.#at = found === -1 ? this.#line.length : found;
  }

  #literal(): void {
    const from = this.#at + 1;
    const found = this.#line.indexOf("'", from);
    const end = found === -1 ? this.#line.length : found;
    this.#quoted = true;
    this.#take(this.#line.slice(from, end), end + 1 - this.#at);
  }

  #double(): void {
    this.#quoted = true;
    this.#take('', 1);
    while (this.#at < this.#line.length) {
      const char = this.#line[this.#at] ?? '';
      const next = this.#line[this.#at + 1] ?? '';
      if (char === '"') return this.#skip(1);
      if (char === '\\') this.#take(next, 2);
      else if (char === '$' && next === '(') this.#substitution();
      else if (char === '`') this.#backticks();
      else this.#take(char, 1);
    }
  }

  /** A word with a substitution in it has a text that is not known: the place is kept as `$`. */
  #substitution(): void {
    const from = this.#at + 2;
    let open = 1;
    let end = from;
    for (; end < this.#line.length && open > 0; end += 1) {
      const char = this.#line[end];
      if (char === '\\') end += 1;
      else if (char === '(') open += 1;
      else if (char === ')') open -= 1;
    }
    this.inner.push(this.#line.slice(from, open === 0 ? end - 1 : end));
    this.#take('$', end - this.#at);
  }

  #backticks(): void {
    const from = this.#at + 1;
    const found = this.#line.indexOf('`', from);
    const end = found === -1 ? this.#line.length : found;
    this.inner.push(this.#line.slice(from, end));
    this.#take('$', end + 1 - this.#at);
  }

  #hereDocument(): void {
    this.#endWord();
    const head = /^<<-?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;|&()<>]+))/.exec(
      this.#line.slice(this.#at, this.#at + 200),
    );
    this.#skip(head === null ? 2 : head[0].length);
    const mark = head?.[1] ?? head?.[2] ?? head?.[3];
    if (mark !== undefined) this.#documents.push(mark);
  }

  #lineEnd(): void {
    this.#endCommand();
    this.#skip(1);
    for (const mark of this.#documents.splice(0)) {
      while (this.#at < this.#line.length) {
        const from = this.#at;
        this.#skipTo('\n');
        const line = this.#line.slice(from, this.#at);
        this.#skip(1);
        if (line.replace(/^\t+/, '') === mark) break;
      }
    }
  }

  #redirect(): void {
    // The number of a file, as in `2>`.
    if (/^\d+$/.test(this.#text) && !this.#quoted) this.#forget();
    this.#endWord();
    const operator = /^[<>]+[&|]?/.exec(this.#line.slice(this.#at, this.#at + 4))?.[0] ?? '<';
    this.#skip(operator.length);
    this.#redirecting = true;
  }

  #forget(): void {
    this.#text = '';
    this.#begun = false;
    this.#quoted = false;
  }

  #endWord(): void {
    if (!this.#begun) return;
    if (this.#redirecting) this.#redirects.push(this.#text);
    else this.#words.push({ text: this.#text, quoted: this.#quoted });
    this.#redirecting = false;
    this.#forget();
  }

  #endCommand(): void {
    this.#endWord();
    this.#redirecting = false;
    if (this.#words.length > 0 || this.#redirects.length > 0)
      this.commands.push({ words: this.#words, redirects: this.#redirects });
    this.#words = [];
    this.#redirects = [];
  }
}
