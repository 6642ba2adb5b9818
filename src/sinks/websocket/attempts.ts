import { isIPv6 } from 'node:net';

/** Wrong tokens that one address may give in a row … */
export const MAX_ATTEMPTS = 10;
/** … and how long it takes until one of them is forgiven. */
const FORGIVE_MS = 6_000;
/** Addresses that are remembered; the one that tried last stays longest. */
const MAX_ADDRESSES = 1_000;

/** Who gave wrong tokens. It makes guessing hopeless even for a token that a person chose badly. */
export class Attempts {
  readonly #failures = new Map<string, { count: number; lastMs: number }>();

  /** `nowMs`: of a clock that never goes back. */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** True = this address has to wait, whatever it brings. */
  mustWait(address: string): boolean {
    return this.#count(groupOf(address)) >= MAX_ATTEMPTS;
  }

  failed(address: string): void {
    const group = groupOf(address);
    const count = Math.min(MAX_ATTEMPTS, this.#count(group) + 1);
    this.#failures.delete(group);
    this.#failures.set(group, { count, lastMs: this.nowMs() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && oldest !== undefined) this.#failures.delete(oldest);
  }

  #count(group: string): number {
    const failures = this.#failures.get(group);
    if (failures === undefined) return 0;
    return Math.max(0, failures.count - Math.floor((this.nowMs() - failures.lastMs) / FORGIVE_MS));
  }
}

/** Who has one IPv6 address has the 2^64 beside it too. */
function groupOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail = ''] = address.split('::');
  const front = head.split(':').filter((part) => part !== '');
  const back = tail.split(':').filter((part) => part !== '');
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0') : [];
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
