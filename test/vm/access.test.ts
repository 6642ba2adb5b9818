import { expect, it } from 'vitest';
import { KillStream } from './harness/kill-stream.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, type Vm } from './harness/vm.js';

/** What every thread of the recording holds: each line once. */
async function heldBy(vm: Vm): Promise<string[]> {
  const text = await vm.succeed(
    `pid=$(pgrep -f 'dist/cli[.]js live'); grep -hE '^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs)' /proc/$pid/task/*/status | sort -u`,
  );
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' '));
}

const NOTHING_HELD = ['CapAmb', 'CapEff', 'CapInh', 'CapPrm'].map((set) => `${set}: 0000000000000000`);

describeOnKernels('rights', (vm) => {
  it('are gone from every thread once everything is attached; kills are recorded, and the end leaves nothing', async () => {
    const recording = await Recording.start(vm());
    await expect.poll(() => heldBy(vm())).toEqual([...NOTHING_HELD, 'NoNewPrivs: 1']);
    // It has two of its three: the one that it can do without is named.
    await expect.poll(() => recording.process.stderr).toContain('CAP_IPC_LOCK is not given');
    const killed = await KillStream.run(vm(), 3);
    await expect.poll(() => recording.markedPids).toEqual(killed.map(({ pid }) => pid));
    // Threads that were made since are those of threads without rights.
    expect(await heldBy(vm())).toEqual([...NOTHING_HELD, 'NoNewPrivs: 1']);
    await recording.stop();
    expect(recording.lost).toEqual({});
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('of root are gone as well', async () => {
    const process = vm().spawn(['oomscope', 'live', '--json', '--no-server']);
    await process.lineWith('"/session"');
    await expect.poll(() => heldBy(vm())).toEqual([...NOTHING_HELD, 'NoNewPrivs: 1']);
    process.kill('SIGINT');
    expect((await process.exited).status).toBe(0);
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it.each(['bpf', 'perfmon'])('without CAP_%s the refusal names it', async (capability) => {
    const others = ['bpf', 'perfmon', 'ipc_lock'].filter((name) => name !== capability).map((name) => `+${name}`);
    const set = ['-all', ...others].join(',');
    const { status, stderr } = await vm().exec(
      `setpriv --bounding-set ${set} --inh-caps ${set} --ambient-caps ${set} oomscope live --no-server`,
    );
    expect(status).toBe(3);
    expect(stderr).toMatch(new RegExp(`^oomscope: E_NOT_PRIVILEGED: .*CAP_${capability.toUpperCase()}`));
    const other = capability === 'bpf' ? 'CAP_PERFMON' : 'CAP_BPF';
    expect(stderr.split('\n')[0]).not.toContain(`lacks ${other}`);
  });
});
