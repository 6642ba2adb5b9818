const FIRST_ROWS = 16;

/**
 * Rows of numbers, oldest first, each with its time; times never go backwards. NaN = null, Infinity = "max". A ring of
 * typed arrays: a row costs 8 bytes a column, and nothing when it is forgotten.
 */
export class Track {
  #times = new Float64Array(FIRST_ROWS);
  #columns: Float64Array<ArrayBuffer>[];
  #start = 0;
  #length = 0;

  constructor(readonly width: number) {
    this.#columns = Array.from({ length: width }, () => new Float64Array(FIRST_ROWS));
  }

  get length(): number {
    return this.#length;
  }

  /** Of the oldest row is 0. */
  timeAt(row: number): number {
    return this.#times[this.#at(row)] ?? Number.NaN;
  }

  valueAt(row: number, column: number): number {
    return this.#columns[column]?.[this.#at(row)] ?? Number.NaN;
  }

  push(tUs: number, values: Float64Array): void {
    if (this.#length === this.#times.length) this.#grow();
    this.#length++;
    this.#times[this.#at(this.#length - 1)] = tUs;
    this.setLast(tUs, values);
  }

  /** Puts another row in the place of the newest. */
  setLast(tUs: number, values: Float64Array): void {
    const at = this.#at(this.#length - 1);
    this.#times[at] = tUs;
    for (let column = 0; column < this.width; column++) {
      const cells = this.#columns[column];
      if (cells !== undefined) cells[at] = values[column] ?? Number.NaN;
    }
  }

  /** The first row at or after this time; `length` = there is none. */
  firstFrom(tUs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeAt(middle) < tUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets what is older; says how many rows that were. */
  dropBefore(tUs: number): number {
    const dropped = this.firstFrom(tUs);
    this.#start = (this.#start + dropped) % this.#times.length;
    this.#length -= dropped;
    return dropped;
  }

  #at(row: number): number {
    const at = this.#start + row;
    return at < this.#times.length ? at : at - this.#times.length;
  }

  #grow(): void {
    this.#times = this.#unrolled(this.#times);
    this.#columns = this.#columns.map((cells) => this.#unrolled(cells));
    this.#start = 0;
  }

  #unrolled(cells: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(cells.length * 2);
    larger.set(cells.subarray(this.#start));
    larger.set(cells.subarray(0, this.#start), cells.length - this.#start);
    return larger;
  }
}
