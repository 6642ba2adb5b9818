import { visible } from '../base/escape.js';

/** An oops and the panic that follows have up to a hundred. */
const KEPT_LINES = 200;
/** Of a line that never ends. */
const MAX_LINE_CHARS = 1000;
/** How the guest's PID 1 begins its lines: lab/guest/say.c. */
const OWN_PREFIX = 'oomscope-lab: ';

/** The guest's serial console: keeps its end, and knows which lines are ours. */
export class GuestConsole {
  readonly #lines: string[] = [];
  #open = '';
  /** The last line that the guest's PID 1 wrote; null = none yet. */
  ownLine: string | null = null;
  /** Why the kernel panicked, in its words; null = it did not. */
  panic: string | null = null;

  constructor(private readonly onOwnLine: (text: string) => void = () => {}) {}

  push(bytes: Buffer): void {
    const text = this.#open + bytes.toString('latin1');
    const lines = text.split('\n');
    this.#open = (lines.pop() ?? '').slice(-MAX_LINE_CHARS);
    for (const line of lines) this.#take(line.replace(/\r$/, ''));
  }

  /**
   * QEMU before 8.1, emulating several processors, may run an instruction that the kernel has patched meanwhile; the kernel
   * then dies of an int3 trap that it does not know. No real processor does that, and nothing that runs in the guest.
   */
  get diedOfUnknownTrap(): boolean {
    return this.panic !== null && this.#lines.some((line) => /\bint3: 0000 /.test(line));
  }

  /** The last lines, safe for a terminal, each indented. */
  tail(count = 15): string {
    const lines = this.#open === '' ? this.#lines : [...this.#lines, this.#open];
    return lines
      .slice(-count)
      .map((line) => `    | ${visible(line)}`)
      .join('\n');
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    this.#lines.push(line.slice(0, MAX_LINE_CHARS));
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
    this.panic ??= /Kernel panic - not syncing: (.*)/.exec(line)?.[1] ?? null;
    const own = line.indexOf(OWN_PREFIX);
    if (own < 0) return;
    this.ownLine = line.slice(own + OWN_PREFIX.length);
    this.onOwnLine(this.ownLine);
  }
}
