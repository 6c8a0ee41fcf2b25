/**
 * What a text of Claude's costs at most when it is rendered, in UTF-16 units. Each unit's cost depends on those before it only, so
 * the cost of a prefix stays as the text grows.
 */
import { showInvisible } from './escape.ts';

/** Characters that rendering may double, or part from the next by U+200B. */
const DOUBLE = new Set([...'@<|~&[]*_'].map((char) => char.charCodeAt(0)));
/** The marks around a link's target, and those around its host that is shown once more. */
const TARGET_MARKS = 8;
/** `\u{e0041}`: the longest escape, for a hidden character above U+FFFF. */
const LONG_ESCAPE = 9;
const SHORT_ESCAPE = 6;
/** High surrogates of the blocks that have hidden characters: Kaithi, hieroglyph, shorthand and music controls, the whole of plane 14. */
const HIDING_HIGH = new Set([0xd804, 0xd80d, 0xd82f, 0xd834, 0xdb40, 0xdb41, 0xdb42, 0xdb43]);

const OPEN = 0x28;
const CLOSE = 0x29;
const SPACE = 0x20;
const BRACKET = 0x5d;
const DELETE = 0x7f;
/** In an address it becomes %60. */
const BACKTICK = 0x60;

/** The cost of each unit from U+0080 on, 0 where it was not asked for yet. */
const known = new Uint8Array(0x10000);

function wide(unit: number): number {
  const before = known[unit] ?? 0;
  if (before > 0) return before;
  const cost = Math.max(1, showInvisible(String.fromCharCode(unit)).length);
  known[unit] = cost;
  return cost;
}

/** Walks over a line. */
export class Meter {
  private before = 0;
  private inTarget = false;

  /** The cost of the line's next unit. */
  next(unit: number): number {
    const before = this.before;
    this.before = unit;
    if (unit >= 0x80) return this.surrogate(unit, before) + (this.inTarget ? 1 : 0);
    const lone = isHigh(before) ? SHORT_ESCAPE - 1 : 0;
    if (unit === OPEN && before === BRACKET) {
      this.inTarget = true;
      return lone + 1 + TARGET_MARKS;
    }
    if (unit === CLOSE || unit === SPACE) this.inTarget = false;
    if ((unit < SPACE && unit !== 9) || unit === DELETE) return lone + SHORT_ESCAPE;
    // A target may be shown with its characters as %xx, and its host a second time.
    return lone + (unit === BACKTICK ? 3 : DOUBLE.has(unit) || this.inTarget ? 2 : 1);
  }

  private surrogate(unit: number, before: number): number {
    if (isHigh(unit))
      return (isHigh(before) ? SHORT_ESCAPE - 1 : 0) + (HIDING_HIGH.has(unit) ? LONG_ESCAPE : 1);
    if (isLow(unit)) return isHigh(before) ? 1 : SHORT_ESCAPE;
    return (isHigh(before) ? SHORT_ESCAPE - 1 : 0) + wide(unit);
  }
}

/** Of a line that costs `enough` it does not matter how much more: the rest of it is not looked at. */
export function lineCost(line: string, enough: number = Number.POSITIVE_INFINITY): number {
  const meter = new Meter();
  let cost = 0;
  for (let index = 0; index < line.length && cost < enough; index++)
    cost += meter.next(line.charCodeAt(index));
  return cost;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
