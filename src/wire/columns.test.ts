import { describe, expect, it } from 'vitest';
import type { Limit } from '../events/cgroup.js';
import { type Columns, fromColumns, toColumns } from './columns.js';

interface Row {
  readonly id: number;
  readonly spanUs: number;
  readonly usageBytes: number | null;
  readonly maxBytes: Limit;
}

const COLUMNS: Columns<Row> = { id: 'plain', spanUs: 'plain', usageBytes: 'amount', maxBytes: 'limit' };
const ROWS: Row[] = [
  { id: 1, spanUs: 0, usageBytes: null, maxBytes: null },
  { id: 2, spanUs: 0, usageBytes: 0, maxBytes: 'max' },
  { id: 3, spanUs: 0, usageBytes: 7, maxBytes: 0 },
];

describe('columns', () => {
  it('tell null, zero and "max" apart, and leave out a column that is nothing but zeros', () => {
    const wire = toColumns(COLUMNS, ROWS);
    expect(wire).toEqual({ rowCount: 3, id: [1, 2, 3], usageBytes: [0, 1, 8], maxBytes: [0, 1, 2] });
    expect(fromColumns(COLUMNS, wire)).toStrictEqual(ROWS);
    expect(fromColumns(COLUMNS, toColumns(COLUMNS, []))).toEqual([]);
    expect(fromColumns(COLUMNS, undefined)).toEqual([]);
  });

  it('that do not fit together are refused before rows are made', () => {
    const wire = toColumns(COLUMNS, ROWS);
    expect(() => fromColumns(COLUMNS, { ...wire, usageBytes: [1, 2] })).toThrow(/column usageBytes has 2 rows of 3/);
    expect(() => fromColumns(COLUMNS, { ...wire, rowCount: 4_000_000_000 })).toThrow(/rows with 3 ids/);
    expect(() => fromColumns(COLUMNS, { rowCount: 1 })).toThrow(/1 rows with 0 ids/);
    expect(() => fromColumns(COLUMNS, { ...wire, usageBytes: [0, 1, 2 ** 53] })).toThrow(/not an integer below 2\^53/);
  });
});
