import { describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/lab/free-port.js';
import { VM_KERNELS } from './harness/kernels.js';
import './harness/provided.js';
import { bootVm, killedByKernel } from './harness/vm.js';

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
