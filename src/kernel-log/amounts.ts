/** A whole number as the kernel prints it; null = it is too big to be held exactly, so no real amount. */
export function wholeNumber(digits: string): number | null {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : null;
}

/** "123" of "123kB" in bytes; null = too big to be real. */
export function kibToBytes(digits: string): number | null {
  const bytes = Number(digits) * 1024;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/**
 * "No limit" in KiB. 64-bit kernels print LONG_MAX in whole pages (9007199254740988 with 4 KiB pages, a little less with
 * bigger ones), those of 3.x also the counter's own 2^53 − 1 and 2^54 − 1; 32-bit ones LONG_MAX pages.
 */
const UNLIMITED_KIB = 9_007_199_254_000_000;
const UNLIMITED_KIB_32_BIT = 8_589_934_588;

/** A limit in KiB as bytes. Null = too big to be held exactly, yet not the kernel's "no limit". */
export function kibToLimit(digits: string): number | 'max' | null {
  const kib = Number(digits);
  if (kib >= UNLIMITED_KIB || kib === UNLIMITED_KIB_32_BIT) return 'max';
  return kibToBytes(digits);
}

/** 64 PiB: sums and products of counts below it stay exact. */
const MAX_PAGES = 2 ** 44;

/** A count of pages of RAM, swap or address space; null = no machine has as many. */
export function pageCount(digits: string): number | null {
  const pages = Number(digits);
  return pages <= MAX_PAGES ? pages : null;
}

/** oom_score_adj; null = out of its range. */
export function adjOrNull(digits: string): number | null {
  const adj = Number(digits);
  return Math.abs(adj) <= 1000 ? adj : null;
}

/** The kernel prints a uid with %d in some places: 4294967294 reads −2 there. */
export function unsignedUid(value: number): number {
  return value < 0 ? value + 2 ** 32 : value;
}
