import { describe, expect, it } from 'vitest';
import {
  isInitialUserNamespace,
  memoryCgroupVersion,
  parseLockdown,
  parseMeminfoBytes,
  parseMounts,
  parsePrivileges,
} from './proc-text.js';

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot';
const V1_MEMORY = '35 23 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory';
const V1_CPU = '36 23 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu';
const HYBRID = '37 23 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';

describe('capabilities', () => {
  const of = (hex: string) => parsePrivileges(`Name:\tnode\nCapPrm:\t${hex}\nCapEff:\t${hex}\nSeccomp:\t0\n`);

  it('root has everything', () => {
    expect(of('000001ffffffffff')).toEqual({ bpf: true, perfmon: true, sysAdmin: true });
  });
  it('an ordinary user has nothing', () => {
    expect(of('0000000000000000')).toEqual({ bpf: false, perfmon: false, sysAdmin: false });
  });
  it('CAP_BPF and CAP_PERFMON are told apart', () => {
    expect(of('0000008000000000')).toEqual({ bpf: true, perfmon: false, sysAdmin: false });
    expect(of('0000004000000000')).toEqual({ bpf: false, perfmon: true, sysAdmin: false });
    expect(of('000000c000000000')).toEqual({ bpf: true, perfmon: true, sysAdmin: false });
  });
  it('CAP_SYS_ADMIN holds both', () => {
    expect(of('0000000000200000')).toEqual({ bpf: true, perfmon: true, sysAdmin: true });
  });
  it('a status without the line says nothing', () => {
    expect(parsePrivileges('Name:\tnode\n')).toBeNull();
  });
});

describe('the memory controller', () => {
  const version = (mounts: string[], controllers: string | null) =>
    memoryCgroupVersion(parseMounts(`${mounts.join('\n')}\n`), controllers);

  it('is on v2 where the root lists it', () => {
    expect(version([V2], 'cpuset cpu io memory pids\n')).toBe(2);
  });
  it('is on v1 where such a hierarchy is mounted, beside an empty v2', () => {
    expect(version([V1_CPU, V1_MEMORY, HYBRID], '')).toBe(1);
  });
  it('is nowhere when it is switched off, or nothing is mounted', () => {
    expect(version([V2], 'cpuset cpu io pids\n')).toBeNull();
    expect(version([V1_CPU], null)).toBeNull();
    expect(version([], null)).toBeNull();
  });
});

describe('other files', () => {
  it('the initial user namespace maps every id to itself', () => {
    expect(isInitialUserNamespace('         0          0 4294967295\n')).toBe(true);
    expect(isInitialUserNamespace('         0     100000      65536\n')).toBe(false);
  });
  it('lockdown is the word in brackets', () => {
    expect(parseLockdown('[none] integrity confidentiality\n')).toBe('none');
    expect(parseLockdown('none integrity [confidentiality]\n')).toBe('confidentiality');
    expect(parseLockdown('none [something-new]\n')).toBeNull();
  });
  it('meminfo is in KiB', () => {
    expect(parseMeminfoBytes('MemTotal:       2048 kB\nSwapTotal:      0 kB\n', 'MemTotal')).toBe(2 * 2 ** 20);
    expect(parseMeminfoBytes('', 'SwapTotal')).toBe(0);
  });
  it('a mount point may have a space in its name', () => {
    expect(parseMounts('1 2 0:3 / /a\\040b rw shared:1 - tmpfs t rw,size=1k\nnonsense\n')).toEqual([
      { path: '/a b', type: 'tmpfs', superOptions: ['rw', 'size=1k'] },
    ]);
  });
});
