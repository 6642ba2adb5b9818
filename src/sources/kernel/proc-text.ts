/** Parsers of what /proc and /sys say. Pure: text in, facts out. */

/** Capability bits that decide what may be loaded (linux/capability.h). */
const CAPABILITY = { sysAdmin: 21, perfmon: 38, bpf: 39 } as const;

export interface Privileges {
  /** May load programs and make maps. */
  readonly bpf: boolean;
  /** May trace the kernel with them. */
  readonly perfmon: boolean;
  readonly sysAdmin: boolean;
}

/** From /proc/self/status. CAP_SYS_ADMIN holds both, as it did before they were split off (5.8). Null = not told. */
export function parsePrivileges(status: string): Privileges | null {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (hex === undefined) return null;
  const set = BigInt(`0x${hex}`);
  const has = (bit: number) => ((set >> BigInt(bit)) & 1n) === 1n;
  const sysAdmin = has(CAPABILITY.sysAdmin);
  return { bpf: sysAdmin || has(CAPABILITY.bpf), perfmon: sysAdmin || has(CAPABILITY.perfmon), sysAdmin };
}

/** From /proc/self/uid_map: the initial user namespace maps every id to itself. */
export function isInitialUserNamespace(uidMap: string): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(uidMap);
}

export type Lockdown = 'none' | 'integrity' | 'confidentiality';

/** From /sys/kernel/security/lockdown: "none [integrity] confidentiality". Null = a word that is not known here. */
export function parseLockdown(text: string): Lockdown | null {
  const level = /\[(\w+)\]/.exec(text)?.[1];
  return level === 'none' || level === 'integrity' || level === 'confidentiality' ? level : null;
}

/** A value of /proc/meminfo in bytes; 0 where the line is absent. */
export function parseMeminfoBytes(meminfo: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  return kib === undefined ? 0 : Number(kib) * 1024;
}

export interface Mount {
  readonly path: string;
  readonly type: string;
  /** Of the file system itself, e.g. the controllers of a v1 hierarchy. */
  readonly superOptions: readonly string[];
}

/** From /proc/self/mountinfo. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const path = before?.split(' ')[4];
    const [type, , superOptions] = after?.split(' ') ?? [];
    if (path === undefined || type === undefined) return [];
    return [{ path: unescapeOctal(path), type, superOptions: superOptions?.split(',') ?? [] }];
  });
}

/** The kernel writes a space in a path as \040. */
function unescapeOctal(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Where the hierarchy with the memory controller is mounted. */
export function memoryCgroupRoot(mounts: readonly Mount[], version: 1 | 2 | null): string | null {
  const isIt = (mount: Mount) =>
    version === 1 ? mount.type === 'cgroup' && mount.superOptions.includes('memory') : mount.type === 'cgroup2';
  return version === null ? null : (mounts.find(isIt)?.path ?? null);
}

/** Which hierarchy carries the memory controller. `v2Controllers`: cgroup.controllers of the cgroup2 mount, if any. */
export function memoryCgroupVersion(mounts: readonly Mount[], v2Controllers: string | null): 1 | 2 | null {
  if (mounts.some((mount) => mount.type === 'cgroup' && mount.superOptions.includes('memory'))) return 1;
  if (v2Controllers?.trim().split(' ').includes('memory')) return 2;
  return null;
}
