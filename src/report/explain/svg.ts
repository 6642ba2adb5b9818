import { formatBytes, formatDuration } from '../../base/units.js';
import { html } from './html-escape.js';
import { type Picture, type PictureLine, valueAt } from './picture.js';

const WIDTH = 900;
const HEIGHT = 280;
const LEFT = 76;
const RIGHT = 16;
const TOP = 24;
const BOTTOM = 34;
const POINTS_MAX = 600;
/** Lines are told apart by their dashes too, not by colour alone. */
const DASHES = ['', '8 4', '2 3', '10 3 2 3', '4 4'] as const;

/** The picture as an SVG element with its legend beside it, in the colours of the page it stands in. */
export function timelineSvg(picture: Picture): string {
  const { fromUs, toUs, killUs, limit, lines } = picture;
  const values = lines.flatMap(({ points }) => points.map(([, bytes]) => bytes));
  const topBytes = Math.max(1, limit?.bytes ?? 0, ...values) * 1.05;
  const x = (tUs: number) => LEFT + ((tUs - fromUs) / Math.max(1, toUs - fromUs)) * (WIDTH - LEFT - RIGHT);
  const y = (bytes: number) => HEIGHT - BOTTOM - (bytes / topBytes) * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y((topBytes / 1.05) * share).toFixed(1);
    const label = formatBytes(Math.round((topBytes / 1.05) * share));
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text class="y" x="${LEFT - 8}" y="${at}">${html(label)}</text>`;
  });
  const marks = [
    `<line class="kill" x1="${x(killUs).toFixed(1)}" x2="${x(killUs).toFixed(1)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`,
    `<text class="mark" x="${(x(killUs) - 6).toFixed(1)}" y="${TOP - 8}">kill</text>`,
    `<text class="x" x="${LEFT}" y="${HEIGHT - 12}">${html(formatDuration(killUs - fromUs))} before</text>`,
    ...(limit === null
      ? []
      : [
          `<line class="limit" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(limit.bytes).toFixed(1)}" y2="${y(limit.bytes).toFixed(1)}"/>`,
        ]),
  ];
  const drawn = lines.map((line, index) => `<path class="line l${index}"${dash(index)} d="${path(line, x, y)}"/>`);
  return [
    `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${html(inWords(picture))}">`,
    ...grid,
    ...marks,
    ...drawn,
    '</svg><figcaption>Memory that cannot be reclaimed. <ul class="legend">',
    ...lines.map((line, index) => legend(line, index, killUs)),
    ...(limit === null
      ? []
      : [
          `<li><svg width="28" height="8"><line class="limit" x1="0" x2="28" y1="4" y2="4"/></svg> limit of <bdi>${html(limit.path)}</bdi>: ${html(formatBytes(limit.bytes))}</li>`,
        ]),
    '</ul></figcaption></figure>',
  ].join('\n');
}

function dash(index: number): string {
  const dashes = DASHES[index % DASHES.length] ?? '';
  return dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
}

function legend(line: PictureLine, index: number, killUs: number): string {
  const first = line.points[0]?.[1] ?? 0;
  const last = valueAt(line, killUs) ?? first;
  const sample = `<svg width="28" height="8"><line class="line l${index}"${dash(index)} x1="0" x2="28" y1="4" y2="4"/></svg>`;
  return `<li>${sample} <bdi>${html(line.path)}</bdi>: ${html(formatBytes(first))} → ${html(formatBytes(last))}</li>`;
}

function path({ points }: PictureLine, x: (tUs: number) => number, y: (bytes: number) => number): string {
  const every = Math.ceil(points.length / POINTS_MAX);
  return points
    .filter((_, index) => index % every === 0 || index === points.length - 1)
    .map(([tUs, bytes], index) => `${index === 0 ? 'M' : 'L'}${x(tUs).toFixed(1)} ${y(bytes).toFixed(1)}`)
    .join('');
}

/** For those who do not see it. */
function inWords({ lines, killUs }: Picture): string {
  const parts = lines.map((line) => {
    const first = line.points[0]?.[1] ?? 0;
    return `${line.path} from ${formatBytes(first)} to ${formatBytes(valueAt(line, killUs) ?? first)}`;
  });
  return `Memory over time up to the kill: ${parts.join('; ')}`;
}
