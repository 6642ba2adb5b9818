import { formatBytes, formatDuration } from '../../base/units.js';
import { type Picture, valueAt } from './picture.js';
import { sparkline } from './sparkline.js';

const WIDTH = 40;

/** The picture as lines of text: a sparkline for each cgroup up to the kill, and what it went from and to. */
export function timelineLines({ fromUs, killUs, lines, limit }: Picture): string[] {
  const top = Math.max(limit?.bytes ?? 0, ...lines.flatMap(({ points }) => points.map(([, bytes]) => bytes)));
  const span = formatDuration(killUs - fromUs);
  return [
    `Memory that cannot be reclaimed, the ${span} before the kill; a full cell is ${formatBytes(top)}.`,
    ...lines.map((line) => {
      const first = line.points[0]?.[1] ?? 0;
      const last = valueAt(line, killUs) ?? first;
      const drawn = sparkline(line, fromUs, killUs, top, WIDTH);
      return `${drawn}  ${formatBytes(first)} → ${formatBytes(last)}  ${line.path}`;
    }),
    ...(limit === null ? [] : [`${' '.repeat(WIDTH)}  limit ${formatBytes(limit.bytes)}  ${limit.path}`]),
  ];
}
