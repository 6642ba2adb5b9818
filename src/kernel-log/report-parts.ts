import type { CounterName } from './memcg-lines.js';
import type { NodeFact } from './node-lines.js';
import type { CgroupStats, CounterLine, ReportLimit, ReportNode, TaskRow, TaskTable } from './report.js';
import { parseTaskRow, type TableColumns } from './task-table.js';

// The big parts of a report, each gathered line by line, and each bounded: a hostile log must not fill the memory.

/** No machine has more candidates at once. */
const MAX_ROWS = 100_000;
const MAX_STATS = 1_000;
const MAX_VALUES = 300;

/** The cgroup whose limit was hit. */
export class LimitPart {
  path: string | null = null;
  /** "Memory cgroup stats for …:" was the last of its kind: its statistics follow. */
  statsFollow = false;
  readonly #counters = new Map<CounterName, CounterLine>();
  readonly #stats: CgroupStats[] = [];
  #values = new Map<string, number>();

  has(name: CounterName): boolean {
    return this.#counters.has(name);
  }

  get hasCounters(): boolean {
    return this.#counters.size > 0;
  }

  addCounter(name: CounterName, counter: CounterLine): void {
    this.#counters.set(name, counter);
  }

  /** The first is the limit's own cgroup. */
  addStats(stats: CgroupStats, linesFollow: boolean): void {
    this.path ??= stats.path;
    this.statsFollow = linesFollow;
    this.#values = new Map(stats.values);
    if (this.#stats.length < MAX_STATS) this.#stats.push({ path: stats.path, values: this.#values });
  }

  addStatistic(name: string, value: number): void {
    if (this.#values.size < MAX_VALUES) this.#values.set(name, value);
  }

  build(): ReportLimit | null {
    if (this.#counters.size === 0 && this.path === null) return null;
    return {
      path: this.path,
      memory: this.#counters.get('memory') ?? null,
      swap: this.#counters.get('swap') ?? null,
      memsw: this.#counters.get('memory+swap') ?? null,
      kmem: this.#counters.get('kmem') ?? null,
      stats: this.#stats,
    };
  }
}

/** "Mem-Info". */
export class NodePart {
  seen = false;
  swapTotalBytes: number | null = null;
  /** The smallest free block: one page. */
  pageSizeBytes: number | null = null;
  #swapFreeBytes: number | null = null;
  #presentPages: number | null = null;
  #reservedPages: number | null = null;
  readonly #pages = new Map<string, number>();
  readonly #zones = new Map<string, { readonly node: number; readonly presentBytes: number }>();

  add(fact: NodeFact): void {
    this.seen = true;
    if (fact.kind === 'present-pages') this.#presentPages = fact.pages;
    else if (fact.kind === 'reserved-pages') this.#reservedPages = fact.pages;
    else if (fact.kind === 'swap-total') this.swapTotalBytes = fact.bytes;
    else if (fact.kind === 'swap-free') this.#swapFreeBytes = fact.bytes;
    else if (fact.kind === 'page-size') this.pageSizeBytes ??= fact.bytes;
    else if (fact.kind === 'pages') this.#addPages(fact.values);
    else if (fact.kind === 'zone' && this.#zones.size < MAX_VALUES) this.#zones.set(`${fact.node} ${fact.zone}`, fact);
  }

  build(): ReportNode | null {
    if (!this.seen) return null;
    return {
      ramPages: this.#ramPages(),
      swapTotalBytes: this.swapTotalBytes,
      swapFreeBytes: this.#swapFreeBytes,
      pages: this.#pages,
      nodeBytes: this.#nodeBytes(),
    };
  }

  #nodeBytes(): ReadonlyMap<number, number> {
    const sizes = new Map<number, number>();
    for (const { node, presentBytes } of this.#zones.values()) sizes.set(node, (sizes.get(node) ?? 0) + presentBytes);
    return sizes;
  }

  #addPages(values: readonly (readonly [string, number])[]): void {
    for (const [name, pages] of values) if (this.#pages.size < MAX_VALUES) this.#pages.set(name, pages);
  }

  #ramPages(): number | null {
    if (this.#presentPages === null || this.#reservedPages === null) return null;
    return Math.max(0, this.#presentPages - this.#reservedPages);
  }
}

/** The task table. */
export class TablePart {
  columns: TableColumns | null = null;
  headerSeen = false;
  readonly #rows: TaskRow[] = [];
  readonly #rowOf = new Map<number, TaskRow>();
  #dropped = 0;

  open(columns: TableColumns, headerSeen: boolean): void {
    this.columns = columns;
    this.headerSeen = headerSeen;
  }

  get rowCount(): number {
    return this.#rows.length;
  }

  /** By thread or process id. */
  row(id: number): TaskRow | undefined {
    return this.#rowOf.get(id);
  }

  /** False when the line is no row of this table. */
  add(text: string): boolean {
    const row = this.columns === null ? null : parseTaskRow(text, this.columns);
    if (row === null) return false;
    if (this.#rows.length >= MAX_ROWS) {
      this.#dropped++;
      return true;
    }
    this.#rows.push(row);
    this.#rowOf.set(row.tid, row);
    if (row.pid !== row.tid) this.#rowOf.set(row.pid, row);
    return true;
  }

  build(): TaskTable | null {
    if (this.columns === null) return null;
    return { headerSeen: this.headerSeen, rows: this.#rows, rowsDropped: this.#dropped };
  }
}
