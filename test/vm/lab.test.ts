import { expect, it } from 'vitest';
import { describeOnKernels } from './harness/vm.js';

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

  it('a memory node that is used up kills those that are bound to it', async () => {
    await vm().succeed('dmesg -C');
    const truth = await vm().scenario('bound');
    const killed = truth.flatMap((line) => (line.type === 'ended' && line.by === 'kernel' ? [line.comm] : []));
    expect(killed[0]).toBe('reader');
    expect(await vm().succeed('dmesg')).toContain('constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1');
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
