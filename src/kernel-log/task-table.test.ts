import { describe, expect, it } from 'vitest';
import { guessColumns, looksLikeTaskRow, parseTableHeader, parseTaskRow } from './task-table.js';

const HEADER_3_10 = '[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name';
const HEADER_6_8 =
  '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name';

function row(header: string, text: string) {
  return parseTaskRow(text, parseTableHeader(header) ?? []);
}

describe('task table', () => {
  it('names may hold blanks, brackets, numbers, or nothing', () => {
    const names = ['Web Content', '(sd-pam)', '[kworker]', '7 of 9', ' padded ', '', 'a) score 9 (b', 'ünïcode'];
    for (const name of names) {
      expect(
        row(HEADER_3_10, `[  812]     0   812     4869       50      13       21         -1000 ${name}`),
      ).toMatchObject({
        pid: 812,
        adj: -1000,
        comm: name,
      });
    }
  });

  it('a user id that the kernel printed below zero is the unsigned one', () => {
    expect(row(HEADER_3_10, '[  812]    -2   812     4869       50      13       21             0 x')?.uid).toBe(
      4294967294,
    );
  });

  it('a counter that printed below zero counts nothing', () => {
    expect(
      row(
        HEADER_6_8,
        '[    812]     0   812     4869       50       50        0         0    -4096        0             0 x',
      )?.pageTableBytes,
    ).toBe(0);
  });

  it('columns of other kernels are read by their names', () => {
    const rhel6 = '[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name';
    expect(row(rhel6, '[ 1046]  1066  1046   228537    95491   3       0             0 apache2')).toMatchObject({
      rssPages: 95491,
      swapPages: 0,
      pageTablePages: null,
      comm: 'apache2',
    });
    const threeLevels = '[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds nr_puds swapents oom_score_adj name';
    expect(
      row(threeLevels, '[   44]  1000    44     2048      512     256     128      64       64         -1000 x'),
    ).toMatchObject({ pageTablePages: 256 + 128 + 64, swapPages: 64 });
  });

  it('a header without what a candidate needs is none', () => {
    expect(parseTableHeader('[ pid ] uid tgid total_vm name')).toBeNull();
    expect(parseTableHeader('Name                      Used          Total')).toBeNull();
  });

  it('a row with too few numbers is none', () => {
    expect(row(HEADER_6_8, '[    812]     0   812     4869       50 x')).toBeNull();
    expect(row(HEADER_3_10, '[  812]     0   812     4869       50      13       21             x')).toBeNull();
  });

  it('numbers beyond what is exact are no row', () => {
    expect(
      row(HEADER_3_10, '[  812]     0   812     4869  9999999999999999999      13       21             0 x'),
    ).toBeNull();
  });

  it('brackets with a number begin no row of themselves', () => {
    expect(looksLikeTaskRow('[  812] random: crng init done')).toBe(false);
    expect(looksLikeTaskRow('[drm] fb0: 1024x768')).toBe(false);
    expect(looksLikeTaskRow('[  812]     0   812     4869       50      13       21             0 x')).toBe(true);
  });

  it('without a header, seven numbers are bytes of page tables where they are whole pages', () => {
    const seven = (pageTables: number) => guessColumns(`[  812]  0  812  4869  50  ${pageTables}  21  0 x`)?.[4];
    expect([seven(13), seven(53248)]).toEqual(['nr_ptes', 'pgtables_bytes']);
    // A name that begins with numbers does not make a row of a later kernel.
    expect(guessColumns('[  812]  0  812  4869  50  13  21  0 9 8 7 x')).toHaveLength(8);
    expect(guessColumns('[  812]  0  812  4869  50  13  21  5000 x')).toBeNull();
  });
});
