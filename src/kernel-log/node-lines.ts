import { kibToBytes, pageCount } from './amounts.js';

// What show_mem() prints (lib/show_mem.c, mm/page_alloc.c, since 6.4 mm/show_mem.c): "Mem-Info" and what follows it.

export type NodeFact =
  | { readonly kind: 'begin' }
  | { readonly kind: 'present-pages'; readonly pages: number }
  | { readonly kind: 'reserved-pages'; readonly pages: number }
  | { readonly kind: 'swap-total'; readonly bytes: number }
  | { readonly kind: 'swap-free'; readonly bytes: number }
  | { readonly kind: 'page-size'; readonly bytes: number }
  | { readonly kind: 'zone'; readonly node: number; readonly zone: string; readonly presentBytes: number }
  | { readonly kind: 'pages'; readonly values: readonly (readonly [string, number])[] };

const COUNT = /^(\d{1,16}) (?:pages RAM|pages reserved|reserved pages)$/;
const SWAP = /^(Free|Total) swap {1,2}= (\d{1,16})kB$/;
/** "Node 0 DMA: 1*4kB (U) 0*8kB …": the first block is one page. */
const FREE_BLOCKS = /^(?:Node \d{1,4} )?[A-Za-z0-9]{1,10}: \d{1,16}\*(\d{1,4})kB /;
/** "Node 1 Normal free:34068kB … present:4194304kB …": a zone of a memory node. */
const ZONE = /^Node (\d{1,4}) ([A-Za-z0-9]{1,10}) free:\d{1,16}kB .{0,1000}? present:(\d{1,16})kB /;
/** "active_anon:1 inactive_anon:2 isolated_anon:0": counts of pages for the whole machine, over several lines. */
const GLOBAL_COUNTS = /^ ?[a-z_]{1,40}:\d{1,19}(?: [a-z_]{1,40}:\d{1,19}){0,16}$/;
const GLOBAL_COUNT = /([a-z_]{1,40}):(\d{1,19})/g;

/** Those that Linux can be built with. */
export const PAGE_SIZES_BYTES: readonly number[] = [4, 8, 16, 32, 64, 256].map((kib) => kib * 1024);

/** Null = no line of these. */
export function parseNodeLine(text: string): NodeFact | null {
  if (text === 'Mem-Info:' || text === 'Mem-info:') return { kind: 'begin' };
  if (GLOBAL_COUNTS.test(text)) return { kind: 'pages', values: globalCounts(text) };
  const count = COUNT.exec(text);
  if (count !== null) {
    const pages = pageCount(count[1] ?? '');
    if (pages === null) return null;
    return { kind: text.endsWith('RAM') ? 'present-pages' : 'reserved-pages', pages };
  }
  const swap = SWAP.exec(text);
  if (swap !== null) {
    const bytes = kibToBytes(swap[2] ?? '');
    return bytes === null ? null : { kind: swap[1] === 'Total' ? 'swap-total' : 'swap-free', bytes };
  }
  const zone = ZONE.exec(text);
  if (zone !== null) {
    const presentBytes = kibToBytes(zone[3] ?? '');
    return presentBytes === null ? null : { kind: 'zone', node: Number(zone[1]), zone: zone[2] ?? '', presentBytes };
  }
  const blocks = FREE_BLOCKS.exec(text);
  const bytes = Number(blocks?.[1]) * 1024;
  return PAGE_SIZES_BYTES.includes(bytes) ? { kind: 'page-size', bytes } : null;
}

function globalCounts(text: string): (readonly [string, number])[] {
  return [...text.matchAll(GLOBAL_COUNT)].flatMap(([, name = '', digits = '']) => {
    const pages = pageCount(digits);
    return pages === null ? [] : [[name, pages] as const];
  });
}
