import { type PictureLine, valueAt } from './picture.js';

const CELLS = '▁▂▃▄▅▆▇█';

/** A line of `width` cells from `fromUs` to `toUs`; a full cell is `topBytes`. A blank = not known yet. */
export function sparkline(line: PictureLine, fromUs: number, toUs: number, topBytes: number, width: number): string {
  let text = '';
  for (let cell = 0; cell < width; cell++) {
    const bytes = valueAt(line, fromUs + ((toUs - fromUs) * (cell + 1)) / width);
    const step = bytes === null ? -1 : Math.round((bytes / Math.max(1, topBytes)) * (CELLS.length - 1));
    text += step < 0 ? ' ' : (CELLS[Math.min(step, CELLS.length - 1)] ?? ' ');
  }
  return text;
}
