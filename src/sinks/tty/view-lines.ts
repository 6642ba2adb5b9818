import { visible } from '../../base/escape.js';
import { sparkline } from '../../base/sparkline.js';
import { formatBytes, formatDuration, plural } from '../../base/units.js';
import type { CgroupStat } from '../../events/memory-stat.js';
import type { Model } from '../../model/model.js';
import { NODE_ID } from '../../model/series/fields.js';
import type { SeriesStore } from '../../model/series/series.js';
import { workloadName, workloadOf } from '../../model/workload.js';
import type { Line } from '../text/line.js';
import { PRESSURE_WINDOW_US, type TopCgroup, topCgroups } from './top-cgroups.js';

/** How far back the sparklines go. */
const SPARK_US = 60_000_000;
const SPARK_CELLS = 20;
const SPLIT_CELLS = 12;
const USAGE_WIDTH = 10;
const LIMIT_WIDTH = 7;
const PSI_WIDTH = 6;
const NAME_MIN = 16;
const UNKNOWN = '–';

export interface ViewSize {
  readonly columns: number;
  /** How many cgroups. */
  readonly rows: number;
}

/** What a person watches: the node in one line, then the cgroups that matter. Each line is at most `columns` wide. */
export function viewLines(model: Model, series: SeriesStore, { columns, rows }: ViewSize): Line[] {
  const nowUs = model.nowUs ?? 0;
  const top = topCgroups(model.memory, series, nowUs, rows);
  return [
    { text: cut(nodeText(model, series, nowUs), columns), tone: 'strong' },
    ...(top.length === 0
      ? [{ text: cut(emptyText(model), columns), tone: 'quiet' } as const]
      : [
          { text: cut(header(columns), columns), tone: 'quiet' } as const,
          ...top.map((cgroup) => rowLine(cgroup, model, series, nowUs, columns)),
        ]),
  ];
}

function emptyText({ session }: Model): string {
  if (session === null) return 'Attaching …';
  return session.sampling === null
    ? 'No memory is sampled on this host: kills only.'
    : 'Waiting for the first samples …';
}

function nodeText({ session, memory, incidents }: Model, series: SeriesStore, nowUs: number): string {
  const { node, sampled } = memory;
  const parts = [session?.hostname ?? ''];
  if (node !== null) {
    const available = node.kubeletAvailableBytes ?? node.memAvailableBytes;
    const free = available === null ? UNKNOWN : formatBytes(available);
    parts.push(`${free} of ${formatBytes(node.memTotalBytes)} available`);
    if (node.swapTotalBytes > 0) parts.push(`swap ${formatBytes(node.swapTotalBytes - node.swapFreeBytes)} used`);
  }
  if (series.ids('nodePressure').length > 0) {
    const share = (field: 'someUs' | 'fullUs') =>
      percent(series.total('nodePressure', NODE_ID, field, nowUs - PRESSURE_WINDOW_US, nowUs), PRESSURE_WINDOW_US);
    parts.push(`pressure some ${share('someUs')} full ${share('fullUs')}`);
  }
  if (sampled !== null)
    parts.push(`${plural(memory.samples.size, 'cgroup')} each ${formatDuration(sampled.intervalUs)}`);
  parts.push(plural(incidents.length, 'incident'));
  return parts.filter((part) => part !== '').join('  ');
}

function nameWidth(columns: number): number {
  const rest = USAGE_WIDTH + LIMIT_WIDTH + SPARK_CELLS + SPLIT_CELLS + PSI_WIDTH + 3 * 2;
  return Math.max(NAME_MIN, columns - rest);
}

function header(columns: number): string {
  const spark = `last ${SPARK_US / 1e6} s`.padEnd(SPARK_CELLS);
  return rowText(columns, 'cgroup', 'usage', 'limit', spark, '█anon ▓file', 'PSI');
}

function rowText(
  columns: number,
  ...[name, usage, limit, spark, split, psi]: [string, string, string, string, string, string]
): string {
  return (
    name.padEnd(nameWidth(columns)) +
    usage.padStart(USAGE_WIDTH) +
    limit.padStart(LIMIT_WIDTH) +
    `  ${spark}  ${split.padEnd(SPLIT_CELLS)}  ` +
    psi.padStart(PSI_WIDTH - 2)
  );
}

function rowLine(
  { sample, path, someShare }: TopCgroup,
  model: Model,
  series: SeriesStore,
  nowUs: number,
  columns: number,
): Line {
  const { id, usageBytes, maxBytes } = sample;
  const limit = maxBytes === null ? UNKNOWN : maxBytes === 'max' ? 'none' : percent(usageBytes, maxBytes);
  const text = rowText(
    columns,
    nameOf(id, path, model, nameWidth(columns) - 1),
    usageBytes === null ? UNKNOWN : formatBytes(usageBytes),
    limit,
    usageLine(series, id, maxBytes, nowUs),
    split(model.memory.stats.get(id)),
    percent(someShare, 1),
  );
  const isClose = usageBytes !== null && typeof maxBytes === 'number' && usageBytes >= 0.9 * maxBytes;
  return isClose ? { text: cut(text, columns), tone: 'alarm' } : { text: cut(text, columns) };
}

/** A pod's container by its names; else the path, of which the end says most. */
function nameOf(id: number, path: string | null, model: Model, width: number): string {
  const workload = workloadOf(path, model.pods);
  const name = workload?.unnamed === null ? workloadName(workload) : null;
  const characters = [...(name ?? visible(path ?? `cgroup ${id}`))];
  return characters.length > width
    ? `…${characters.slice(characters.length - width + 1).join('')}`
    : characters.join('');
}

/** Full = the limit; where there is none, the highest of this time. */
function usageLine(series: SeriesStore, id: number, maxBytes: number | 'max' | null, nowUs: number): string {
  const values = Array.from({ length: SPARK_CELLS }, (_, cell) =>
    series.valueAt('sample', id, 'usageBytes', nowUs - SPARK_US + (SPARK_US * (cell + 1)) / SPARK_CELLS),
  );
  const highest = Math.max(...values.map((value) => value ?? 0));
  return sparkline(values, typeof maxBytes === 'number' ? Math.max(maxBytes, highest) : highest);
}

/** Of what it holds, how much is anonymous, how much is file cache (shmem left out), and the rest. */
function split(stat: CgroupStat | undefined): string {
  const { anonBytes, fileBytes, shmemBytes, kernelBytes } = stat ?? {};
  if (typeof anonBytes !== 'number' || typeof fileBytes !== 'number') return UNKNOWN;
  const shmem = shmemBytes ?? 0;
  const parts = [
    [anonBytes, '█'],
    [Math.max(0, fileBytes - shmem), '▓'],
    [shmem, '▒'],
    [kernelBytes ?? 0, '░'],
  ] as const;
  const whole = parts.reduce((sum, [bytes]) => sum + bytes, 0);
  if (whole === 0) return '';
  let text = '';
  let upTo = 0;
  for (const [bytes, sign] of parts) {
    upTo += bytes;
    text += sign.repeat(Math.max(0, Math.round((upTo / whole) * SPLIT_CELLS) - text.length));
  }
  return text;
}

function percent(part: number | null, whole: number): string {
  if (part === null || whole === 0) return UNKNOWN;
  return `${Math.round((100 * part) / whole)} %`;
}

function cut(text: string, columns: number): string {
  const characters = [...text];
  return characters.length > columns ? characters.slice(0, columns).join('') : text;
}
