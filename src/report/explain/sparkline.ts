import { sparkline as cells } from '../../base/sparkline.js';
import { type PictureLine, valueAt } from './picture.js';

/** A line of `width` cells from `fromUs` to `toUs`; a full cell is `topBytes`. A blank = not known yet. */
export function sparkline(line: PictureLine, fromUs: number, toUs: number, topBytes: number, width: number): string {
  const values = Array.from({ length: width }, (_, cell) => {
    return valueAt(line, fromUs + ((toUs - fromUs) * (cell + 1)) / width);
  });
  return cells(values, topBytes);
}
