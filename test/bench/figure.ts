/** One figure of the bench. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Null: it is told for the picture, and nothing is asked of it. */
  readonly aim: string | null;
  readonly met: boolean | null;
}

export type Aim = { readonly under: number } | { readonly atMost: number };

export function figure(name: string, value: number, unit: string, aim: Aim | null = null): Figure {
  const rounded = Number(value.toPrecision(4));
  if (aim === null) return { name, value: rounded, unit, aim: null, met: null };
  // A figure that could not be taken (NaN) meets nothing.
  return 'under' in aim
    ? { name, value: rounded, unit, aim: `< ${aim.under}`, met: value < aim.under }
    : { name, value: rounded, unit, aim: `<= ${aim.atMost}`, met: value <= aim.atMost };
}

/** A table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, aim, met }) => [
    name,
    `${value} ${unit}`.trim(),
    aim ?? '',
    met === null ? '' : met ? 'met' : 'MISSED',
  ]);
  const all = [['figure', 'value', 'aim', ''], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
