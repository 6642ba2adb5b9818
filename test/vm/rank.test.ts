import { expect, it } from 'vitest';
import { describeOnKernels } from './harness/vm.js';

const ROUNDS = 50;

interface Round {
  readonly scope: 'memcg' | 'node';
  readonly round: number;
  /** Whom rank named. */
  readonly first: number | null;
  /** Whom the kernel killed right after it, by its own log. */
  readonly killed: number;
}

describeOnKernels('rank names the next victim', (vm, kernel) => {
  it(`in ${ROUNDS} of ${ROUNDS} kills taken right after it, by a limit and of the whole node`, async () => {
    const seed = kernel === '6.1' ? 61 : 612;
    const text = await vm().succeed(`node test/vm/guest/rank-rounds.mjs ${ROUNDS} ${seed}`, { timeoutMs: 300_000 });
    const rounds = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Round & { readonly type?: string })
      // The stage tells what it does between them.
      .filter(({ type }) => type === undefined);
    expect(rounds.map(({ scope }) => scope).filter((scope) => scope === 'node')).toHaveLength(ROUNDS / 2);
    expect(rounds.filter(({ first, killed }) => first !== killed)).toEqual([]);
    expect(rounds).toHaveLength(ROUNDS);
  });

  it('as a command: by the kernel with the two capabilities, by /proc without, and both name the same', async () => {
    const capabilities = '-all,+bpf,+perfmon';
    const setpriv = (caps: string) => `setpriv --bounding-set ${caps} --inh-caps ${caps} --ambient-caps ${caps}`;
    const script = `
      mkdir /sys/fs/cgroup/ranked && echo 64M > /sys/fs/cgroup/ranked/memory.max
      echo 1 > /sys/fs/cgroup/ranked/memory.oom.group
      hog --comm small --cgroup ranked --anon 4M --adj 0 >/dev/null & hog --comm heavy --cgroup ranked --anon 24M --adj 100 >/dev/null &
      until grep -q . /sys/fs/cgroup/ranked/cgroup.procs && [ "$(cat /sys/fs/cgroup/ranked/memory.current)" -gt 28000000 ]; do sleep 0.1; done
      ${setpriv(capabilities)} oomscope rank --cgroup /ranked --json | tr -d '\\n'; echo
      ${setpriv('-all')} oomscope rank --cgroup /sys/fs/cgroup/ranked --json | tr -d '\\n'; echo
      kill %1 %2; wait; rmdir /sys/fs/cgroup/ranked`;
    const [kernel, proc] = (await vm().succeed(script))
      .split('\n')
      .filter((line) => line.includes('"cgroups"'))
      .map((line) => JSON.parse(line));
    expect(kernel).toMatchObject({ source: 'kernel', whyProc: null, node: null });
    expect(kernel.cgroups[0]).toMatchObject({
      cgroup: { path: '/ranked', maxBytes: 64 << 20 },
      totalPages: 16384,
      next: { comm: 'heavy', adj: 100 },
      group: { path: '/ranked', processes: 2 },
    });
    expect(proc.source).toBe('proc');
    const names = (report: typeof kernel) =>
      report.cgroups[0].candidates.map((each: { comm: string; points: number }) => each.comm);
    expect(names(kernel)).toEqual(['heavy', 'small']);
    expect(names(proc)).toEqual(['heavy', 'small']);
    // /proc may add the counters up exactly where the OOM killer takes their approximate sum: 32 pages for each of two CPUs
    // and three counters.
    expect(Math.abs(proc.cgroups[0].next.points - kernel.cgroups[0].next.points)).toBeLessThanOrEqual(192);
  });

  it('a cgroup that does not exist is refused', async () => {
    const { status, stderr } = await vm().exec('oomscope rank --cgroup /no/such');
    expect(status).toBe(2);
    expect(stderr).toContain('E_USAGE: There is no cgroup /no/such.');
  });
});
