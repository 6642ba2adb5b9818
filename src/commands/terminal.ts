import type { TextStyle } from '../sinks/text/line.js';

const COLUMNS_OF_A_FILE = 100;

/** What standard output can show now. */
export function stdoutStyle(): TextStyle {
  const { stdout, env } = process;
  return {
    columns: Math.max(60, stdout.columns ?? COLUMNS_OF_A_FILE),
    // https://no-color.org: any value that is not empty.
    colour: stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    unicode: /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
  };
}

/** Whether standard output is a screen on which one can draw. */
export function canRedraw(): boolean {
  const { stdout, env } = process;
  return stdout.isTTY === true && env['TERM'] !== undefined && env['TERM'] !== 'dumb' && stdout.rows >= MIN_ROWS;
}

/** Fewer rows than this have no room for a view and a kill. */
const MIN_ROWS = 12;
