import { expect, it } from 'vitest';
import type { CgroupStat } from '../../src/events/memory-stat.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

const MIB = 2 ** 20;
/** What a cgroup's counters may run ahead: each CPU charges 64 pages at once, and page tables come on top. */
const PAGE_BATCH_BYTES = 2 * MIB;
const TICK_US = 10_000;
/** Where each value costs reads of files. */
const FILES_TICK_US = 100_000;
/** Longer than breakdowns are apart while all is calm. */
const LINGER_MS = 1_500;

interface Grown {
  readonly tUs: number;
  readonly grownBytes: number;
}

async function makeCgroup(vm: Vm, name: string): Promise<void> {
  await vm.succeed(`mkdir /sys/fs/cgroup/${name} && echo 0 > /sys/fs/cgroup/${name}/memory.swap.max`);
}

/** Grows in a cgroup as fast as it is told, says how far it is, and ends. */
async function ramp(vm: Vm, cgroup: string, kind: 'anon' | 'shmem'): Promise<Grown[]> {
  const growth = `--grow 80M --grow-rate 40M --grow-kind ${kind} --log-every 2M --stay ${LINGER_MS}`;
  const out = await vm.succeed(`hog --cgroup ${cgroup} --anon 1M ${growth}`);
  const lines = out.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Grown & { what: string }).filter(({ what }) => what === 'growing');
}

/** Page cache, half a MiB at a time. The clock is CLOCK_BOOTTIME in hundredths. */
async function fileRamp(vm: Vm, cgroup: string): Promise<Grown[]> {
  const out = await vm.succeed(`lab-disk
    echo $BASHPID > /sys/fs/cgroup/${cgroup}/cgroup.procs
    for i in $(seq 48); do
      dd if=/dev/zero bs=512K count=1 status=none >> /lab/disk/ramp
      read -r up rest < /proc/uptime
      echo "$i $up"
    done`);
  const numbers = out
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  return numbers.map(([i, seconds]) => ({ grownBytes: (i ?? 0) * 512 * 1024, tUs: (seconds ?? 0) * 1e6 }));
}

interface Row {
  readonly tUs: number;
  readonly bytes: number;
}

function idOf(recording: Recording, path: string): number {
  const found = recording.of('/cgroup').find((event) => event.path === path);
  if (found === undefined) throw new Error(`${path} was not told`);
  return found.id;
}

function usage(recording: Recording, id: number): Row[] {
  return recording
    .of('/memory/sample')
    .flatMap(({ tUs, cgroups }) =>
      cgroups.flatMap((row) => (row.id === id && row.usageBytes !== null ? [{ tUs, bytes: row.usageBytes }] : [])),
    );
}

function breakdown(recording: Recording, id: number): (CgroupStat & { tUs: number })[] {
  return recording
    .of('/memory/stat')
    .flatMap(({ tUs, cgroups }) => cgroups.filter((row) => row.id === id).map((row) => ({ tUs, ...row })));
}

/** The kernel counts shared memory as page cache, which it is not to whoever wants it back. */
const cacheBytes = (row: CgroupStat) => (row.fileBytes ?? 0) - (row.shmemBytes ?? 0);

/** At each line of the log the series stands between what it had to have by then and what it can have had. */
function expectToFollow(rows: readonly Row[], log: readonly Grown[], toleranceBytes: number, clockUs = 0): void {
  expect(log.length).toBeGreaterThan(4);
  for (const { tUs, grownBytes } of log) {
    const before = rows.filter((row) => row.tUs <= tUs - clockUs).at(-1)?.bytes ?? 0;
    const after = rows.find((row) => row.tUs >= tUs + clockUs) ?? rows.at(-1);
    expect(before, `before ${grownBytes} at ${tUs}`).toBeLessThanOrEqual(grownBytes + toleranceBytes);
    expect(after?.bytes, `after ${grownBytes} at ${tUs}`).toBeGreaterThanOrEqual(grownBytes - toleranceBytes);
  }
}

describeOnKernels('memory over time', (vm, kernel) => {
  it('a ramp is in the samples as it was, tick by tick', async () => {
    await makeCgroup(vm(), 'ramp');
    const recording = await Recording.start(vm(), ['--no-server', '--interval', '10ms']);
    const log = await ramp(vm(), 'ramp', 'anon');
    await recording.stop();
    expect(recording.session.sampling).toEqual({ how: 'iterator', calmUs: TICK_US, hotUs: TICK_US });

    const all = usage(recording, idOf(recording, '/ramp'));
    // The generator tells how much it has grown, the kernel all that is charged: its stack, its page tables, its code.
    const first = log[0] ?? { tUs: 0, grownBytes: 0 };
    const ownBytes = (all.findLast(({ tUs }) => tUs <= first.tUs)?.bytes ?? 0) - first.grownBytes;
    expect(ownBytes).toBeLessThan(3 * MIB);
    const rows = all.map(({ tUs, bytes }) => ({ tUs, bytes: bytes - Math.max(0, ownBytes) }));
    expectToFollow(rows, log, PAGE_BATCH_BYTES);
    const missed = recording.of('/gap').reduce((sum, gap) => sum + gap.ticksMissed, 0);
    const lastUs = log.at(-1)?.tUs ?? 0;
    const seen = rows.filter(({ tUs }) => tUs >= first.tUs && tUs <= lastUs).length;
    // What the test is worth. A tick in which nothing has changed has no row: the generator starves as well.
    expect(seen).toBeGreaterThan((lastUs - first.tUs) / TICK_US / 4);
    console.info(`${kernel}: ${seen} samples in ${lastUs - first.tUs} µs of growth, ${missed} ticks missed in all`);
    await vm().succeed('rmdir /sys/fs/cgroup/ramp');
  });

  it('anonymous memory, page cache and shared memory are told apart while they grow', async () => {
    await makeCgroup(vm(), 'kinds');
    const recording = await Recording.start(vm(), ['--no-server', '--interval', '100ms']);
    const anon = await ramp(vm(), 'kinds', 'anon');
    const file = await fileRamp(vm(), 'kinds');
    const shmem = await ramp(vm(), 'kinds', 'shmem');
    await recording.stop();
    await vm().succeed('rm -f /lab/disk/ramp; rmdir /sys/fs/cgroup/kinds');

    const rows = breakdown(recording, idOf(recording, '/kinds'));
    const between = (log: readonly Grown[]) =>
      rows.filter(({ tUs }) => tUs >= (log[0]?.tUs ?? 0) && tUs <= (log.at(-1)?.tUs ?? 0) + LINGER_MS * 1_000);
    const most = (log: readonly Grown[], value: (row: CgroupStat) => number | null) =>
      Math.max(...between(log).map((row) => value(row) ?? 0)) / MIB;
    expect(most(anon, (row) => row.anonBytes)).toBeGreaterThan(70);
    expect(most(anon, (row) => row.shmemBytes)).toBeLessThan(1);
    expect(most(file, cacheBytes)).toBeCloseTo(24, -1);
    expect(most(file, (row) => row.anonBytes)).toBeLessThan(8);
    expect(most(shmem, (row) => row.shmemBytes)).toBeGreaterThan(70);
    expect(most(shmem, (row) => row.anonBytes)).toBeLessThan(8);
    const series = (value: (row: CgroupStat) => number | null) =>
      rows.map((row) => ({ tUs: row.tUs, bytes: value(row) ?? 0 }));
    // The file's clock has hundredths; the kernel's statistics are folded when enough has changed.
    expectToFollow(
      series((row) => row.fileBytes),
      file,
      PAGE_BATCH_BYTES,
      TICK_US,
    );
  });

  it('calm is a sample a second, pressure is 10 ms within 200 ms, and then it is calm again', async () => {
    await makeCgroup(vm(), 'squeezed');
    const recording = await Recording.start(vm());
    await vm().succeed('sleep 4');
    await vm().succeed('echo 16M > /sys/fs/cgroup/squeezed/memory.high');
    const growth = '--grow 9M --grow-rate 4M --log-every 128K --stay 1';
    const out = await vm().succeed(`hog --cgroup squeezed --anon 8M ${growth}`);
    await vm().succeed('rmdir /sys/fs/cgroup/squeezed; sleep 5');
    await recording.stop();

    const ticks = recording.of('/memory/sample');
    const startedUs = recording.session.anchorBootUs;
    const calm = ticks.filter(({ tUs }) => tUs > startedUs + 500_000 && tUs < startedUs + 3_500_000);
    expect(calm.length).toBeLessThanOrEqual(6);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Grown);
    const onset = lines.find(({ grownBytes }) => grownBytes >= 8 * MIB);
    const hot = ticks.find(({ intervalUs }) => intervalUs === TICK_US);
    expect(onset).toBeDefined();
    expect(recording.of('/throttle').length).toBeGreaterThan(0);
    expect(hot?.tUs).toBeLessThanOrEqual((onset?.tUs ?? 0) + 200_000);
    expect(ticks.at(-1)?.intervalUs).toBe(1_000_000);
  });

  it('without the iterator the same comes from files, at most ten times a second, and the session says so', async () => {
    await makeCgroup(vm(), 'files');
    await vm().succeed('echo 90M > /sys/fs/cgroup/files/memory.high');
    const recording = await Recording.startWithoutBtf(vm());
    const log = await ramp(vm(), 'files', 'anon');
    await recording.stop();
    await vm().succeed('rmdir /sys/fs/cgroup/files');

    expect(recording.session.sampling).toEqual({ how: 'files', calmUs: 1_000_000, hotUs: FILES_TICK_US });
    expect(recording.session.missing.map(({ code }) => code)).toContain('NO_CGROUP_WALK');
    const ticks = recording.of('/memory/sample').map(({ tUs }) => tUs);
    const perSecond = ticks.map((tUs) => ticks.filter((other) => other >= tUs && other < tUs + 1_000_000).length);
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(11);
    const rows = usage(recording, idOf(recording, '/files'));
    expect(rows.length).toBeGreaterThan(3);
    // As far as it is known at each moment: up to a second old while all is calm.
    for (const { tUs, grownBytes } of log) {
      const before = rows.findLast((row) => row.tUs <= tUs)?.bytes ?? 0;
      expect(before).toBeLessThanOrEqual(grownBytes + 2 * PAGE_BATCH_BYTES);
    }
    expect(rows.at(-1)).toMatchObject({ bytes: expect.any(Number) });
    const limits = recording
      .of('/memory/sample')
      .flatMap(({ cgroups }) => cgroups.filter(({ highBytes }) => highBytes === 90 * MIB));
    expect(limits.length).toBeGreaterThan(0);
    const top = breakdown(recording, idOf(recording, '/files')).map(({ anonBytes }) => anonBytes ?? 0);
    expect(Math.max(...top)).toBeGreaterThan(50 * MIB);
  });
});
