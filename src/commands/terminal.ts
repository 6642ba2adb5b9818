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
