import { visible } from '../../base/escape.js';
import { formatCount } from '../../base/units.js';
import { ballotCells, ballotHead, partsIn, shownRows } from './ballot-table.js';
import type { Block } from './document.js';
import { timelineLines } from './timeline-lines.js';

const ROWS_SHOWN = 10;

/** The report for a terminal, or a mail. Every line is safe to print. */
export function renderText(blocks: readonly Block[], columns: number): string {
  const lines = blocks.flatMap((block) => blockLines(block, columns));
  return `${lines.map((line) => visible(line).trimEnd()).join('\n')}\n`;
}

function blockLines(block: Block, columns: number): string[] {
  switch (block.kind) {
    case 'title':
      return [block.text, '='.repeat(Math.min(columns, block.text.length))];
    case 'lead':
      return ['', ...wrap(block.text, columns, ''), ''];
    case 'heading':
      return ['', block.text, '-'.repeat(block.text.length)];
    case 'paragraph':
      return wrap(block.text, columns, '');
    case 'list':
      return block.items.flatMap((item) => wrap(`- ${item}`, columns, '  '));
    case 'facts':
      return block.rows.flatMap(([label, text]) => wrap(`${label}: ${text}`, columns, '  '));
    case 'advice':
      return [
        ...wrap(`* ${block.text}`, columns, '  '),
        ...block.evidence.flatMap((clause) => wrap(`    since ${clause}`, columns, '      ')),
        ...(block.change === null ? [] : block.change.split('\n').map((line) => `    | ${line}`)),
      ];
    case 'ballot': {
      const { shown, hidden } = shownRows(block.rows, ROWS_SHOWN);
      const parts = partsIn(block.rows);
      const more = hidden === 0 ? [] : [`… and ${formatCount(hidden)} more`];
      return [
        ...table([ballotHead(parts), ...shown.map((row) => ballotCells(row, parts, block.pageSizeBytes))]),
        ...more,
      ];
    }
    case 'timeline':
      return ['', ...timelineLines(block.picture)];
  }
}

/** Columns as wide as they need be; all but the second, the name, are set to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const safe = rows.map((row) => row.map(visible));
  const widths = safe[0]?.map((_, column) => Math.max(...safe.map((row) => [...(row[column] ?? '')].length))) ?? [];
  const cell = (text: string, column: number) => {
    const fill = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...text].length));
    return column === 1 ? text + fill : fill + text;
  };
  return safe.map((row) => row.map(cell).join('  '));
}

/** Breaks at spaces; a word that is too long for a line stands alone. */
function wrap(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let rest = visible(text);
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const at = space > indent.length ? space : rest.indexOf(' ', columns);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = `${indent}${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}
