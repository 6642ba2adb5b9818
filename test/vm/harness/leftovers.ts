import type { Vm } from './vm.js';

const GONE_DEADLINE_MS = 10_000;

/** What is there of oomscope in a guest, by name. */
interface Leftovers {
  readonly pins: readonly string[];
  readonly programs: readonly string[];
  readonly maps: readonly string[];
  readonly processes: readonly string[];
  readonly files: readonly string[];
}

export const NOTHING_LEFT: Leftovers = { pins: [], programs: [], maps: [], processes: [], files: [] };

// Every program and map counts: nothing else in the guest makes any.
const LOOK = `
find /sys/fs/bpf -mindepth 1; echo --
bpftool -j prog show | grep -o '"name":"[^"]*"'; echo --
bpftool -j map show | grep -o '"name":"[^"]*"'; echo --
pgrep -af 'dist/cli[.]js'; echo --
find /tmp /run -xdev -iname '*oomscope*'
`;

async function look(vm: Vm): Promise<Leftovers> {
  const { stdout } = await vm.exec(LOOK);
  const [pins, programs, maps, processes, files] = stdout
    .split(/^--$/m)
    .map((part) => part.split('\n').filter((line) => line !== ''));
  return {
    pins: pins ?? [],
    programs: programs ?? [],
    maps: maps ?? [],
    processes: processes ?? [],
    files: files ?? [],
  };
}

/** Resolves with what is left of oomscope once nothing is, or after a while: the kernel frees programs a moment late. */
export async function leftOf(vm: Vm): Promise<Leftovers> {
  const deadlineMs = performance.now() + GONE_DEADLINE_MS;
  for (;;) {
    const left = await look(vm);
    const isClear = Object.values(left).every((names: readonly string[]) => names.length === 0);
    if (isClear || performance.now() > deadlineMs) return left;
  }
}
