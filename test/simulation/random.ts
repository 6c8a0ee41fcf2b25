/** The one source of chance in a run: the same seed gives the same run. */
export class Random {
  #a: number;
  #b = 0x9e3779b9;

  constructor(seed: number) {
    this.#a = Math.imul(seed ^ 0x5bf03635, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** In [0, 1). */
  next(): number {
    // Two 32-bit words of state (xoroshiro64*), so that neighbouring seeds give different runs.
    const a = this.#a;
    const b = this.#b ^ a;
    this.#a = (((a << 26) | (a >>> 6)) ^ b ^ (b << 9)) >>> 0;
    this.#b = ((b << 13) | (b >>> 19)) >>> 0;
    return (Math.imul(a, 0x9e3779bb) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** Mostly small, sometimes large: about evenly over the orders of magnitude between the two. */
  spread(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.next());
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const all = Object.entries(weights) as [K, number][];
    let left = this.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of all) {
      left -= weight;
      if (left < 0) return key;
    }
    const last = all.at(-1);
    if (last === undefined) throw new Error('nothing to choose from');
    return last[0];
  }

  uuid(): `${string}-${string}-${string}-${string}-${string}` {
    const hex = (digits: number) =>
      Math.floor(this.next() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`;
  }
}
