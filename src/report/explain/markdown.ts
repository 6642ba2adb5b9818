import { visible } from '../../base/escape.js';
import { formatCount } from '../../base/units.js';
import { ballotCells, ballotHead, partsIn, shownRows } from './ballot-table.js';
import type { Block } from './document.js';
import { timelineLines } from './timeline-lines.js';

const ROWS_SHOWN = 20;

/** The report for a ticket or a chat. A name cannot become markup: what Markdown or HTML would read is escaped. */
export function renderMarkdown(blocks: readonly Block[]): string {
  return `${blocks.map(blockText).join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `# ${safe(block.text)}`;
    case 'lead':
      return `**${safe(block.text)}**`;
    case 'heading':
      return `## ${safe(block.text)}`;
    case 'paragraph':
      return safe(block.text);
    case 'list':
      return block.items.map((item) => `- ${safe(item)}`).join('\n');
    case 'facts':
      return block.rows.map(([label, text]) => `${safe(label)}: ${safe(text)}`).join('  \n');
    case 'advice':
      return [
        `- ${safe(block.text)}`,
        ...block.evidence.map((clause) => `  - since ${safe(clause)}`),
        ...(block.change === null ? [] : [fenced(block.change.split('\n'), '  ')]),
      ].join('\n');
    case 'ballot': {
      const { shown, hidden } = shownRows(block.rows, ROWS_SHOWN);
      const parts = partsIn(block.rows);
      const rows = shown.map((row) => tableRow(ballotCells(row, parts, block.pageSizeBytes).map(safe)));
      const rule = tableRow(ballotHead(parts).map((_, column) => (column === 1 ? '---' : '---:')));
      const more = hidden === 0 ? [] : ['', `… and ${formatCount(hidden)} more`];
      return [tableRow(ballotHead(parts)), rule, ...rows, ...more].join('\n');
    }
    case 'timeline':
      return fenced(timelineLines(block.picture), '');
  }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A fence that is longer than any run of backticks in it. */
function fenced(lines: readonly string[], indent: string): string {
  const inside = lines.map(visible);
  const longest = Math.max(2, ...inside.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...inside, fence].map((line) => `${indent}${line}`).join('\n');
}

/** Text in which nothing is markup, a mention or a link. */
function safe(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]#|~!$]/g, (sign) => `\\${sign}`)
    .replace(/[&<>@]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/^([-+]|\d+[.)])(?=\s)/, '\\$1');
}
