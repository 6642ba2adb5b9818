const FIRST_ROWS = 16;

/**
 * Rows of numbers, oldest first, each with its time; times never go backwards. NaN = null, Infinity = "max". A ring in one
 * typed array: a row costs 8 bytes a number, and nothing when it is forgotten. Row after row, since rows come singly for
 * hundreds of cgroups in turn: each touches one place in memory, not one a column.
 */
export class Track {
  /** Of each row its time, then its values. */
  #cells: Float64Array<ArrayBuffer>;
  readonly #stride: number;
  #capacity = FIRST_ROWS;
  #start = 0;
  #length = 0;

  constructor(readonly width: number) {
    this.#stride = width + 1;
    this.#cells = new Float64Array(FIRST_ROWS * this.#stride);
  }

  get length(): number {
    return this.#length;
  }

  /** Of the oldest row is 0. */
  timeAt(row: number): number {
    return this.#cells[this.#at(row)] ?? Number.NaN;
  }

  valueAt(row: number, column: number): number {
    return column < 0 || column >= this.width ? Number.NaN : (this.#cells[this.#at(row) + 1 + column] ?? Number.NaN);
  }

  push(tUs: number, values: Float64Array): void {
    if (this.#length === this.#capacity) this.#grow();
    this.#length++;
    this.setLast(tUs, values);
  }

  /** Puts another row in the place of the newest. */
  setLast(tUs: number, values: Float64Array): void {
    const at = this.#at(this.#length - 1);
    const cells = this.#cells;
    cells[at] = tUs;
    for (let column = 0; column < this.width; column++) cells[at + 1 + column] = values[column] ?? Number.NaN;
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
    // The usual case: it is asked each second, of every cgroup.
    if (this.#length === 0 || this.timeAt(0) >= tUs) return 0;
    const dropped = this.firstFrom(tUs);
    this.#start = (this.#start + dropped) % this.#capacity;
    this.#length -= dropped;
    return dropped;
  }

  /** Where in the array a row begins. */
  #at(row: number): number {
    const at = this.#start + row;
    return (at < this.#capacity ? at : at - this.#capacity) * this.#stride;
  }

  #grow(): void {
    const larger = new Float64Array(this.#cells.length * 2);
    const start = this.#start * this.#stride;
    larger.set(this.#cells.subarray(start));
    larger.set(this.#cells.subarray(0, start), this.#cells.length - start);
    this.#cells = larger;
    this.#capacity *= 2;
    this.#start = 0;
  }
}
