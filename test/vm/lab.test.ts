import { expect, it } from 'vitest';
import { describeOnKernels, killedByKernel, type Truth, type Vm } from './harness/vm.js';

/** Pids in the kernel's own log, in its order; a group's members may be named twice. */
async function killedInDmesg(vm: Vm): Promise<number[]> {
  const log = await vm.succeed('dmesg');
  return [...log.matchAll(/Killed process ([0-9]+) /g)].map((match) => Number(match[1]));
}

/** Plays a scenario on an empty kernel log. */
async function play(vm: Vm, scenario: string): Promise<{ truth: Truth[]; logged: Set<number> }> {
  await vm.succeed('dmesg -C');
  const truth = await vm.scenario(scenario);
  return { truth, logged: new Set(await killedInDmesg(vm)) };
}

/**
 * Names of those that were ended, in their order. On a host so busy that a victim takes seconds to leave, the kernel gives
 * up waiting for its memory and kills another one as well: then only the first is certain.
 */
function comms(truth: readonly Truth[], by: 'kernel' | 'scenario'): string[] {
  return truth.flatMap((line) => (line.type === 'ended' && line.by === by ? [line.comm] : []));
}

describeOnKernels('the lab', (vm, kernel) => {
  it('the guest runs the kernel that was asked for, as root, with the host files and the memory controller', async () => {
    expect(await vm().succeed('uname -r; id -u; cat /sys/fs/cgroup/cgroup.subtree_control; pwd')).toMatch(
      new RegExp(`^${kernel.replace('.', '\\.')}\\..*\n0\n.*memory.*\n${process.cwd()}\n$`),
    );
    expect(await vm().succeed('cat /proc/pressure/memory')).toContain('full avg10');
    expect((await vm().succeed('node --version')).trim()).toBe(process.version);
  });

  it('bpffs lets everyone pin, and tracefs is there', async () => {
    expect(
      await vm().succeed('stat -c "%a %T" -f /sys/fs/bpf; stat -c %a /sys/fs/bpf; ls /sys/kernel/tracing'),
    ).toMatch(/1777[\s\S]*available_events/);
  });

  it('a command ends with its status, its signal and all that it printed', async () => {
    expect(await vm().exec('echo out; echo err >&2; exit 3')).toEqual({ stdout: 'out\n', stderr: 'err\n', status: 3 });
    expect((await vm().exec('kill -TERM $$')).status).toBe(143);
    expect((await vm().exec('no-such-program')).status).toBe(127);
    expect((await vm().succeed('head -c 5000000 /dev/zero')).length).toBe(5_000_000);
  });

  it('a command that takes too long is killed with what it started', async () => {
    await expect(vm().exec('sleep 1000 & echo begun; wait', { timeoutMs: 1000 })).rejects.toThrow(
      /1000 ms[\s\S]*begun/,
    );
    expect((await vm().exec('grep -lx sleep /proc/[0-9]*/comm')).stdout).toBe('');
  });

  it('commands run beside each other', async () => {
    await vm().succeed('mkfifo /run/gate');
    const waiting = vm().spawn(['bash', '-c', 'echo first; read -r line < /run/gate; echo "$line"']);
    await waiting.lineWith('first');
    const others = await Promise.all(Array.from({ length: 20 }, (_, n) => vm().succeed(`echo ${n}`)));
    expect(others.map(Number)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    await vm().succeed('echo opened > /run/gate');
    await waiting.lineWith('opened');
    expect(await waiting.exited).toEqual({ status: 0, signal: null });
  });

  it('a file written into the guest is read there', async () => {
    const content = Buffer.alloc(2_500_000, 'oom');
    await vm().writeFile('/run/big', content);
    expect(await vm().succeed('wc -c < /run/big; stat -c %a /run/big')).toBe('2500000\n644\n');
    expect(await vm().readFile('/run/big')).toBe(content.toString());
  });

  it('commands answer one after the other; the time is printed', async () => {
    const times: number[] = [];
    for (let n = 0; n < 20; n++) {
      const startedMs = performance.now();
      await vm().spawn(['true']).exited;
      times.push(performance.now() - startedMs);
    }
    times.sort((a, b) => a - b);
    console.log(`exec in the guest of ${kernel}: ${times.map((ms) => ms.toFixed(0)).join(' ')} ms`);
    // What it can do; the rest is what else the host has to do.
    expect(times[0]).toBeLessThan(100);
  });

  it('the sidecar dies though the app grew', async () => {
    const { truth, logged } = await play(vm(), 'sidecar');
    expect(comms(truth, 'kernel')[0]).toBe('vector');
    expect([...logged]).toEqual(killedByKernel(truth));
  });

  it('the limit of an ancestor kills a bystander', async () => {
    const { truth, logged } = await play(vm(), 'nested');
    expect(comms(truth, 'kernel')[0]).toBe('cache');
    expect([...logged]).toEqual(killedByKernel(truth));
  });

  it('a group dies together and its neighbour lives', async () => {
    const { truth, logged } = await play(vm(), 'group');
    expect(comms(truth, 'kernel').sort()).toEqual(['grower', 'helper', 'leader']);
    expect(comms(truth, 'scenario')).toEqual(['neighbour']);
    // By name: a member whose first thread has gone is logged under another.
    const names = (await vm().succeed('dmesg')).matchAll(/Killed process [0-9]+ \((\w+)\)/g);
    expect(new Set([...names].map(([, name]) => name))).toEqual(new Set(['grower', 'helper', 'leader']));
    expect(logged.size).toBeGreaterThanOrEqual(3);
  });

  it('a node-wide kill takes the batch job first and the leaker second', async () => {
    const { truth, logged } = await play(vm(), 'node');
    expect(comms(truth, 'kernel')).toEqual(['batch', 'leaker']);
    expect([...logged]).toEqual(killedByKernel(truth));
  });

  it('with oom_kill_allocating_task the one that asked dies', async () => {
    const { truth, logged } = await play(vm(), 'allocating-task');
    expect(comms(truth, 'kernel')).toEqual(['asker']);
    expect([...logged]).toEqual(killedByKernel(truth));
  });

  it('a memory node that is used up kills those that are bound to it', async () => {
    const { truth, logged } = await play(vm(), 'bound');
    expect(comms(truth, 'kernel')[0]).toBe('reader');
    expect([...logged]).toEqual(killedByKernel(truth));
    expect(await vm().succeed('dmesg')).toContain('constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1');
  });

  it('sysrq-f kills the target', async () => {
    const { truth, logged } = await play(vm(), 'sysrq');
    expect(comms(truth, 'kernel')).toEqual(['target']);
    expect([...logged]).toEqual(killedByKernel(truth));
  });

  it('processes die by their threads, one of them without its leader', async () => {
    const { truth, logged } = await play(vm(), 'threads');
    expect(comms(truth, 'kernel')).toEqual(['pool', 'orphan']);
    // The kernel logs the thread that it found: for the second one not the leader.
    expect(logged.size).toBe(2);
    expect([...logged][0]).toBe(killedByKernel(truth)[0]);
  });

  it('nobody else dies while a victim is slow to leave', async () => {
    const { truth, logged } = await play(vm(), 'dying');
    expect(comms(truth, 'kernel')).toEqual([]);
    expect(truth).toContainEqual(expect.objectContaining({ type: 'fact', name: 'pusher-lives', value: true }));
    expect([...logged]).toEqual([]);
  });

  it('a storm kills as many as were asked for', async () => {
    const { truth, logged } = await play(vm(), 'storm --kills 30');
    expect(killedByKernel(truth)).toHaveLength(30);
    expect(logged).toEqual(new Set(killedByKernel(truth)));
  });

  it('kills go on while every score is read', async () => {
    const { truth, logged } = await play(vm(), 'ghosts --kills 5');
    expect(killedByKernel(truth)).toHaveLength(5);
    expect(logged).toEqual(new Set(killedByKernel(truth)));
  });

  it('random kills are told truly, busy candidates or not', async () => {
    for (const variant of ['', '--busy']) {
      const { truth, logged } = await play(vm(), `random --kills 10 --seed 42 ${variant}`);
      const killed = killedByKernel(truth);
      expect(killed.length).toBeGreaterThanOrEqual(10);
      // A process without its leader is logged under a thread.
      const leaderless = logged.size - killed.filter((pid) => logged.has(pid)).length;
      expect(logged.size).toBe(killed.length);
      expect(leaderless).toBeLessThan(killed.length / 2);
    }
  });

  it('a scenario leaves no cgroup, no process and no switch behind', async () => {
    await vm().scenario('nested');
    expect(
      await vm().succeed('find /sys/fs/cgroup -mindepth 1 -type d; grep -lxE "cache|worker" /proc/[0-9]*/comm || true'),
    ).toBe('');
    expect(await vm().succeed('cat /proc/sys/vm/oom_kill_allocating_task')).toBe('0\n');
  });

  it('a scenario that does not exist is refused', async () => {
    const { status, stderr } = await vm().exec('lab-scenario no-such');
    expect(status).toBe(2);
    expect(stderr).toContain('no such scenario');
  });
});
