import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/lab/free-port.js';
import { PROJECT_ROOT } from '../../src/lab/project.js';
import { VM_KERNELS } from './harness/kernels.js';
import './harness/provided.js';
import { bootVm, killedByKernel } from './harness/vm.js';

const HANG_SOURCE = join(PROJECT_ROOT, 'test/vm/guest/hang.bpf.c');
/** Debian keeps asm/types.h where -target bpf does not look. */
const COMPILE_FOR_BPF = ['-target', 'bpf', '-O2', '-g', '-I/usr/include/x86_64-linux-gnu', '-c'];

/** Guests of their own: each of these tests spoils one. */
describe.skipIf(inject('vmSockets') === null)('a guest of its own', () => {
  const kernel = VM_KERNELS[0] ?? '6.12';

  it('a kernel that panics while it runs is told, with the end of its console', async () => {
    const { vm, machine, stop } = await bootVm(kernel);
    const waiting = vm.exec('sleep 1000').catch((error: unknown) => error);
    vm.spawn(['bash', '-c', 'echo c > /proc/sysrq-trigger']);
    const error = await machine.lost;
    expect(error.code).toBe('E_LAB_LOST');
    expect(error.message).toMatch(/its kernel panicked \(sysrq triggered crash\)[\s\S]*\n {4}\| .*Kernel Offset/);
    expect(await waiting).toBe(error);
    await stop();
  });

  it('a kernel that hangs on one CPU is told, though another one goes on', async () => {
    const object = join(mkdtempSync(join(tmpdir(), 'hang-')), 'hang.bpf.o');
    execFileSync('clang', [...COMPILE_FOR_BPF, HANG_SOURCE, '-o', object]);
    const { vm, machine, stop } = await bootVm(kernel);
    // A minute, lest a busy host looks like a hang; four seconds here.
    expect(await vm.succeed('sysctl -n kernel.watchdog_thresh kernel.softlockup_panic')).toBe('30\n1\n');
    await vm.succeed('sysctl -q kernel.watchdog_thresh=2');
    await vm.writeFile('/tmp/hang.bpf.o', readFileSync(object));
    await vm.succeed('bpftool prog load /tmp/hang.bpf.o /sys/fs/bpf/hang && head -c 64 /dev/zero > /tmp/packet');
    const hanging = vm
      .exec('bpftool prog run pinned /sys/fs/bpf/hang data_in /tmp/packet')
      .catch((error: unknown) => error);
    const error = await machine.lost;
    expect(error.message).toMatch(/its kernel panicked \(softlockup: hung tasks\)/);
    expect(await hanging).toBe(error);
    await stop();
  });

  it('a kernel that does not come up is told, with the end of its console', async () => {
    // There is no such init in the initramfs, and no disk to go on with.
    const booting = bootVm(kernel, { kernelArguments: 'rdinit=/no-such-init' });
    await expect(booting).rejects.toMatchObject({
      code: 'E_LAB_BOOT',
      message: expect.stringMatching(/its kernel panicked \(VFS: Unable to mount root fs.*\)[\s\S]*\n {4}\| /),
    });
  });

  it('an interrupted boot ends at once', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const startedMs = performance.now();
    await expect(bootVm(kernel, { signal: controller.signal })).rejects.toThrow();
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  it('a port of the guest answers on the loopback of the host', async () => {
    const hostPort = await freePort(0);
    const { vm, stop } = await bootVm(kernel, { forwards: [{ hostPort, guestPort: 7070 }] });
    const script =
      "require('http').createServer((q, r) => r.end(q.headers.host + 'x'.repeat(1e6))).listen(7070, '127.0.0.1', () => console.log('up'))";
    await vm.spawn(['node', '-e', script]).lineWith('up');
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${hostPort}/`)).text()));
    expect(answers).toEqual(Array(3).fill(`127.0.0.1:${hostPort}${'x'.repeat(1e6)}`));
    await stop();
  });

  it.skipIf(!VM_KERNELS.includes('6.1'))(
    'cgroup v1 has the memory controller where the kernel still has it',
    async () => {
      const { vm, stop } = await bootVm('6.1', { cgroupVersion: 1 });
      const truth = await vm.scenario('nested');
      expect(killedByKernel(truth)).toHaveLength(1);
      expect(await vm.succeed('dmesg')).toMatch(/oom_memcg=\/shop,task_memcg=\/shop\/caches,task=cache/);
      await stop();
    },
  );

  it('the kernel gets the arguments that it is to have', async () => {
    const { vm, stop } = await bootVm(kernel, { kernelArguments: 'preempt=full oomscope.mark=1' });
    expect(await vm.readFile('/proc/cmdline')).toContain('preempt=full oomscope.mark=1');
    expect(await vm.succeed('cat /sys/kernel/debug/sched/preempt')).toContain('(full)');
    await stop();
  });
});
