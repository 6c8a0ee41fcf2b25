/** Which inline marks are open, from the line's start on. */
export class Marks {
  private code = 0;
  private run = 0;
  private bold = false;
  private brackets = 0;
  private target = false;

  get clean(): boolean {
    return this.code === 0 && this.run === 0 && !this.bold && this.brackets === 0 && !this.target;
  }

  pass(line: string, index: number): void {
    const char = line.charAt(index);
    if (char === '`') {
      this.run++;
      if (line.charAt(index + 1) === '`') return;
      if (this.code === 0) this.code = this.run;
      else if (this.code === this.run) this.code = 0;
      this.run = 0;
      return;
    }
    if (this.code > 0) return;
    if (char === '*' && line.charAt(index - 1) === '*') this.bold = !this.bold;
    else if (char === '[') this.brackets++;
    else if (char === ']') {
      this.brackets = Math.max(0, this.brackets - 1);
      this.target = line.charAt(index + 1) === '(';
    } else if (char === ')' || char === ' ') this.target = false;
  }
}
