import { createRequire } from 'node:module';
import { EXIT, OomscopeError } from '../../base/errors.js';
import { PACKAGE_ROOT } from '../../base/package-root.js';

/**
 * The addon's functions, typed. This is the only file that loads it.
 *
 * The addon knows bytes and names, not what they mean. A refusal of the kernel comes as a NativeError.
 */
export interface NativeAddon {
  readonly pageBytes: number;
  /** The BPF object (an ELF file) that was built into the addon. */
  objectBytes(object: BpfObjectName): Uint8Array;
  /** Which of the names are functions in the running kernel's BTF. Throws NativeError where there is no BTF. */
  functionsInBtf(names: readonly string[]): string[];
  /** One moment in two clocks: since boot (with suspend) and since 1970. */
  clocks(): { readonly bootUs: number; readonly epochUs: number };
  /** flock(2), exclusive, without waiting. False = another process holds it. */
  tryLock(fd: number): boolean;
  /** Creates an array map with one entry and pins it. */
  createPinnedValue(path: string, mapName: string, valueBytes: number): void;
  readPinnedValue(path: string): Uint8Array;
  writePinnedValue(path: string, bytes: Uint8Array): void;
  /** What a pinned ring still holds, its own headers included. */
  unreadRingBytes(path: string): number;
  /** Whether what is attached still works for a thread without capabilities. */
  bpfWorksWithoutCapabilities(): boolean;
  /** Takes from every thread all capabilities but those in the mask (bit n = capability n), and sets no-new-privs. */
  dropCapabilities(keep: bigint): void;
  /** Locks the code of this process in memory. Returns how many mappings the kernel refused to lock. */
  lockCode(): number;
  readonly ProgramSet: {
    /** Loads programs into the kernel, attaches nothing. */
    load(options: LoadOptions): NativeProgramSet;
    /** Opens the pins that `pin` made. `programs`: those that have a pinned link. Needs no capability. */
    adopt(directory: string, gatePath: string, programs: readonly string[]): NativeProgramSet;
  };
  readonly Reader: new (
    /** Oldest first. */
    sets: readonly NativeProgramSet[],
    /** The programs stop recording when no reader beat for this long. */
    timeoutNs: bigint,
    /**
     * Returns whether all of it is settled: then the rings forget it. Else the next process gets it again if this one is
     * killed.
     */
    onDelivery: (delivery: Delivery) => boolean,
  ) => NativeReader;
  /** Loads the program that lists processes (bpf/tasks.bpf.c). Needs what recording needs. */
  readonly TaskIterator: {
    new (): NativeTaskIterator;
    /** On another thread: it takes a while. */
    load(): Promise<NativeTaskIterator>;
  };
}

/** 'core' needs the kernel's BTF; 'tracepoint' does not. */
export type BpfObjectName = 'core' | 'tracepoint';

export type RingName = 'kills' | 'ballot' | 'bulk';

export interface LoadOptions {
  readonly object: BpfObjectName;
  readonly programs: readonly string[];
  /** Values of the object's read-only variables. */
  readonly constants: Readonly<Record<string, bigint>>;
  /** A power of two that is a multiple of the page size. A ring that is not named keeps the object's size. */
  readonly ringBytes: Readonly<Partial<Record<RingName, number>>>;
  /** A pinned gate to share; null = one of its own. */
  readonly gatePath: string | null;
  /** Mount of the hierarchy with the memory controller; null = there is none. Programs that walk begin there. */
  readonly cgroupRoot: string | null;
}

/** One loaded set of programs, with its maps. */
export interface NativeProgramSet {
  /** Attaches every program, going on after a failure. Once per loaded set. */
  attach(): { readonly program: string; readonly error: NativeError | null }[];
  /** Pins maps, programs and links into an existing directory of a bpffs. */
  pin(directory: string): void;
  /** Lets go of the links. Pinned ones stay attached until their files are removed. */
  detach(): void;
  /** Lets go of everything, once no reader has it any more. */
  close(): void;
  setGate(generation: bigint): void;
  gate(): bigint;
  /** When a reader was last there, µs since boot (0 = never), and after how long without one the programs pause. */
  heartbeat(): { readonly beatUs: number; readonly timeoutUs: number };
  programs(): string[];
  /** What each program took since it was loaded, while the kernel measured it (kernel.bpf_stats_enabled); else 0. */
  runTimes(): ProgramTime[];
}

export interface ProgramTime {
  readonly program: string;
  readonly runs: number;
  readonly runNs: number;
}

/** What the reading thread has gathered since the last delivery. */
export interface Delivery {
  /** Records one after the other, each padded to 8 bytes. */
  readonly records: Uint8Array;
  readonly losses: readonly SetLoss[];
}

export interface SetLoss {
  /** Growth of each word of struct loss_counters (bpf/events.h). */
  readonly words: readonly number[];
  /** How often the kernel skipped a program, by its name. */
  readonly misses: Readonly<Record<string, number>>;
}

export interface SamplingOptions {
  /** Whose programs read counters, where it has them; else files do. */
  readonly set: NativeProgramSet;
  /** Empty = there is none: then only the node is sampled. */
  readonly cgroupRoot: string;
  readonly cgroupVersion: 1 | 2;
  /** All cgroups are read as often as that; 0 = it adapts to the pressure. */
  readonly intervalNs: bigint;
}

export interface NativeReader {
  /** Starts the thread that samples memory. Its records come with the deliveries. Once. */
  startSampling(options: SamplingOptions): void;
  /** The sampler shall read the files in this directory, absolute, of the cgroup with that id. */
  watchCgroup(id: bigint, directory: string): void;
  forgetCgroup(id: bigint): void;
  /** Drains a set for the last time and forgets it. What it held comes with the next delivery. */
  retire(set: NativeProgramSet): void;
  /** Joins the thread and delivers what is left, possibly nothing, before it returns. No delivery follows. May be called again. */
  stop(): void;
}

export interface NativeTaskIterator {
  /** A record (struct candidate, without points) for each process of this moment. */
  read(): Uint8Array;
  close(): void;
}

/** The kernel or libbpf refused. */
export interface NativeError extends Error {
  /** The errno's name, such as 'EPERM'. */
  readonly code: string;
  /** What libbpf and the verifier said; may be empty. */
  readonly log: string;
}

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'log' in error;
}

type Bindings = (options: { bindings: string; module_root: string; try: string[][] }) => NativeAddon;

let addon: NativeAddon | undefined;

/** The addon, loaded when first asked for. Throws E_NOT_LINUX or E_NO_ADDON. */
export function loadAddon(): NativeAddon {
  addon ??= load();
  return addon;
}

function load(): NativeAddon {
  if (process.platform !== 'linux') {
    throw new OomscopeError(
      'E_NOT_LINUX',
      `This is ${process.platform}: kills can be recorded on Linux only.`,
      'Use replay, explain or import here, or run this on the Linux host.',
      EXIT.unsupportedHost,
    );
  }
  const require = createRequire(import.meta.url);
  // Not the usual search: a forgotten Debug build would shadow Release. The variable is for tests under AddressSanitizer.
  const build = process.env['OOMSCOPE_ADDON_BUILD'] ?? 'Release';
  try {
    const bindings = require('bindings') as Bindings;
    return bindings({
      bindings: 'oomscope',
      module_root: PACKAGE_ROOT,
      try: [['module_root', 'build', build, 'bindings']],
    });
  } catch (error) {
    throw new OomscopeError(
      'E_NO_ADDON',
      `The addon that reads the kernel cannot be loaded (${firstLine(error)}).`,
      'Run `npm run build:addon` in the package: it names what is missing.',
      EXIT.unsupportedHost,
      { cause: error },
    );
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
