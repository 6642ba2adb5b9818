import { describe, expect, it } from 'vitest';
import { groupMarks, type Mark } from './marks.js';

const mark = (ms: number, isKill = true): Mark => ({
  key: `k${ms}`,
  ms,
  words: '',
  isKill,
  isByUser: false,
  isNearMiss: false,
});
const span = { fromMs: 0, toMs: 1_000 };

describe('marks on a timeline', () => {
  it('stand where they were, those out of sight not at all', () => {
    const groups = groupMarks([mark(2_000), mark(750), mark(250)], span, 1_000, null);
    expect(groups.map(({ share, count }) => [share, count])).toEqual([
      [0.25, 1],
      [0.75, 1],
    ]);
  });

  it('too close to be told apart are one with their number', () => {
    const groups = groupMarks([mark(500), mark(503), mark(506)], span, 1_000, null);
    expect(groups).toMatchObject([{ count: 3, mark: { ms: 506 } }]);
    expect(groupMarks([mark(500), mark(503)], { fromMs: 490, toMs: 510 }, 1_000, null)).toHaveLength(2);
  });

  it('a kill and the chosen one are not hidden by others', () => {
    expect(groupMarks([mark(500), mark(501, false)], span, 1_000, null)).toMatchObject([{ mark: { ms: 500 } }]);
    expect(groupMarks([mark(500), mark(501), mark(502)], span, 1_000, 'k501')).toMatchObject([
      { mark: { ms: 501 }, hasSelected: true, count: 3 },
    ]);
  });
});
