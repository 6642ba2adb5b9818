const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Bytes as a person reads them: `100 MiB`, `1.9 GiB`, `61.3 MiB`. One decimal below 100, none where it is exact. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // 1023.95 and more would print as "1024.0": it belongs to the next unit.
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = Number.isInteger(value) || value >= 100 ? 0 : 1;
  return `${bytes < 0 ? '−' : ''}${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A length of time: `850 µs`, `4.8 ms`, `38 ms`, `2.1 s`, `3 min 5 s`. */
export function formatDuration(durationUs: number): string {
  if (durationUs < 1_000) return `${Math.round(durationUs)} µs`;
  if (durationUs < 1_000_000) return `${threeDigits(durationUs / 1_000)} ms`;
  const seconds = durationUs / 1_000_000;
  if (seconds < 60) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** Points, pages, counts: digits in groups of three. The grouping is fixed, so that a log reads the same everywhere. */
export function formatCount(count: number): string {
  const digits = String(Math.abs(Math.trunc(count))).replace(/\B(?=(\d{3})+$)/g, ',');
  return count < 0 ? `−${digits}` : digits;
}

/** `1 candidate`, `2 candidates`. */
export function plural(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

function threeDigits(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}
