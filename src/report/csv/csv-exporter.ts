import { visible } from '../../base/escape.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { SessionEvent } from '../../events/session.js';
import { CgroupNames } from '../cgroup-names.js';
import { episodeCgroups } from '../episode-cgroups.js';
import type { Exporter } from '../exporter.js';
import { AMOUNTS, EPISODE, NODE, PRESSURE, RECLAIM, SAMPLE, STAT, THROTTLE, WHERE } from './columns.js';

type Cell = string | number | null;

/** What is known of one cgroup at one moment; `id` and `path` null = the node. */
interface Row {
  readonly id: number | null;
  readonly path: string | null;
  readonly source: Source;
  readonly cells: Map<string, Cell>;
}

type Source = 'episode' | 'sampled' | 'node';

/**
 * The series: one row a moment and cgroup, or node (RFC 4180). What is not known, or was not read at that moment, is
 * empty; a limit that is none is `max`.
 */
export class CsvExporter implements Exporter {
  #session: SessionEvent | null = null;
  readonly #names = new CgroupNames();
  /** The rows of the moment that is being put together: readings of one tick come one after the other. */
  #rows = new Map<string, Row>();
  #rowsUs = 0;

  begin(): string {
    return line([...WHERE, ...AMOUNTS]);
  }

  know(state: readonly OomscopeEvent[]): void {
    for (const event of state) this.#learn(event);
  }

  write(events: readonly OomscopeEvent[]): string {
    let text = '';
    for (const event of events) {
      if (event.topic === '/session') text += this.#take();
      this.#learn(event);
      text += this.#rowsOf(event);
    }
    return text;
  }

  end(): string {
    return this.#take();
  }

  #learn(event: OomscopeEvent): void {
    if (event.topic === '/session') this.#session = event;
    this.#names.learn(event);
  }

  #rowsOf(event: OomscopeEvent): string {
    switch (event.topic) {
      case '/oom/episode': {
        const text = this.#at(event.episodeUs);
        for (const cgroup of episodeCgroups(event)) this.#fill('episode', cgroup.id, cgroup.path, cgroup, EPISODE);
        return text;
      }
      case '/memory/sample':
        return this.#sampled(event.tUs, event.cgroups, SAMPLE);
      case '/memory/stat':
        return this.#sampled(event.tUs, event.cgroups, STAT);
      case '/reclaim':
        return this.#sampled(event.tUs, event.cgroups, RECLAIM);
      case '/throttle':
        return this.#sampled(event.tUs, event.cgroups, THROTTLE);
      case '/pressure': {
        const text = this.#sampled(event.tUs, event.cgroups, PRESSURE);
        if (event.node !== null) this.#fill('node', null, null, event.node, NODE_PRESSURE);
        return text;
      }
      case '/node': {
        const text = this.#at(event.tUs);
        this.#fill('node', null, null, event, NODE);
        return text;
      }
      default:
        return '';
    }
  }

  #sampled<T extends { readonly id: number }>(
    tUs: number,
    cgroups: readonly T[],
    columns: Readonly<Record<string, keyof T>>,
  ): string {
    const text = this.#at(tUs);
    for (const cgroup of cgroups) this.#fill('sampled', cgroup.id, this.#names.pathOf(cgroup.id), cgroup, columns);
    return text;
  }

  #fill<T extends object>(
    source: Source,
    id: number | null,
    path: string | null,
    record: T,
    columns: Readonly<Record<string, keyof T>>,
  ): void {
    const key = `${source} ${id ?? path}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { id, path, source, cells: new Map() };
      this.#rows.set(key, row);
    }
    for (const [column, field] of Object.entries(columns)) row.cells.set(column, record[field] as Cell);
  }

  /** Begins another moment: gives the rows of the last one. */
  #at(tUs: number): string {
    if (tUs === this.#rowsUs) return '';
    const text = this.#take();
    this.#rowsUs = tUs;
    return text;
  }

  #take(): string {
    const time = utcTime(this.#session, this.#rowsUs);
    let text = '';
    for (const { id, path, source, cells } of this.#rows.values()) {
      text += line([time, this.#rowsUs, id, path, source, ...AMOUNTS.map((column) => cells.get(column) ?? null)]);
    }
    this.#rows.clear();
    return text;
  }
}

const NODE_PRESSURE = { pressure_span_us: 'spanUs', psi_some_us: 'someUs', psi_full_us: 'fullUs' } as const;

function line(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const text = visible(cell);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `2026-01-02T03:12:44.123456Z`; null = there was no session yet, which has both clocks, or it is of a log without dates. */
function utcTime(session: SessionEvent | null, tUs: number): string | null {
  if (session === null || session.anchorEpochUs === null) return null;
  const epochUs = session.anchorEpochUs + tUs - session.anchorBootUs;
  const date = new Date(Math.floor(epochUs / 1000));
  if (Number.isNaN(date.getTime())) return null;
  const micros = (epochUs % 1000).toString().padStart(3, '0');
  return date.toISOString().replace('Z', `${micros}Z`);
}
