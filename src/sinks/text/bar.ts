import type { PointParts } from '../../model/badness.js';

/** The parts of a bar in the order in which they are drawn. A negative adj is not drawn: it takes, and stands in figures. */
const PARTS = [
  ['rss', '▬'],
  ['anon', '█'],
  ['file', '▓'],
  ['shmem', '▒'],
  ['swap', '░'],
  ['pageTables', '▪'],
  ['adj', '+'],
] as const satisfies readonly (readonly [keyof PointParts, string])[];

export const BAR_LEGEND = '█ anon  ▓ file  ▒ shmem  ░ swap  ▪ page tables  + oom_score_adj';
/** Where the log has resident memory as one sum. */
export const BAR_LEGEND_UNSPLIT = '▬ resident  ░ swap  ▪ page tables  + oom_score_adj';

/** `width` cells stand for `scalePages`. Edges are rounded, not parts: the whole has its right length. */
export function bar(parts: PointParts, scalePages: number, width: number): string {
  let text = '';
  let pages = 0;
  for (const [part, sign] of PARTS) {
    pages += Math.max(0, parts[part] ?? 0);
    text += sign.repeat(Math.max(0, Math.round((pages / scalePages) * width) - text.length));
  }
  return text;
}
