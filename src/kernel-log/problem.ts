/** A line that could not be read as what it seemed to be. The rest of the log is still imported. */
export interface LogProblem {
  /** From 1. */
  readonly lineNumber: number;
  /** What a line at this place should have held: "expected …" reads well. */
  readonly expected: string;
  /** The beginning of what stood there. May hold any character: show it through `visible()`. */
  readonly found: string;
}

const KEPT = 100;
const FOUND_LENGTH = 120;

/** Collects problems: the first ones whole, all of them counted. */
export class ProblemList {
  #total = 0;
  readonly #kept: LogProblem[] = [];

  add(lineNumber: number, expected: string, found: string): void {
    this.#total++;
    if (this.#kept.length < KEPT) {
      this.#kept.push({ lineNumber, expected, found: found.slice(0, FOUND_LENGTH) });
    }
  }

  get total(): number {
    return this.#total;
  }

  /** The first 100, in the order in which they were met. */
  get kept(): readonly LogProblem[] {
    return this.#kept;
  }
}
