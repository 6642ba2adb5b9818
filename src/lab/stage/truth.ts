/**
 * What a scenario did, as it knows it without oomscope: one JSON line each. Tests compare oomscope's record with it.
 * tUs is CLOCK_BOOTTIME in µs.
 */
export type TruthLine =
  | { readonly type: 'scenario'; readonly name: string; readonly expected: string; readonly seed: number }
  /** For a person who watches. */
  | { readonly type: 'say'; readonly text: string }
  | {
      readonly type: 'cgroup';
      readonly path: string;
      readonly limits: Readonly<Record<string, number | string | boolean>>;
    }
  | ProcessTruth
  /** Found by waitpid. */
  | {
      readonly type: 'ended';
      readonly pid: number;
      readonly comm: string;
      readonly signal: string | null;
      readonly status: number | null;
      /** Who ended it: the kernel's OOM killer, the scenario, or it itself. */
      readonly by: 'kernel' | 'scenario' | 'itself';
    }
  | {
      readonly type: 'round';
      readonly round: number;
      /** Of this round, by the kernel, in the order in which they were found dead. */
      readonly killedPids: readonly number[];
    }
  /** Whatever else a scenario knows that a test may ask for. */
  | { readonly type: 'fact'; readonly name: string; readonly value: unknown }
  | { readonly type: 'end'; readonly rounds: number; readonly kills: number };

export interface ProcessTruth {
  readonly type: 'process';
  readonly pid: number;
  readonly comm: string;
  readonly adj: number;
  /** Path below the cgroup mount. */
  readonly cgroup: string;
  readonly role: string;
  readonly anonBytes: number;
  readonly fileBytes: number;
  readonly shmemBytes: number;
  readonly threads: number;
}

/** CLOCK_MONOTONIC, which is CLOCK_BOOTTIME in a guest that never sleeps. */
function bootUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function printTruth(line: TruthLine): void {
  process.stdout.write(`${JSON.stringify({ tUs: bootUs(), ...line })}\n`);
}
