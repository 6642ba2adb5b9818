import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatBytes } from '../../src/base/units.js';
import type { OomscopeEvent } from '../../src/events/event.js';
import type { SessionEvent } from '../../src/events/session.js';
import { PROJECT_ROOT } from '../../src/lab/project.js';
import { CAPABILITIES } from '../../src/sources/kernel/capabilities.js';
import { Containerd, readPodManifest, type SeccompProfile } from './harness/containerd.js';
import { describeOnKernels, killedByKernel } from './harness/vm.js';
import type { VmProcess } from './harness/vm-process.js';

const NAME = 'oomscope';
const CGROUP = `/sys/fs/cgroup/kubepods/${NAME}`;
const PINS = '/sys/fs/bpf/oomscope';
const LOCALHOST_PROFILE = join(PROJECT_ROOT, 'deploy/overlays/seccomp-localhost/profile.json');
const manifest = readPodManifest();

function allowedBy({ syscalls }: SeccompProfile): string[] {
  return syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap(({ names }) => names);
}

describeOnKernels('the container of the DaemonSet, in a real containerd', (vm) => {
  let containerd: Containerd;
  let container: VmProcess;
  let session: SessionEvent;
  const pid = async () => (await vm().succeed("pgrep -f '[d]ist/cli.js live' | tail -1")).trim();
  const events = () => container.lines.map((line) => JSON.parse(line) as OomscopeEvent);

  beforeAll(async () => {
    for (const { source } of manifest.mounts) await vm().succeed(`mkdir -p ${source}`);
    containerd = await Containerd.start(vm());
    container = containerd.run(NAME, { ...manifest, args: [...manifest.args, '--json'] });
    session = JSON.parse(await container.lineWith('"/session"', 300_000)) as SessionEvent;
  }, 420_000);

  afterAll(async () => {
    await containerd.stop();
    await vm().exec(`oomscope doctor --detach; rm -rf /var/lib/oomscope /var/log/pods /var/log/containers`);
  }, 120_000);

  it("attaches everything with the manifest's capabilities, the runtime's seccomp and AppArmor, and pins on the host", async () => {
    expect(session.attachMode).toBe('fentry');
    expect(session.programs.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(session.missing).toEqual([]);
    const bounding = CAPABILITIES.reduce((mask, { bit }) => mask | (1n << BigInt(bit)), 0n);
    await expect
      .poll(async () =>
        vm().succeed(`cd /proc/${await pid()} && grep -hE '^(Cap|NoNewPrivs|Seccomp:)' task/*/status | sort -u`),
      )
      .toBe(
        [
          'CapAmb:\t0000000000000000',
          `CapBnd:\t${bounding.toString(16).padStart(16, '0')}`,
          'CapEff:\t0000000000000000',
          'CapInh:\t0000000000000000',
          'CapPrm:\t0000000000000000',
          'NoNewPrivs:\t1',
          'Seccomp:\t2',
          '',
        ].join('\n'),
      );
    const profile = await vm().succeed(`cat /proc/${await pid()}/attr/current`);
    expect(profile).toBe('cri-containerd.apparmor.d (enforce)\n');
    expect(await vm().succeed(`ls ${PINS}`)).toMatch(/^gate$/m);
    // Nobody has made a Secret: loopback, and the probes.
    expect(await vm().succeed('curl -sS http://127.0.0.1:7070/readyz http://127.0.0.1:7071/healthz')).toBe(
      'ready\nok\n',
    );
  });

  it("the profile of our own allows nothing that the runtime's does not allow to who has these capabilities", async () => {
    const ours = JSON.parse(readFileSync(LOCALHOST_PROFILE, 'utf8')) as SeccompProfile;
    expect(ours.defaultAction).toBe('SCMP_ACT_ERRNO');
    const theirs = new Set(allowedBy(await containerd.seccompOf(NAME)));
    expect(allowedBy(ours).filter((name) => !theirs.has(name))).toEqual([]);
    expect(allowedBy(ours)).toEqual(expect.arrayContaining(['bpf', 'perf_event_open']));
    expect(allowedBy(ours)).not.toContain('mount');
  });

  it('survives a kill of the whole node, tells it while it happens, and keeps within its limit', async () => {
    // What kubelet gives to a guaranteed pod; ctr has no option for it.
    await vm().succeed(`echo -997 > /proc/$(pgrep -f '[d]ist/cli.js live' | tail -1)/oom_score_adj`);
    const truth = await vm().scenario('node');
    const killed = killedByKernel(truth);
    const marked = () =>
      events().flatMap((event) =>
        event.topic === '/oom/victim' && event.step === 'marked' ? [event.process?.pid] : [],
      );
    await expect.poll(marked, { timeout: 30_000 }).toEqual(expect.arrayContaining(killed));
    const episode = events().find((event) => event.topic === '/oom/episode');
    expect(episode).toMatchObject({ limitCgroup: null, constraint: 'none' });
    const peak = Number(await vm().succeed(`cat ${CGROUP}/memory.peak 2>/dev/null || cat ${CGROUP}/memory.current`));
    const anon = Number(/^anon (\d+)$/m.exec(await vm().readFile(`${CGROUP}/memory.stat`))?.[1]);
    console.log(
      `oomscope needed ${formatBytes(peak)} of ${formatBytes(manifest.memoryBytes)}, anon ${formatBytes(anon)}`,
    );
    expect(peak).toBeLessThan(manifest.memoryBytes);
    expect(await vm().readFile(`${CGROUP}/memory.events`)).toMatch(/^oom_kill 0$/m);
    await expect.poll(() => vm().succeed('ls /var/lib/oomscope'), { timeout: 60_000 }).toMatch(/^incident-.*\.mcap$/m);
  });

  it('is told to end, and the kernel side goes on for the next pod', async () => {
    await containerd.end(NAME);
    expect((await container.exited).status).toBe(0);
    expect(await vm().succeed(`ls -d ${PINS}/set-*`)).toContain('set-');
  });

  it('with the profile of our own it attaches as much, serves, and ends cleanly', async () => {
    await vm().succeed('oomscope doctor --detach');
    const name = `${NAME}-localhost`;
    const other = containerd.run(name, {
      ...manifest,
      args: [...manifest.args, '--json'],
      seccompProfile: LOCALHOST_PROFILE,
    });
    const { attachMode, programs, missing } = JSON.parse(await other.lineWith('"/session"', 300_000)) as SessionEvent;
    expect({ attachMode, missing }).toEqual({ attachMode: 'fentry', missing: [] });
    expect(programs.filter(({ state }) => state === 'failed')).toEqual([]);
    await expect
      .poll(() => vm().succeed('curl -sS http://127.0.0.1:7070/readyz http://127.0.0.1:7071/healthz'))
      .toBe('ready\nok\n');
    expect(await vm().succeed(`grep Seccomp: /proc/${await pid()}/status`)).toBe('Seccomp:\t2\n');
    await containerd.end(name);
    expect((await other.exited).status).toBe(0);
  }, 420_000);
});
