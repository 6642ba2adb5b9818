import { visible } from '../base/escape.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { OomscopeEvent } from '../events/event.js';
import type { SessionEvent } from '../events/session.js';
import { episodeCgroups } from './episode-cgroups.js';
import type { Exporter } from './exporter.js';

/** The columns and what a row of a cgroup has in them. */
const AMOUNTS = {
  usage_bytes: (cgroup) => cgroup.usageBytes,
  max_bytes: (cgroup) => cgroup.maxBytes,
  high_bytes: (cgroup) => cgroup.highBytes,
  swap_bytes: (cgroup) => cgroup.swapBytes,
  swap_max_bytes: (cgroup) => cgroup.swapMaxBytes,
} as const satisfies Record<string, (cgroup: CgroupMemory) => number | 'max' | null>;

const COLUMNS = ['time', 't_us', 'cgroup_id', 'cgroup', 'source', ...Object.keys(AMOUNTS)];

type Cell = string | number | null;

/** The series: one row a moment and cgroup (RFC 4180). What is not known is empty; a limit that is none is `max`. */
export function csvExporter(): Exporter {
  let session: SessionEvent | null = null;

  function rowsOf(event: OomscopeEvent): string {
    if (event.topic === '/session') session = event;
    if (event.topic !== '/oom/episode') return '';
    const { episodeUs } = event;
    const time = utcTime(session, episodeUs);
    return episodeCgroups(event)
      .map((cgroup) => {
        const amounts = Object.values(AMOUNTS).map((amount) => amount(cgroup));
        return line([time, episodeUs, cgroup.id, cgroup.path, 'episode', ...amounts]);
      })
      .join('');
  }

  return {
    begin: () => line(COLUMNS),
    know(state) {
      for (const event of state) if (event.topic === '/session') session = event;
    },
    write: (events) => events.map(rowsOf).join(''),
    end: () => '',
  };
}

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
