import { formatCount } from '../../base/units.js';
import { ballotCells, ballotHead, partsIn, shownRows } from './ballot-table.js';
import type { Block } from './document.js';
import { html } from './html-escape.js';
import { STYLE } from './html-style.js';
import { timelineSvg } from './svg.js';

const ROWS_SHOWN = 200;

/** The report as one file that needs nothing else: no script, no font, no picture from anywhere, and its policy says so. */
export function renderHtml(reports: readonly (readonly Block[])[]): string {
  const first = reports[0]?.find((block) => block.kind === 'title');
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${html(first?.kind === 'title' ? first.text : 'OOM kills')} · oomscope</title>`,
    `<style>${STYLE}</style></head><body><main>`,
    ...reports.map((blocks) => `<article>\n${blocks.map(blockHtml).join('\n')}\n</article>`),
    '</main></body></html>',
    '',
  ].join('\n');
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'title':
      return `<h1>${html(block.text)}</h1>`;
    case 'lead':
      return `<p class="lead">${html(block.text)}</p>`;
    case 'heading':
      return `<h2>${html(block.text)}</h2>`;
    case 'paragraph':
      return `<p>${html(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${html(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return `<dl>${block.rows.map(([label, text]) => `<dt>${html(label)}</dt><dd>${html(text)}</dd>`).join('')}</dl>`;
    case 'advice': {
      const evidence = block.evidence.map((clause) => `<li>since ${html(clause)}</li>`).join('');
      const change = block.change === null ? '' : `<pre>${block.change.split('\n').map(html).join('\n')}</pre>`;
      return `<section class="advice"><p>${html(block.text)}</p><ul>${evidence}</ul>${change}</section>`;
    }
    case 'ballot':
      return ballotHtml(block);
    case 'timeline':
      return timelineSvg(block.picture);
  }
}

function ballotHtml({ rows, scalePages, pageSizeBytes }: Extract<Block, { kind: 'ballot' }>): string {
  const { shown, hidden } = shownRows(rows, ROWS_SHOWN);
  const parts = partsIn(rows);
  const head = [...ballotHead(parts), 'share'].map((name) => `<th scope="col">${html(name)}</th>`).join('');
  const body = shown.map((row) => {
    const cells = ballotCells(row, parts, pageSizeBytes).map((cell, column) => {
      return `<td>${column === 1 ? `<bdi>${html(cell)}</bdi>` : html(cell)}</td>`;
    });
    const bar = parts.map(([part, name]) => {
      const share = (Math.max(0, row.parts[part] ?? 0) / scalePages) * 100;
      return share < 0.05 ? '' : `<i class="${part}" style="width:${share.toFixed(1)}%" title="${html(name)}"></i>`;
    });
    const classes = `${row.chosen ? 'chosen' : ''}${row.rank === null ? ' out' : ''}`.trim();
    return `<tr class="${classes}">${cells.join('')}<td class="bar">${bar.join('')}</td></tr>`;
  });
  const more = hidden === 0 ? '' : `<p>… and ${html(formatCount(hidden))} more.</p>`;
  const legend = parts.map(([part, name]) => `<li><i class="${part}"></i> ${html(name)}</li>`).join('');
  return [
    `<div class="scroll"><table><thead><tr>${head}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table></div>`,
    `<ul class="legend">${legend}</ul>${more}`,
  ].join('\n');
}
