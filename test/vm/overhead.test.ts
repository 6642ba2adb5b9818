import { afterAll, beforeAll, expect, it } from 'vitest';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

const CGROUPS = 1_000;
const ACTIVE = 300;
const SECONDS = 10;
/** What the hooks on the way of memory pressure are named after. */
const HOOKED = /psi_memstall|try_to_free|schedule_timeout|balance_pgdat|out_of_memory|oom_/;

interface Program {
  readonly name?: string;
  readonly run_cnt?: number;
  readonly run_time_ns?: number;
}

async function programs(vm: Vm): Promise<Program[]> {
  return JSON.parse(await vm.succeed('bpftool -j prog show')) as Program[];
}

/** User and system time of a process, in µs; the guest's clock tick is a hundredth of a second. */
async function cpuUs(vm: Vm, pid: string): Promise<number> {
  const after = (await vm.readFile(`/proc/${pid}/stat`)).replace(/^.*\) /, '').split(' ');
  return (Number(after[11]) + Number(after[12])) * 10_000;
}

describeOnKernels('what watching costs', (vm, kernel) => {
  beforeAll(async () => {
    await vm().succeed(`cd /sys/fs/cgroup && mkdir load && echo +memory > load/cgroup.subtree_control
      for i in $(seq ${CGROUPS / 100}); do mkdir load/c$i-{1..100}; done`);
  });
  afterAll(async () => {
    await vm().succeed('cd /sys/fs/cgroup && find load -mindepth 1 -depth -type d -exec rmdir {} + ; rmdir load');
  });

  it('a look at 1,000 cgroups costs at most half of kept-open files, and a twentieth of opening them', async () => {
    // Something moves in some of them while they are looked at.
    const active = vm().spawn([
      'bash',
      '-c',
      `echo on; while :; do for i in {1..3}; do for n in {1..${ACTIVE / 3}}; do
        echo $BASHPID > /sys/fs/cgroup/load/c$i-$n/cgroup.procs; : $(</proc/self/stat)
      done; done; done`,
    ]);
    await active.lineWith('on');
    const out = await vm().succeed('ulimit -n 65536 && build/Release/walk_bench /sys/fs/cgroup 7');
    active.kill('SIGKILL');
    await active.exited;
    console.info(`${kernel}: ${out.trim()}`);
    const cost = JSON.parse(out) as { walked: number; walkUs: number; keptUs: number; openedUs: number };
    expect(cost.walked).toBeGreaterThanOrEqual(CGROUPS);
    expect(cost.walkUs * 2).toBeLessThanOrEqual(cost.keptUs);
    expect(cost.walkUs * 20).toBeLessThanOrEqual(cost.openedUs);
  });

  it('on an idle node no hook at kills or pressure runs, and the rest is a little each second', async () => {
    await vm().succeed('sysctl -q kernel.bpf_stats_enabled=1');
    const recording = await Recording.start(vm());
    // The first look reads all breakdowns, a part each second.
    await vm().succeed('sleep 8');
    const pid = (await vm().succeed("pgrep -f 'dist/cli[.]js live' | head -1")).trim();
    const [programsBefore, cpuBeforeUs] = [await programs(vm()), await cpuUs(vm(), pid)];
    await vm().succeed(`sleep ${SECONDS}`);
    const [programsAfter, cpuAfterUs] = [await programs(vm()), await cpuUs(vm(), pid)];
    await recording.stop();
    await vm().succeed('sysctl -q kernel.bpf_stats_enabled=0');

    const grown = programsAfter.map(({ name = '', run_cnt = 0, run_time_ns = 0 }) => {
      const before = programsBefore.find((program) => program.name === name);
      return { name, runs: run_cnt - (before?.run_cnt ?? 0), us: (run_time_ns - (before?.run_time_ns ?? 0)) / 1000 };
    });
    const ran = grown.filter(({ runs }) => runs > 0);
    const cpuPercent = ((cpuAfterUs - cpuBeforeUs) / (SECONDS * 1e6)) * 100;
    console.info(
      `${kernel}: ${cpuPercent.toFixed(1)} % of a CPU with ${CGROUPS} cgroups at rest; ${JSON.stringify(ran)}`,
    );
    expect(programsAfter.length).toBeGreaterThan(20);
    expect(ran.filter(({ name }) => HOOKED.test(name))).toEqual([]);
  });
});
