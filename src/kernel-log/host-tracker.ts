import type { KernelMessage } from './message-reader.js';
import type { KnownFacts } from './report-builder.js';

/** Clocks never go back within a boot; lines of several CPUs do, by a little. */
const BACK_US = 60_000_000;

const BANNER = /^Linux version (\S{1,120}) /;
const SWAP_ADDED = /^Adding (\d{1,15})k swap on /;

/** Follows one machine through its log: its boots, and what it told of itself since the last. */
export class HostTracker {
  #boot = 0;
  #bootId: string | null = null;
  #lastBootUs: number | null = null;
  /** Messages since the banner, up to a few: a banner that stands at the log's beginning starts no second boot. */
  #messages = 0;
  #kernelRelease: string | null = null;
  #swapTotalBytes: number | null = null;

  /** Which boot of this host the last message belongs to, from 0. */
  get boot(): number {
    return this.#boot;
  }

  get known(): KnownFacts {
    return { kernelRelease: this.#kernelRelease, swapTotalBytes: this.#swapTotalBytes };
  }

  read(message: KernelMessage): void {
    const { bootUs, bootId, text } = message;
    const banner = text.startsWith('Linux version ') ? BANNER.exec(text) : null;
    if (banner !== null || this.#hasRestarted(bootUs, bootId)) this.#restart();
    this.#messages++;
    this.#bootId = bootId ?? this.#bootId;
    this.#lastBootUs = bootUs ?? this.#lastBootUs;
    if (banner !== null) this.#kernelRelease = banner[1] ?? null;
    else if (text.startsWith('Adding ')) this.#addSwap(text);
  }

  /** A report tells it for sure; what was added up from the boot before it is a guess. */
  learn(facts: Partial<KnownFacts>): void {
    this.#kernelRelease = facts.kernelRelease ?? this.#kernelRelease;
    this.#swapTotalBytes = facts.swapTotalBytes ?? this.#swapTotalBytes;
  }

  #hasRestarted(bootUs: number | null, bootId: string | null): boolean {
    if (bootId !== null && this.#bootId !== null) return bootId !== this.#bootId;
    return bootUs !== null && this.#lastBootUs !== null && bootUs < this.#lastBootUs - BACK_US;
  }

  #restart(): void {
    if (this.#messages > 0) this.#boot++;
    this.#messages = 0;
    this.#lastBootUs = null;
    this.#kernelRelease = null;
    this.#swapTotalBytes = null;
  }

  #addSwap(text: string): void {
    const kib = SWAP_ADDED.exec(text)?.[1];
    if (kib !== undefined) this.#swapTotalBytes = (this.#swapTotalBytes ?? 0) + Number(kib) * 1024;
  }
}
