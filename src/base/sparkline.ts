const CELLS = '▁▂▃▄▅▆▇█';

/** One cell a value; a full cell is `top`. A blank = not known. */
export function sparkline(values: readonly (number | null)[], top: number): string {
  return values.map((value) => cell(value, top)).join('');
}

function cell(value: number | null, top: number): string {
  if (value === null) return ' ';
  const step = Math.round((value / Math.max(1, top)) * (CELLS.length - 1));
  return CELLS[Math.min(Math.max(0, step), CELLS.length - 1)] ?? ' ';
}
