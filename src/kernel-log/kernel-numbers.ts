/** A process or thread id; null = no kernel has such a one. */
export function idOrNull(id: number): number | null {
  return id > 0 && id <= 0x7fff_ffff ? id : null;
}

/** A uid, or flags of 32 bits; null = it is none. */
export function u32OrNull(value: number | null): number | null {
  return value !== null && value >= 0 && value <= 0xffff_ffff ? value : null;
}

/** An amount that is exact; null = too big to be real. */
export function amountOrNull(amount: number | null): number | null {
  return amount !== null && Number.isSafeInteger(amount) ? amount : null;
}

/** MAX_NUMNODES is 1,024 at most. */
const MAX_NODES = 1024;

/** "0-1,3" as the numbers of the nodes; null = it names none, or more than there can be. */
export function nodesOrNull(text: string | null): number[] | null {
  const nodes: number[] = [];
  for (const range of text?.split(',') ?? []) {
    const [, first, last = first] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) >= MAX_NODES) return null;
    for (let node = Number(first); node <= Number(last); node++) nodes.push(node);
    if (nodes.length > MAX_NODES) return null;
  }
  return nodes.length === 0 ? null : nodes;
}
