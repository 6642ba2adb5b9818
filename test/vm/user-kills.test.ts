import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KillEvent } from '../../src/events/kill.js';
import { findKillCause, type UserKill, userKills } from '../../src/model/user-kill.js';
import { unpackDebianPackages } from './harness/debian-packages.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels } from './harness/vm.js';

const POD = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c.slice/cri-containerd-app.scope';

/**
 * hog NAME CGROUP BYTES ADJ starts one and waits until it holds its memory; its pid is in $NAME. The shell stands in a cgroup
 * of its own, as everybody does on a real host.
 */
const PRELUDE = `
  set -e
  mkdir -p /sys/fs/cgroup/shell && echo $$ > /sys/fs/cgroup/shell/cgroup.procs
  hold() {
    mkdir -p "/sys/fs/cgroup/$2"
    hog --comm "$1" --cgroup "$2" --anon "$3" --adj "$4" --wait > "/run/$1.log" &
    eval "$1=$!"
    until grep -q '"ready"' "/run/$1.log"; do sleep 0.05; done
  }
  gone() { while kill -0 "$1" 2> /dev/null; do sleep 0.05; done; }
`;

describeOnKernels('a kill by user space has its cause', (vm) => {
  let packages = '';
  let recording: Recording;

  beforeAll(async () => {
    packages = await unpackDebianPackages(['earlyoom', 'nohang', 'oomd', 'libjsoncpp25']);
    recording = await Recording.start(vm());
  });
  afterAll(() => recording.stop());

  const script = (text: string) => vm().succeed(`${PRELUDE}${text}`, { timeoutMs: 240_000 });
  const killEvents = () => recording.of('/kill');

  /** The kill of the process that was called so, once it was seen to end. */
  async function killOf(comm: string): Promise<UserKill> {
    await recording.process.line((line) => line.includes(`"exited"`) && line.includes(`"comm":"${comm}"`));
    const kill = userKills(killEvents()).find(({ targets }) => targets.some(({ process }) => process.comm === comm));
    if (kill === undefined) throw new Error(`no kill of ${comm} was recorded`);
    return kill;
  }

  function stepsOf(comm: string): KillEvent[] {
    return killEvents().filter(({ target }) => target.comm === comm);
  }

  it('earlyoom', async () => {
    // Short of what it is told to keep free as long as the hog lives, and no longer.
    await script(`
      total=$(awk '/^MemTotal/ {print $2}' /proc/meminfo); free=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
      line=$((100 * free / total - 12))
      hold early lab/early "$((total / 4))K" 1000
      mkdir -p /sys/fs/cgroup/system.slice/earlyoom.service
      sh -c 'echo $$ > /sys/fs/cgroup/system.slice/earlyoom.service/cgroup.procs; exec "$0" "$@"' \\
        ${packages}/usr/bin/earlyoom -r 0 -m "$line,$((line - 1))" > /run/earlyoom.log 2>&1 &
      daemon=$!; gone $early; kill $daemon; wait || true`);
    const kill = await killOf('early');
    expect(findKillCause(kill, null)).toMatchObject({ cause: { kind: 'earlyoom' }, confidence: 'certain' });
    expect(kill.sender?.commandLine).toContain('/usr/bin/earlyoom');
  });

  it('nohang', async () => {
    const config = await readFile(`${packages}/etc/nohang/nohang.conf`, 'utf8');
    // The highest that it takes is half of the memory.
    const early = config.replace(/^(soft|hard)_threshold_min_mem = .*$/gm, '$1_threshold_min_mem = 45 %');
    await vm().writeFile('/run/nohang.conf', early);
    await script(`
      total=$(awk '/^MemTotal/ {print $2}' /proc/meminfo)
      hold hung lab/hung "$((total * 45 / 100))K" 1000
      mkdir -p /sys/fs/cgroup/system.slice/nohang.service
      sh -c 'echo $$ > /sys/fs/cgroup/system.slice/nohang.service/cgroup.procs; exec "$0" "$@"' \\
        ${packages}/usr/sbin/nohang --monitor --config /run/nohang.conf > /run/nohang.log 2>&1 &
      daemon=$!; gone $hung; kill $daemon; wait || true`);
    const kill = await killOf('hung');
    expect(findKillCause(kill, null)).toMatchObject({ cause: { kind: 'nohang' }, confidence: 'certain' });
    // A script: the kernel names it after its file, and its command line begins with the interpreter.
    expect(kill.sender).toMatchObject({ process: { comm: 'nohang' } });
    expect(kill.sender?.commandLine).toMatch(/python3 .*\/usr\/sbin\/nohang/);
  });

  it('oomd', async () => {
    await vm().writeFile(
      '/run/oomd.json',
      JSON.stringify({
        version: '1.0.0',
        rulesets: [
          {
            name: 'too much',
            detectors: [
              ['over', { name: 'memory_above', args: { cgroup: 'lab', threshold_anon: '10M', duration: '0' } }],
            ],
            actions: [{ name: 'kill_by_memory_size_or_growth', args: { cgroup: 'lab/*', recursive: 'true' } }],
          },
        ],
      }),
    );
    await script(`
      hold big lab/big 40M 0
      mkdir -p /sys/fs/cgroup/system.slice/oomd.service
      sh -c 'echo $$ > /sys/fs/cgroup/system.slice/oomd.service/cgroup.procs; exec "$0" "$@"' \\
        env LD_LIBRARY_PATH=${packages}/usr/lib/x86_64-linux-gnu ${packages}/usr/bin/oomd \\
        --interval 1 --config /run/oomd.json > /run/oomd.log 2>&1 &
      daemon=$!; gone $big; kill $daemon; wait || true`);
    const kill = await killOf('big');
    expect(findKillCause(kill, null)).toMatchObject({ cause: { kind: 'oomd' }, confidence: 'certain' });
  });

  it('cgroup.kill: all that it hits, with the cgroup that was written', async () => {
    await script(`
      hold one lab/killed/a 2M 0; hold two lab/killed/b 2M 0
      echo 1 > /sys/fs/cgroup/lab/killed/cgroup.kill; wait || true`);
    await killOf('one');
    const kill = await killOf('two');
    expect(kill).toMatchObject({ how: 'cgroup-kill', signal: 'SIGKILL', killedCgroup: { path: '/lab/killed' } });
    expect(kill.targets.map(({ process, steps }) => [process.comm, steps.map(({ step }) => step)])).toEqual([
      ['one', ['sent', 'delivered', 'exited']],
      ['two', ['sent', 'delivered', 'exited']],
    ]);
    expect(findKillCause(kill, null)).toMatchObject({ cause: { kind: 'cgroup-kill' }, confidence: 'certain' });
    expect(stepsOf('one').find(({ step }) => step === 'delivered')?.commandLine).toMatch(/^hog --comm one --cgroup /);
  });

  it('kill -9 from a shell', async () => {
    await script(`hold shot lab/shot 8M 100; kill -9 $shot; wait || true`);
    const kill = await killOf('shot');
    expect(findKillCause(kill, null).cause.kind).toBe('plain-signal');
    expect(kill.sender).toMatchObject({ process: { comm: 'bash', cgroupPath: '/shell' } });
    const [sent] = stepsOf('shot');
    expect(sent).toMatchObject({ step: 'sent', target: { adj: 100, cgroupPath: '/lab/shot' } });
    // Before 6.2 a task keeps up to 64 pages of its counts to itself.
    expect(sent?.memory?.rssAnonBytes).toBeGreaterThan((8 << 20) - 64 * 4096);
  });

  it('kill -9 within a cgroup, from another session by who did not start it', async () => {
    await script(`hold far shell 2M 0; setsid --wait sh -c "kill -9 $far"; wait || true`);
    const kill = await killOf('far');
    expect(kill).toMatchObject({ sender: { process: { cgroupPath: '/shell' } }, signal: 'SIGKILL' });
    expect(kill.targets).toMatchObject([{ process: { cgroupPath: '/shell' } }]);
  });

  it('a runtime that stops a container: TERM, then KILL', async () => {
    await script(`
      mkdir -p /run/bin && cp "$(command -v bash)" /run/bin/containerd-shim && cp "$(command -v env)" /run/bin/env
      cp /usr/bin/kill /run/bin/runc || cp /bin/kill /run/bin/runc
      hold app ${POD.slice(1)} 4M 900
      /run/bin/containerd-shim -c "/run/bin/runc -TERM $app; sleep 0.3; /run/bin/runc -KILL $app || true; true"
      wait || true`);
    const kill = await killOf('app');
    expect(kill.sender).toMatchObject({ process: { comm: 'runc' }, parentComm: 'containerd-shim' });
    expect(findKillCause(kill, null).cause).toEqual({ kind: 'runtime-stop', forKubelet: true });
  });

  it("the kernel's own kill, by sysrq, is none of user space", async () => {
    const before = killEvents().length;
    const truth = await vm().scenario('sysrq');
    await recording.process.line((line) => line.includes('"/oom/episode"') && line.includes('"sysrq":true'));
    const [victim] = truth.flatMap((line) => (line.type === 'round' ? line.killedPids : []));
    const deliveries = () =>
      recording.of('/oom/victim').filter(({ step, process }) => step === 'delivered' && process?.pid === victim);
    await expect.poll(deliveries).toMatchObject([{ commandLine: expect.stringMatching(/^hog .*--comm target/) }]);
    const sent = killEvents()
      .slice(before)
      .filter(({ step }) => step === 'sent');
    expect(sent.map(({ target }) => target.pid)).not.toContain(victim);
  });
});
