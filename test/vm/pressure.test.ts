import { expect, it } from 'vitest';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

const CGROUP = '/sys/fs/cgroup/high';

/** What a task lost that had to go above memory.high, by itself, by the kernel's PSI and by the record. */
interface Squeeze {
  readonly waitedUs: number;
  readonly psiUs: number;
  readonly sleepUs: number;
  readonly sleeps: number;
  readonly reclaimUs: number;
  readonly stallUs: number;
}

/** The `total=` of the first line of the cgroup's pressure file. */
async function psiTotalUs(vm: Vm): Promise<number> {
  const match = /^some .*total=(\d+)/.exec(await vm.readFile(`${CGROUP}/memory.pressure`));
  return Number(match?.[1]);
}

async function squeeze(vm: Vm): Promise<Squeeze> {
  const recording = await Recording.start(vm);
  const beforeUs = await psiTotalUs(vm);
  // The more it is above the limit the longer it sleeps: 1.5 MiB are some seconds in all.
  const out = await vm.succeed('taskset -c 0 hog --cgroup high --anon 18M --grow 4M --time-waits --stay 1');
  const psiUs = (await psiTotalUs(vm)) - beforeUs;
  const grown = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; waitedUs: number })
    .find(({ what }) => what === 'grown');
  // The sums are read each 100 ms while it is hot.
  await vm.succeed('sleep 1');
  await recording.stop();
  const id = Number(await vm.succeed(`stat -c %i ${CGROUP}`));
  const rows = <T extends { id: number }>(events: readonly { cgroups: readonly T[] }[]) =>
    events.flatMap(({ cgroups }) => cgroups).filter((row) => row.id === id);
  const sum = (numbers: readonly (number | null)[]) =>
    numbers.reduce<number>((total, value) => total + (value ?? 0), 0);
  return {
    waitedUs: grown?.waitedUs ?? 0,
    psiUs,
    sleepUs: sum(rows(recording.of('/throttle')).map((row) => row.sleepUs)),
    sleeps: sum(rows(recording.of('/throttle')).map((row) => row.sleeps)),
    reclaimUs: sum(rows(recording.of('/reclaim')).map((row) => row.reclaimUs)),
    stallUs: sum(rows(recording.of('/pressure')).map((row) => row.stallUs)),
  };
}

const TENTH = 0.1;

function expectWithin(actual: number, expected: number, part: number): void {
  expect(actual).toBeGreaterThanOrEqual(expected * (1 - part));
  expect(actual).toBeLessThanOrEqual(expected * (1 + part));
}

describeOnKernels('pressure', (vm, kernel) => {
  it('a task above memory.high sleeps as long as is told; alone, its stalls are what PSI says', async () => {
    await vm().succeed(`mkdir ${CGROUP} && echo 0 > ${CGROUP}/memory.swap.max && echo 20M > ${CGROUP}/memory.high`);
    const seen = await squeeze(vm());
    console.info(`${kernel}, alone: ${JSON.stringify(seen)}`);
    expect(seen.sleeps).toBeGreaterThan(0);
    // What it waited for was its sleep, and the reclaim before it.
    expectWithin(seen.sleepUs + seen.reclaimUs, seen.waitedUs, TENTH);
    expectWithin(seen.stallUs, seen.psiUs, TENTH);
  });

  it('beside a busy sibling on another CPU, PSI counts a stall in part and the record in full', async () => {
    // On the other CPU for certain: PSI counts a stall in full where the sibling runs on the CPU of who stalls.
    const sibling = vm().spawn([
      'bash',
      '-c',
      `echo $BASHPID > ${CGROUP}/cgroup.procs; exec taskset -c 1 yes > /dev/null`,
    ]);
    await expect.poll(() => vm().readFile(`${CGROUP}/cgroup.procs`), { timeout: 20_000 }).not.toBe('');
    const seen = await squeeze(vm());
    sibling.kill('SIGKILL');
    await sibling.exited;
    await vm().succeed(`sleep 0.2; rmdir ${CGROUP}`);
    console.info(`${kernel}, beside a busy sibling: ${JSON.stringify(seen)}`);
    expectWithin(seen.stallUs, seen.sleepUs + seen.reclaimUs, TENTH);
    // Half of it, were the two CPUs theirs alone: what else runs, and waits, shifts that.
    expect(seen.psiUs).toBeLessThan(seen.stallUs * 0.9);
    expect(seen.psiUs).toBeGreaterThan(seen.stallUs * 0.25);
  });

  it('two thousand cgroups that come and go are told each by its name, and leave nothing behind', async () => {
    const recording = await Recording.start(vm());
    const pid = (await vm().succeed("pgrep -f 'dist/cli[.]js live' | head -1")).trim();
    const facts = async () => ({
      descriptors: Number(await vm().succeed(`ls /proc/${pid}/fd | wc -l`)),
      rssKib: Number(/VmRSS:\s+(\d+)/.exec(await vm().readFile(`/proc/${pid}/status`))?.[1]),
    });
    const before = await facts();
    await vm().succeed(`cd /sys/fs/cgroup
      for i in $(seq 20); do
        mkdir storm$i-{1..100}
        rmdir storm$i-{1..100}
      done`);
    const gone = () => recording.of('/cgroup').filter(({ change }) => change === 'vanished');
    await expect.poll(() => gone().length, { timeout: 20_000 }).toBe(2_000);
    // The last ones are let go of at the next tick, a second later.
    await expect
      .poll(async () => (await facts()).descriptors, { timeout: 10_000 })
      .toBeLessThanOrEqual(before.descriptors + 2);
    const after = await facts();
    await recording.stop();
    console.info(`${kernel}: 2,000 cgroups: ${JSON.stringify({ before, after })}`);

    const wanted = Array.from({ length: 2_000 }, (_, n) => `/storm${Math.floor(n / 100) + 1}-${(n % 100) + 1}`);
    const told = recording.of('/cgroup').filter(({ change }) => change === 'appeared');
    expect(told.map(({ path }) => path)).toEqual(wanted);
    expect(gone().map(({ id, path }) => [id, path])).toEqual(told.map(({ id, path }) => [id, path]));
    expect(new Set(told.map(({ id }) => id)).size).toBe(2_000);
    expect(recording.lost).toEqual({});
    expect(after.rssKib).toBeLessThan(before.rssKib + 64 * 1024);
  });
});
