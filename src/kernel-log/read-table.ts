import type { KernelMessage } from './message-reader.js';
import { STAGE } from './report-builder.js';
import type { ReportRouter } from './report-router.js';
import { guessColumns, looksLikeTaskRow, parseTableHeader } from './task-table.js';

const HEADER_START = /^\[ *pid *\]/;
const ROW_START = /^\[ *(\d{1,10})\] +-?\d/;

/** The table's header and its rows. */
export function readTable(router: ReportRouter, message: KernelMessage): boolean {
  if (!message.text.startsWith('[')) return false;
  if (HEADER_START.test(message.text)) {
    readHeader(router, message);
    return true;
  }
  const id = ROW_START.exec(message.text)?.[1];
  return id !== undefined && readRow(router, message, Number(id));
}

function readHeader(router: ReportRouter, message: KernelMessage): void {
  const columns = parseTableHeader(message.text);
  if (columns === null) {
    router.problem(message, 'a table header "[ pid ] uid tgid total_vm rss … oom_score_adj name"');
    return;
  }
  router.findOrBegin(message, (r) => r.stage <= STAGE.memory && r.table.columns === null).openTable(columns, true);
}

function readRow(router: ReportRouter, message: KernelMessage, tid: number): boolean {
  const report = router.find(message, (r) => r.stage === STAGE.tasks && r.table.row(tid)?.tid !== tid);
  if (report !== undefined) {
    if (!report.table.add(message.text)) {
      router.problem(message, `a task row with ${report.table.columns?.length} numbers and a name`);
    }
    return true;
  }
  if (!looksLikeTaskRow(message.text)) return false;
  const columns = guessColumns(message.text);
  if (columns === null) return false;
  // The log, or the kernel's ring, begins within the table; or the header's line was lost.
  const cut = router.findOrBegin(message, (r) => r.stage <= STAGE.memory);
  cut.openTable(columns, false);
  cut.table.add(message.text);
  return true;
}
