import { afterEach, expect, it } from 'vitest';
import { KillStream } from './harness/kill-stream.js';
import { leftOf, NOTHING_LEFT } from './harness/leftovers.js';
import { Recording } from './harness/recording.js';
import { describeInOwnVm, describeOnOneKernel, type ExecResult, killedByKernel, type Vm } from './harness/vm.js';

const LIVE = 'oomscope live --json';
const AS_NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups --';

/** Runs it where `changes` to the file systems hold, and nowhere else. */
function under(changes: string, command: string): string {
  return `unshare --mount sh -c '${changes} && exec ${command}'`;
}

const NO_BTF = 'mount -t tmpfs none /sys/kernel/btf';
const NO_TRACEFS = 'umount /sys/kernel/tracing; ! mountpoint -q /sys/kernel/debug || umount -l /sys/kernel/debug';
const NO_BPFFS = 'umount /sys/fs/bpf';
const NO_CGROUP = 'umount /sys/fs/cgroup';

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** What the line says beside the code: what is missing, and the next step. */
  readonly says: readonly string[];
}

function expectRefusal({ status, stdout, stderr }: ExecResult, expected: Refusal): void {
  expect(stderr).toMatch(new RegExp(`^oomscope: ${expected.code}: .+\\.\n$`));
  for (const text of expected.says) expect(stderr).toContain(text);
  expect({ status, stdout }).toEqual({ status: expected.status, stdout: '' });
}

async function expectRefused(vm: Vm, command: string, expected: Refusal): Promise<void> {
  expectRefusal(await vm.exec(command), expected);
}

describeOnOneKernel('a host that lacks something', (vm) => {
  afterEach(async () => {
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });

  it('without capabilities says which, and how to get them', async () => {
    const refusal = { status: 3, code: 'E_NOT_PRIVILEGED', says: ['CAP_BPF and CAP_PERFMON', 'root'] };
    const one = 'setpriv --bounding-set -all,+bpf --inh-caps -all,+bpf --ambient-caps -all,+bpf --';
    await Promise.all([
      expectRefused(vm(), `${AS_NOBODY} ${LIVE} --no-server`, refusal),
      expectRefused(vm(), `${AS_NOBODY} ${LIVE} --no-server --no-pins --attach tracepoint`, refusal),
      expectRefused(vm(), `${one} ${LIVE} --no-server --no-pins`, { ...refusal, says: ['lacks CAP_PERFMON,'] }),
    ]);
  });

  it('without BTF records kills without their ballot, and says so', async () => {
    const command = under(NO_BTF, `${LIVE} --no-server`);
    const live = vm().spawn(['bash', '-c', command]);
    const session = JSON.parse(await live.line(() => true));
    const killed = await KillStream.run(vm(), 1);
    const marked = JSON.parse(await live.lineWith('"marked"'));
    live.kill('SIGINT');
    expect((await live.exited).status).toBe(0);
    expect(session).toMatchObject({ topic: '/session', attachMode: 'tracepoint' });
    expect(session.missing[0]).toMatchObject({ code: 'NO_BALLOT', remedy: expect.stringContaining('BTF') });
    expect(marked.tid).toBe(killed[0]?.pid);
  });

  it('without BTF refuses what needs it, and without tracefs refuses everything', async () => {
    await expectRefused(vm(), under(NO_BTF, `${LIVE} --no-server --attach fentry`), {
      ...{ status: 3, code: 'E_ATTACH_FORCED' },
      says: ["the kernel's BTF cannot be had", 'CONFIG_DEBUG_INFO_BTF=y'],
    });
    await expectRefused(vm(), under(`${NO_BTF} && ${NO_TRACEFS}`, `${LIVE} --no-server`), {
      ...{ status: 3, code: 'E_NO_BTF' },
      says: ['mount -t tracefs tracefs /sys/kernel/tracing'],
    });
  });

  it('without a BPF file system refuses to record what would not survive', async () => {
    await expectRefused(vm(), under(NO_BPFFS, LIVE), {
      ...{ status: 3, code: 'E_NO_BPFFS' },
      says: ['mount -t bpf bpf /sys/fs/bpf', '--no-pins'],
    });
  });

  it('without a BPF file system and any cgroup hierarchy records where that is wanted, and says what is missing', async () => {
    const command = under(`${NO_BPFFS} && ${NO_CGROUP}`, `${LIVE} --no-server --no-pins`);
    const live = vm().spawn(['bash', '-c', command]);
    const session = JSON.parse(await live.line(() => true));
    live.kill('SIGINT');
    expect((await live.exited).status).toBe(0);
    expect(session).toMatchObject({ cgroupVersion: null, attachMode: 'fentry' });
    expect(session.missing).toMatchObject([
      { code: 'NO_MEMORY_CONTROLLER', remedy: expect.stringContaining('Mount cgroup2 on /sys/fs/cgroup') },
      { code: 'NO_PINS' },
      { code: 'NO_CGROUP_WALK' },
    ]);
  });

  it('on a port that is taken refuses, and has attached nothing', async () => {
    const listen = "require('net').createServer().listen(7071, '127.0.0.1', () => console.log('up'))";
    const other = vm().spawn(['node', '-e', listen]);
    await other.lineWith('up');
    const refusal = { status: 1, code: 'E_PORT_TAKEN', says: ['7071', '--port'] };
    await expectRefused(vm(), `${LIVE} --port 7071`, refusal);
    other.kill('SIGKILL');
    await other.exited;
  });

  it("pins that are another user's are not removed by a stranger, who hears what to do", async () => {
    await vm().succeed('mkdir -m 700 /sys/fs/bpf/oomscope');
    const refusal = { status: 1, code: 'E_STALE_PINS', says: ['permission denied', 'as root'] };
    await expectRefused(vm(), `${AS_NOBODY} oomscope doctor --detach`, refusal);
    await vm().succeed('rmdir /sys/fs/bpf/oomscope');
  });
});

describeInOwnVm('a host with cgroup v1', '6.1', { cgroupVersion: 1 }, (vm) => {
  it('records kills with their ballot and limit, and says what v1 does not have', async () => {
    const recording = await Recording.start(vm());
    const truth = await vm().scenario('nested');
    await recording.stop();
    expect(recording.session.cgroupVersion).toBe(1);
    expect(recording.session.missing[0]?.code).toBe('CGROUP_V1');
    expect(recording.markedPids).toEqual(killedByKernel(truth));
    expect(recording.kills).toMatchObject([
      { limitCgroup: { path: '/shop', maxBytes: 96 << 20 }, victimCgroup: { path: '/shop/caches' } },
    ]);
    expect(await leftOf(vm())).toEqual(NOTHING_LEFT);
  });
});
