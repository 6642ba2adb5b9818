import { describe, expect, it } from 'vitest';
import { MIB, sampleKill, sampleProcess } from '../../test/support/sample-events.js';
import type { KillEvent, KillSender } from '../events/kill.js';
import {
  findKillCause,
  type KubeletMemory,
  type KubeSaid,
  type UserKill,
  userKillSentence,
  userKills,
} from './user-kill.js';

const CONTAINER = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c.slice/cri-containerd-app.scope';

function sender(comm: string, over: Partial<KillSender> = {}, cgroupPath = '/system.slice/x.service'): KillSender {
  return {
    process: sampleProcess({ pid: 50, comm, cgroupPath }),
    ...{ commandLine: null, parentPid: 1, parentComm: 'systemd', ...over },
  };
}

function only(events: readonly KillEvent[]): UserKill {
  const [kill, ...more] = userKills(events);
  if (kill === undefined || more.length > 0) throw new Error('not one kill');
  return kill;
}

function causeOf(over: Partial<KillEvent>, memory: KubeletMemory | null = null, said?: KubeSaid) {
  return findKillCause(only([sampleKill(over)]), memory, said);
}

const inPod = sampleProcess({ comm: 'java', cgroupPath: CONTAINER });

describe('the cause of a kill by user space', () => {
  it.each(['systemd-oomd', 'earlyoom', 'oomd', 'nohang'])(
    '%s by its own unit is certain, by its name alone likely',
    (name) => {
      const own = sender(name, {}, `/system.slice/${name}.service`);
      expect(causeOf({ sender: own })).toMatchObject({ cause: { kind: name }, confidence: 'certain' });
      const program = sender(name, { commandLine: `/usr/bin/python3 /usr/sbin/${name} --config x` }, '/lab');
      expect(causeOf({ sender: program })).toMatchObject({ cause: { kind: name }, confidence: 'certain' });
      expect(causeOf({ sender: sender(name) })).toMatchObject({ cause: { kind: name }, confidence: 'likely' });
    },
  );

  it('kill -9 from a shell is a plain signal, and names who sent it and who started that', () => {
    const { cause, evidence } = causeOf({
      sender: sender('bash', { parentPid: 40, parentComm: 'sshd' }, '/user.slice'),
    });
    expect(cause).toEqual({ kind: 'plain-signal' });
    expect(evidence).toEqual(['bash (pid 50) in /user.slice, started by sshd (pid 40), sent SIGKILL']);
  });

  it('a runtime that ends a container of a pod acts for kubelet; short of memory it is an eviction', () => {
    const over = { sender: sender('runc', { parentComm: 'containerd-shim' }), target: inPod };
    expect(causeOf(over)).toMatchObject({ cause: { kind: 'runtime-stop', forKubelet: true }, confidence: 'inferred' });
    const lineBytes = 100 * MIB;
    expect(causeOf(over, { availableBytes: 900 * MIB, lineBytes })).toMatchObject({
      cause: { kind: 'runtime-stop', forKubelet: true },
      confidence: 'likely',
    });
    expect(causeOf(over, { availableBytes: 80 * MIB, lineBytes })).toMatchObject({
      cause: { kind: 'eviction' },
      confidence: 'likely',
    });
  });

  it('kubelet says itself that it was an eviction, whatever memory was, and of what', () => {
    const over = { sender: sender('runc', { parentComm: 'containerd-shim' }), target: inPod };
    const plenty = { availableBytes: 900 * MIB, lineBytes: 100 * MIB };
    const said = (resource: string) => ({
      eviction: { message: `The node was low on resource: ${resource}.`, afterUs: -2_000_000 },
      pressure: { reason: '', afterUs: 0 },
    });
    const evicted = causeOf(over, plenty, said('memory'));
    expect(evicted).toMatchObject({ cause: { kind: 'eviction' }, confidence: 'likely' });
    expect(evicted.evidence).toEqual(
      expect.arrayContaining([
        'the pod was evicted by kubelet, 2 s before the kill: The node was low on resource: memory',
        'the node reported MemoryPressure when the kill came',
      ]),
    );
    expect(causeOf(over, null, said('memory')).cause.kind).toBe('eviction');
    const disk = causeOf(over, plenty, said('ephemeral-storage'));
    expect(disk.cause.kind).toBe('runtime-stop');
    expect(disk.evidence).toContain(
      'the pod was evicted by kubelet, 2 s before the kill: The node was low on resource: ephemeral-storage',
    );
    // Who sent a plain signal did not do it for kubelet.
    expect(causeOf({ sender: sender('bash'), target: inPod }, plenty, said('memory')).cause.kind).toBe('plain-signal');
  });

  it('a runtime that ends a container outside of pods stops it', () => {
    const target = sampleProcess({ cgroupPath: `/system.slice/docker-${'ab12'.repeat(16)}.scope` });
    expect(causeOf({ sender: sender('containerd-shim'), target }).cause).toEqual({
      kind: 'runtime-stop',
      forKubelet: false,
    });
  });

  it('a process in a container is no runtime, whatever its name and its parent', () => {
    const inside = sender('runc', { parentComm: 'containerd-shim' }, CONTAINER);
    expect(causeOf({ sender: inside, target: inPod }).cause.kind).toBe('plain-signal');
  });

  it('cgroup.kill is one deed, however many it hits', () => {
    const killedCgroup = { id: 7, path: '/lab' };
    const events = [1, 2, 3].map((pid) =>
      sampleKill({
        how: 'cgroup-kill',
        killedCgroup,
        killUs: 1000 + pid,
        target: sampleProcess({ pid }),
        sender: sender('sh'),
      }),
    );
    const kill = only(events);
    expect(kill.targets).toHaveLength(3);
    const finding = findKillCause(kill, null);
    expect(finding).toMatchObject({ cause: { kind: 'cgroup-kill' }, confidence: 'certain' });
    expect(userKillSentence(kill, finding)).toBe(
      "hog (pid 1) and 2 other processes were killed by sh (pid 50), which killed all of /lab (cgroup.kill). The kernel's " +
        'OOM killer had no part in it.',
    );
  });

  it('systemd-oomd kills by cgroup.kill, and is told as systemd-oomd', () => {
    const over = { how: 'cgroup-kill', killedCgroup: { id: 7, path: '/user.slice/a' } } as const;
    const oomd = sender('systemd-oomd', {}, '/system.slice/systemd-oomd.service');
    expect(causeOf({ ...over, sender: oomd }).cause.kind).toBe('systemd-oomd');
  });

  it('without the record of the sending nobody is named', () => {
    const kill = only([sampleKill({ step: 'exited' })]);
    expect(findKillCause(kill, null).cause.kind).toBe('unknown');
  });
});

describe('kills by user space', () => {
  it('the steps of one belong together; a SIGTERM and the SIGKILL after it are two', () => {
    const kills = userKills([
      sampleKill({ signal: 'SIGTERM', killUs: 1 }),
      sampleKill({ signal: 'SIGKILL', killUs: 30 }),
      sampleKill({ step: 'delivered', signal: 'SIGKILL', killUs: 30 }),
      sampleKill({ step: 'exited', signal: 'SIGKILL', killUs: 30 }),
    ]);
    expect(kills.map(({ id, targets }) => [id, targets[0]?.steps.length])).toEqual([
      ['k1-812', 1],
      ['k30-812', 3],
    ]);
  });

  const worker = (pid: number, over: Partial<KillEvent> = {}): KillEvent =>
    sampleKill({
      killUs: 1_000 + pid,
      sender: sender('pkill'),
      target: sampleProcess({ pid, comm: 'worker', cgroupId: 9 }),
      ...over,
    });

  it('what one process sends to others of one cgroup is one deed, each target with its own steps', () => {
    const kill = only([
      worker(1),
      worker(2),
      worker(1, { step: 'exited', sender: null }),
      worker(3),
      worker(2, { step: 'delivered', sender: null }),
    ]);
    expect(kill.id).toBe('k1001-1');
    expect(kill.targets.map(({ process, steps }) => [process.pid, steps.length])).toEqual([
      [1, 2],
      [2, 2],
      [3, 1],
    ]);
    expect(userKillSentence(kill, findKillCause(kill, null))).toContain(
      'worker (pid 1) and 2 other processes were killed by pkill (pid 50), which sent a plain signal',
    );
  });

  it.each([
    ['another cgroup', { target: sampleProcess({ pid: 2, cgroupId: 10 }) }],
    ['another sender', { sender: { ...sender('pkill'), process: sampleProcess({ pid: 51 }) } }],
    ['another signal', { signal: 'SIGTERM' }],
    ['a second later', { killUs: 1_001_001 }],
    ['the same process again', { target: sampleProcess({ pid: 1, comm: 'worker', cgroupId: 9 }) }],
    ['a cgroup that is not known', { target: sampleProcess({ pid: 2, cgroupId: null }) }],
  ] as const)('%s: another deed', (_, over) => {
    expect(userKills([worker(1), worker(2, over)])).toHaveLength(2);
  });

  it('a SIGTERM does not say that anybody died, unless it was seen', () => {
    const sent = sampleKill({ signal: 'SIGTERM' });
    const sentence = (events: KillEvent[]) => {
      const kill = only(events);
      return userKillSentence(kill, findKillCause(kill, null));
    };
    expect(sentence([sent])).toContain('hog (pid 812) was told to end (SIGTERM) by earlyoom (pid 50)');
    expect(sentence([sent, sampleKill({ signal: 'SIGTERM', step: 'exited' })])).toContain('and did so, by earlyoom');
  });
});
