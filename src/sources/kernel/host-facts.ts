import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, hostname, machine, release } from 'node:os';
import { dirname } from 'node:path';
import type { NativeAddon } from './native.js';
import { isNativeError } from './native.js';
import {
  isInitialUserNamespace,
  type Lockdown,
  type Mount,
  memoryCgroupRoot,
  memoryCgroupVersion,
  type Privileges,
  parseLockdown,
  parseMeminfoBytes,
  parseMounts,
  parsePrivileges,
} from './proc-text.js';
import { hookedFunctions, hookedTracepoints } from './programs.js';

/** What this host is and has. Facts only: what follows from them is decided in support.ts. Null = could not be found out. */
export interface HostFacts {
  readonly bootId: string;
  readonly hostname: string;
  readonly kernelRelease: string;
  readonly machine: string;
  readonly pageSizeBytes: number;
  readonly cpuCount: number;
  readonly memoryTotalBytes: number;
  readonly swapTotalBytes: number;
  /** Which hierarchy carries the memory controller; null = none was found. */
  readonly cgroupVersion: 1 | 2 | null;
  /** Where that is mounted. */
  readonly cgroupRoot: string | null;
  /** The kernel keeps pressure stall information: it can be built without, or switched off. */
  readonly psi: boolean;
  readonly privileges: Privileges | null;
  /** Capabilities of another user namespace (a rootless container) do not count for the kernel's BPF. */
  readonly initialUserNamespace: boolean | null;
  readonly lockdown: Lockdown | null;
  /** kernel.perf_event_paranoid. Debian and Ubuntu have levels above 2, which ask more than CAP_PERFMON for kprobes. */
  readonly perfEventParanoid: number | null;
  readonly btf: BtfFacts;
  /** The kernel can place kprobes. */
  readonly kprobes: boolean | null;
  readonly tracefs: TracefsFacts;
  readonly bpffs: BpffsFacts;
}

export interface BtfFacts {
  /** Why there is none; null = it is there. */
  readonly obstacle: string | null;
  /** Those of the functions we hook that it holds. */
  readonly functions: readonly string[];
}

export interface TracefsFacts {
  /** Where it is mounted; null = nowhere. */
  readonly path: string | null;
  /** Format files of the events we hook, by "group:name"; an event that is absent or may not be read is left out. */
  readonly formats: Readonly<Record<string, string>>;
  /** Why the first event that is left out could not be read; null = all are there. */
  readonly obstacle: string | null;
}

export interface BpffsFacts {
  /** The directory that pins would go to; null = none was asked for. */
  readonly pinDirectory: string | null;
  /** Why nothing can be pinned there; null = it can. */
  readonly obstacle: string | null;
}

/** Asks the host. Reads files, and the kernel's BTF (some 10 ms); changes nothing. Throws nothing. */
export function readHostFacts(addon: NativeAddon, pinDirectory: string | null): HostFacts {
  const mounts = parseMounts(readText('/proc/self/mountinfo') ?? '');
  const meminfo = readText('/proc/meminfo') ?? '';
  const cgroupVersion = memoryCgroupVersion(mounts, v2Controllers(mounts));
  return {
    bootId: readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    hostname: hostname(),
    kernelRelease: release(),
    machine: machine(),
    pageSizeBytes: addon.pageBytes,
    cpuCount: cpus().length,
    memoryTotalBytes: parseMeminfoBytes(meminfo, 'MemTotal'),
    swapTotalBytes: parseMeminfoBytes(meminfo, 'SwapTotal'),
    cgroupVersion,
    cgroupRoot: memoryCgroupRoot(mounts, cgroupVersion),
    psi: existsSync('/proc/pressure/memory'),
    // Capabilities are per thread: this one's, which also loads.
    privileges: mapText('/proc/thread-self/status', parsePrivileges),
    initialUserNamespace: mapText('/proc/self/uid_map', isInitialUserNamespace),
    lockdown: mapText('/sys/kernel/security/lockdown', parseLockdown),
    perfEventParanoid: mapText('/proc/sys/kernel/perf_event_paranoid', Number),
    btf: btfFacts(addon),
    kprobes: kprobesThere(),
    tracefs: tracefsFacts(mounts),
    bpffs: bpffsFacts(pinDirectory),
  };
}

function v2Controllers(mounts: readonly Mount[]): string | null {
  const mount = mounts.find((candidate) => candidate.type === 'cgroup2');
  return mount === undefined ? null : readText(`${mount.path}/cgroup.controllers`);
}

function btfFacts(addon: NativeAddon): BtfFacts {
  try {
    return { obstacle: null, functions: addon.functionsInBtf(hookedFunctions()) };
  } catch (error) {
    return { obstacle: isNativeError(error) ? error.message : String(error), functions: [] };
  }
}

/** The perf event source that libbpf uses; before 4.17 there was none, and such a kernel lacks all else as well. */
function kprobesThere(): boolean | null {
  if (readText('/sys/bus/event_source/devices/kprobe/type') !== null) return true;
  // Another source that is always there: without it the folder itself could not be read.
  return readText('/sys/bus/event_source/devices/software/type') === null ? null : false;
}

function tracefsFacts(mounts: readonly Mount[]): TracefsFacts {
  // /sys/kernel/debug/tracing mounts itself when it is touched, so it may be missing from the list.
  const path = mounts.find((mount) => mount.type === 'tracefs')?.path ?? null;
  const formats: Record<string, string> = {};
  let obstacle: string | null = path === null ? 'tracefs is not mounted' : null;
  for (const event of path === null ? [] : hookedTracepoints()) {
    const file = `${path}/events/${event.replace(':', '/')}/format`;
    try {
      formats[event] = readFileSync(file, 'utf8');
    } catch (error) {
      obstacle ??= `${file}: ${errnoOf(error)}`;
    }
  }
  return { path, formats, obstacle };
}

const BPF_FS_MAGIC = 0xcafe4a11;

function bpffsFacts(pinDirectory: string | null): BpffsFacts {
  return { pinDirectory, obstacle: pinDirectory === null ? null : pinObstacle(pinDirectory) };
}

/** Why nothing can be pinned into this directory, or into its parent where it does not exist yet. */
function pinObstacle(pinDirectory: string): string | null {
  for (const path of [pinDirectory, dirname(pinDirectory)]) {
    try {
      if (Number(statfsSync(path).type) >>> 0 !== BPF_FS_MAGIC) return `${path} is not on a BPF file system`;
      accessSync(path, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      const code = errnoOf(error);
      if (code !== 'ENOENT') return `${path} cannot be written (${code})`;
    }
  }
  return `${dirname(pinDirectory)} does not exist`;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function mapText<T>(path: string, parse: (text: string) => T | null): T | null {
  const text = readText(path);
  return text === null ? null : parse(text);
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
