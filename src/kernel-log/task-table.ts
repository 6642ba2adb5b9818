import { adjOrNull, unsignedUid } from './amounts.js';
import type { TaskRow } from './report.js';

// The table of candidates: dump_tasks() in mm/oom_kill.c. Its columns changed with the kernel, and its header names them:
//   3.10   uid tgid total_vm rss nr_ptes swapents oom_score_adj name
//   4.0    … nr_ptes nr_pmds swapents …            (dc6c9a35b66b)
//   4.15   … pgtables_bytes swapents …             (af5b0f6a09e4; c4812909f5d5 added nr_puds in between)
//   6.8    … rss rss_anon rss_file rss_shmem pgtables_bytes swapents …
// Other columns (2.6's "cpu oom_adj", those of vendors) are skipped.

const HEADER = /^\[ *pid *\] +(\S.{0,500}\S) +name *$/;
const ROW_START = /^\[ *(\d{1,10})\] +/;
const ROW_SHAPE = /^\[ *\d{1,10}\] +-?\d{1,10} +\d{1,10} +\d{1,19} +\d{1,19} +-?\d{1,19} +-?\d{1,19} +-?\d{1,19} /;
const NUMBER = /(-?\d{1,19})(?: +|$)/y;

/** The numeric columns between "[pid]" and the name, by the header's names. */
export type TableColumns = readonly string[];

const COLUMNS_3_10 = ['uid', 'tgid', 'total_vm', 'rss', 'nr_ptes', 'swapents', 'oom_score_adj'];
const COLUMNS_4_0 = ['uid', 'tgid', 'total_vm', 'rss', 'nr_ptes', 'nr_pmds', 'swapents', 'oom_score_adj'];
const COLUMNS_4_15 = ['uid', 'tgid', 'total_vm', 'rss', 'pgtables_bytes', 'swapents', 'oom_score_adj'];
const COLUMNS_6_8 = [
  ...['uid', 'tgid', 'total_vm', 'rss', 'rss_anon', 'rss_file', 'rss_shmem'],
  ...['pgtables_bytes', 'swapents', 'oom_score_adj'],
];

/** The columns that a header names; null = no header, or one without what a candidate needs. */
export function parseTableHeader(text: string): TableColumns | null {
  const columns = HEADER.exec(text)?.[1]?.split(/ +/) ?? null;
  const needed = ['uid', 'tgid', 'rss', 'oom_score_adj'];
  return columns !== null && needed.every((column) => columns.includes(column)) ? columns : null;
}

/** A row's beginning: an id in brackets and numbers. */
export function looksLikeTaskRow(text: string): boolean {
  return text.charCodeAt(0) === 0x5b && ROW_SHAPE.test(text);
}

/**
 * The columns of a row whose header was lost, told from how many numbers it has. Seven are 3.10's or 4.15's: page tables
 * are few in number there and whole pages in bytes here. Null = a row of none of these kernels.
 */
export function guessColumns(text: string): TableColumns | null {
  const start = ROW_START.exec(text);
  if (start === null) return null;
  const { numbers } = readNumbers(text, start[0].length, COLUMNS_6_8.length);
  if (fits(COLUMNS_6_8, numbers)) return COLUMNS_6_8;
  // A name may begin with a number, so the shorter shapes are tried as well, longest first.
  if (fits(COLUMNS_4_0, numbers)) return COLUMNS_4_0;
  if (!fits(COLUMNS_3_10, numbers)) return null;
  const pageTables = Number(numbers[4]);
  return pageTables > 0 && pageTables % 4096 === 0 ? COLUMNS_4_15 : COLUMNS_3_10;
}

/** Plausible as these columns: enough numbers, an adj in its range, and the parts of rss adding up to it. */
function fits(columns: TableColumns, numbers: readonly string[]): boolean {
  const value = (column: string) => Number(numbers[columns.indexOf(column)]);
  if (numbers.length < columns.length || Math.abs(value('oom_score_adj')) > 1000) return false;
  return !columns.includes('rss_anon') || value('rss_anon') + value('rss_file') + value('rss_shmem') === value('rss');
}

/** One row. Null = it does not read as these columns say. */
export function parseTaskRow(text: string, columns: TableColumns): TaskRow | null {
  const start = ROW_START.exec(text);
  if (start === null) return null;
  const { numbers, end } = readNumbers(text, start[0].length, columns.length);
  if (numbers.length < columns.length) return null;
  const digits = (column: string): string | null => numbers[columns.indexOf(column)] ?? null;
  const counts = COUNTS.map((column) => ({ column, count: countOf(digits(column), MOST[column]) }));
  const adj = adjOrNull(digits('oom_score_adj') ?? '');
  if (adj === null || counts.some(({ count }) => count === undefined)) return null;
  const count = (column: CountColumn) => counts.find((candidate) => candidate.column === column)?.count ?? null;
  return {
    pid: count('tgid') ?? 0,
    tid: Number(start[1]),
    uid: unsignedUid(Number(digits('uid'))),
    comm: text.slice(end),
    adj,
    totalVmPages: count('total_vm') ?? 0,
    rssPages: count('rss') ?? 0,
    rssAnonPages: count('rss_anon'),
    rssFilePages: count('rss_file'),
    rssShmemPages: count('rss_shmem'),
    swapPages: count('swapents') ?? 0,
    pageTableBytes: count('pgtables_bytes'),
    pageTablePages: sumOrNull([count('nr_ptes'), count('nr_pmds'), count('nr_puds')]),
  };
}

/** The most that a column can hold. Page tables of 4 PiB: their pages in bytes, and three levels of them, stay exact. */
const MOST = {
  tgid: 2 ** 31,
  total_vm: 2 ** 44,
  rss: 2 ** 44,
  rss_anon: 2 ** 44,
  rss_file: 2 ** 44,
  rss_shmem: 2 ** 44,
  swapents: 2 ** 44,
  pgtables_bytes: 2 ** 52,
  nr_ptes: 2 ** 34,
  nr_pmds: 2 ** 34,
  nr_puds: 2 ** 34,
} as const;
type CountColumn = keyof typeof MOST;
const COUNTS = Object.keys(MOST) as readonly CountColumn[];

/** Null = the table has no such column; undefined = no real count. */
function countOf(digits: string | null, most: number): number | null | undefined {
  if (digits === null) return null;
  // A counter that is just being changed can print below zero; the kernel's own sum clamps it likewise.
  const count = Math.max(0, Number(digits));
  return count <= most ? count : undefined;
}

function sumOrNull(parts: readonly (number | null)[]): number | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.reduce((sum, part) => sum + part, 0);
}

/**
 * Up to `most` numbers from `from` on, and where the name begins: one blank behind the last number. Names may themselves
 * begin with blanks and hold any character.
 */
function readNumbers(text: string, from: number, most: number): { readonly numbers: string[]; readonly end: number } {
  const numbers: string[] = [];
  let end = from;
  NUMBER.lastIndex = from;
  while (numbers.length < most) {
    const match = NUMBER.exec(text);
    if (match === null) break;
    const digits = match[1] ?? '';
    numbers.push(digits);
    end = match.index + digits.length + 1;
  }
  return { numbers, end };
}
