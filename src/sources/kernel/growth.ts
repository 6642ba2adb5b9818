/** Numbers that only grow, by name; null = not read. */
export type Readings = Readonly<Record<string, number | null>>;

export interface Growth {
  /** From the last reading to this one. */
  readonly spanUs: number;
  /** Null = one of the two readings lacks it. */
  readonly by: Readings;
}

interface Last {
  readonly tUs: number;
  readonly readings: Readings;
}

/** Remembers the last readings of each thing and tells by how much they have grown since. */
export class Since {
  private readonly last = new Map<number, Last>();
  private startUs: number | null = null;

  /** Null = the first reading: since when its numbers have grown is not known. */
  grow(id: number, tUs: number, readings: Readings): Growth | null {
    const before = this.last.get(id);
    this.last.set(id, { tUs, readings });
    return before === undefined ? null : growthFrom(before, tUs, readings);
  }

  /** It begins now, with all its numbers zero. */
  begin(id: number, tUs: number): void {
    this.last.set(id, { tUs, readings: {} });
  }

  /** A look at all there is: before growFromZero(), also where there is nothing. */
  look(tUs: number): void {
    this.startUs ??= tUs;
  }

  /**
   * The same for things that were not there, and hence zero, when the first of all readings was taken. What stood there at
   * that time is from before: it is taken as the beginning.
   */
  growFromZero(id: number, tUs: number, readings: Readings): Growth {
    const startUs = this.startUs ?? tUs;
    const before = this.last.get(id) ?? { tUs: startUs, readings: startUs === tUs ? readings : {} };
    this.last.set(id, { tUs, readings });
    return growthFrom(before, tUs, readings);
  }

  forget(id: number): void {
    this.last.delete(id);
  }
}

function growthFrom(before: Last, tUs: number, readings: Readings): Growth {
  const by: Record<string, number | null> = {};
  for (const [name, now] of Object.entries(readings)) {
    // What the first reading knew nothing of was not there.
    const then = name in before.readings ? (before.readings[name] ?? null) : 0;
    // Less than before: counted anew, since the sum had made room meanwhile.
    by[name] = now === null || then === null ? null : now < then ? now : now - then;
  }
  return { spanUs: tUs - before.tUs, by };
}
