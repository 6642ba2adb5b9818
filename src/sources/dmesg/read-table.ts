import type { KernelMessage } from './message-reader.js';
import { STAGE } from './report-builder.js';
import type { ReportDesk } from './report-desk.js';
import { guessColumns, looksLikeTaskRow, parseTableHeader } from './task-table.js';

const HEADER_START = /^\[ *pid *\]/;
const ROW_START = /^\[ *(\d{1,10})\] +-?\d/;

/** The table's header and its rows. */
export function readTable(desk: ReportDesk, message: KernelMessage): boolean {
  if (!message.text.startsWith('[')) return false;
  if (HEADER_START.test(message.text)) {
    readHeader(desk, message);
    return true;
  }
  const id = ROW_START.exec(message.text)?.[1];
  return id !== undefined && readRow(desk, message, Number(id));
}

function readHeader(desk: ReportDesk, message: KernelMessage): void {
  const columns = parseTableHeader(message.text);
  if (columns === null) {
    desk.problem(message, 'a table header "[ pid ] uid tgid total_vm rss … oom_score_adj name"');
    return;
  }
  desk.findOrBegin(message, (r) => r.stage <= STAGE.memory && r.table.columns === null).openTable(columns, true);
}

function readRow(desk: ReportDesk, message: KernelMessage, tid: number): boolean {
  const report = desk.find(message, (r) => r.stage === STAGE.tasks && r.table.row(tid)?.tid !== tid);
  if (report !== undefined) {
    if (!report.table.add(message.text)) {
      desk.problem(message, `a task row with ${report.table.columns?.length} numbers and a name`);
    }
    return true;
  }
  if (!looksLikeTaskRow(message.text)) return false;
  const columns = guessColumns(message.text);
  if (columns === null) return false;
  // The log, or the kernel's ring, begins within the table; or the header's line was lost.
  const cut = desk.findOrBegin(message, (r) => r.stage <= STAGE.memory);
  cut.openTable(columns, false);
  cut.table.add(message.text);
  return true;
}
