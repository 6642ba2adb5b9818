import type { Limit } from '../events/cgroup.js';
import { badMessage, integer } from './check.js';

/** How a field's values stand in its column; oomscope.proto says the same. */
type KindOf<Value> = 'max' extends Value ? 'limit' : null extends Value ? 'amount' : 'plain';

/** The columns of a row: each of its fields, in the order in which rows are made again. */
export type Columns<Row> = { readonly [Field in keyof Row]-?: KindOf<Row[Field]> };

/** As protobuf has it: a list of numbers for each column, and how many rows there are. */
export interface WireColumns {
  readonly rowCount?: number | null;
  readonly [column: string]: number | readonly number[] | null | undefined;
}

type Cell = Limit;
type Kind = 'plain' | 'amount' | 'limit';

/** Rows to columns. Amounts are below 2^52: the memory of a thousand large machines. */
export function toColumns<Row extends { readonly id: number }>(
  columns: Columns<Row>,
  rows: readonly Row[],
): { rowCount: number; [column: string]: number | number[] } {
  const wire: { rowCount: number; [column: string]: number | number[] } = { rowCount: rows.length };
  for (const [field, kind] of Object.entries<Kind>(columns)) {
    const column = columnOf(rows as readonly object[] as readonly Readonly<Record<string, Cell>>[], field, kind);
    if (column !== null) wire[field] = column;
  }
  return wire;
}

/** Null = all rows are 0 on the wire. */
function columnOf(rows: readonly Readonly<Record<string, Cell>>[], field: string, kind: Kind): number[] | null {
  const column = new Array<number>(rows.length);
  let isZero = true;
  for (let row = 0; row < rows.length; row++) {
    const value = cellToWire(rows[row]?.[field] ?? null, kind);
    column[row] = value;
    if (value !== 0) isZero = false;
  }
  return isZero ? null : column;
}

function cellToWire(value: Cell, kind: Kind): number {
  if (value === null) return 0;
  if (value === 'max') return 1;
  return kind === 'plain' ? value : kind === 'amount' ? value + 1 : value + 2;
}

/** Columns to rows. Throws E_BAD_MESSAGE unless each column has as many cells as there are rows, or none. */
export function fromColumns<Row extends { readonly id: number }>(
  columns: Columns<Row>,
  wire: object | null | undefined,
): Row[] {
  const given = (wire ?? {}) as WireColumns;
  const rowCount = integer(given.rowCount ?? 0);
  // Ids are never 0, so their column is never left out. Looked at first: rows that cost no bytes could fill the memory.
  const ids = cellsOf(given, 'id')?.length ?? 0;
  if (ids !== rowCount) throw badMessage(`${rowCount} rows with ${ids} ids`);
  const rows: Record<string, Cell>[] = [];
  for (let row = 0; row < rowCount; row++) rows.push({});
  for (const [field, kind] of Object.entries<Kind>(columns)) {
    const column = cellsOf(given, field);
    const length = column?.length ?? 0;
    if (length !== 0 && length !== rowCount) throw badMessage(`column ${field} has ${length} rows of ${rowCount}`);
    for (let row = 0; row < rowCount; row++) {
      const cells = rows[row];
      if (cells !== undefined) cells[field] = cellFromWire(length === 0 ? 0 : integer(column?.[row]), kind);
    }
  }
  return rows as object[] as Row[];
}

function cellsOf(wire: WireColumns, field: string): readonly number[] | undefined {
  const column = wire[field];
  return typeof column === 'object' && column !== null ? column : undefined;
}

function cellFromWire(value: number, kind: Kind): Cell {
  if (kind === 'plain') return value;
  if (value === 0) return null;
  if (kind === 'amount') return value - 1;
  return value === 1 ? 'max' : value - 2;
}
