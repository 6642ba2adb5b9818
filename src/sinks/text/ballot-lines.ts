import { visible } from '../../base/escape.js';
import { formatBytes, formatCount, plural } from '../../base/units.js';
import type { EpisodeEvent } from '../../events/episode.js';
import { memoryPages } from '../../model/badness.js';
import type { Ballot, BallotRow } from '../../model/ballot.js';
import { BAR_LEGEND, BAR_LEGEND_UNSPLIT, bar } from './bar.js';
import type { Line } from './line.js';

const ROWS_SHOWN = 8;
const NAME_WIDTH = 16;
const BAR_MIN = 10;
const BAR_MAX = 40;

/** The ballot as a table: who could be chosen, by points; those passed over as one line with their reasons. */
export function ballotLines(episode: Pick<EpisodeEvent, 'pageSizeBytes'>, ballot: Ballot, columns: number): Line[] {
  const eligible = ballot.rows.filter((row) => row.rank !== null);
  const shown = eligible.filter((row, index) => index < ROWS_SHOWN || row.chosen);
  const hidden = eligible.length - shown.length;
  const weighed = plural(eligible.length, 'candidate');
  const legend = ballot.rows.some((row) => row.parts.rss > 0) ? BAR_LEGEND_UNSPLIT : BAR_LEGEND;
  return [
    { text: `  ballot   ${weighed} · ${legend}`, indent: 11 },
    ...(shown.length === 0 ? [] : [{ text: HEADER, tone: 'quiet' } as const]),
    ...shown.map((row) => rowLine(row, ballot, episode.pageSizeBytes, columns)),
    ...(hidden > 0 ? [{ text: `     … and ${formatCount(hidden)} more with fewer points` }] : []),
    ...passedOverLines(ballot.rows.filter((row) => row.rank === null)),
  ];
}

const HEADER = `    ${'points'.padStart(12)}${'memory'.padStart(10)}${'adj'.padStart(6)}${'pid'.padStart(9)}  process`;

function rowLine(row: BallotRow, ballot: Ballot, pageSizeBytes: number, columns: number): Line {
  const { candidate, parts } = row;
  const points = candidate.points === null ? 'first' : formatCount(candidate.points);
  const memory = formatBytes(memoryPages(parts) * pageSizeBytes);
  const figures = `${points.padStart(12)}${memory.padStart(10)}${String(candidate.adj).replace('-', '−').padStart(6)}`;
  const name = fitted(visible(candidate.comm), NAME_WIDTH);
  const start = `  ${row.chosen ? '►' : ' '} ${figures}${String(candidate.pid).padStart(9)}  ${name}  `;
  const width = Math.min(BAR_MAX, Math.max(BAR_MIN, columns - start.length));
  const inexact = row.check.kind === 'approximate' ? ` (approximate: ${formatCount(row.check.differencePages)})` : '';
  const text = `${start}${bar(parts, ballot.scalePages, width)}${inexact}`.trimEnd();
  return row.chosen ? { text, tone: 'strong' } : { text };
}

function passedOverLines(rows: readonly BallotRow[]): Line[] {
  const reasons = new Map<string, number>();
  for (const row of rows) {
    const reason = (row.note ?? 'passed over').replace(/^passed over: /, '');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => ({
    text: `     ${formatCount(count)} not weighed: ${reason}`,
    tone: 'quiet',
  }));
}

function fitted(text: string, width: number): string {
  const characters = [...text];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : text.padEnd(width);
}
