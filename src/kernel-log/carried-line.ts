/**
 * A line of a log on its way to the kernel's own words: what its wrappings said so far, and where the rest begins. Each
 * wrapping that is taken off moves `at` and fills in what it knows.
 */
export interface CarriedLine {
  text: string;
  /** Where in `text` the rest begins. */
  at: number;
  /** µs since boot. */
  bootUs: number | null;
  /** µs since 1970. */
  epochUs: number | null;
  /** `dmesg -H`: µs since the line before. */
  sinceLastUs: number | null;
  /** `dmesg -H`: epochUs is only the beginning of its minute. */
  minuteOnly: boolean;
  host: string | null;
  bootId: string | null;
  /** Of CONFIG_PRINTK_CALLER: "T123" is a thread, "C1" a CPU outside of any. */
  callerId: string | null;
  /** True: a wrapping says that the kernel wrote it; false: that someone else did; null: none says. */
  fromKernel: boolean | null;
}

export function carriedLine(text: string): CarriedLine {
  return {
    text,
    at: 0,
    bootUs: null,
    epochUs: null,
    sinceLastUs: null,
    minuteOnly: false,
    host: null,
    bootId: null,
    callerId: null,
    fromKernel: null,
  };
}
