import type { KillEvent, KillSender } from '../../src/events/kill.js';
import type { ProcessFacts } from '../../src/events/process.js';
import { MIB, sampleKill, sampleProcess } from './sample-events.js';

/** Kills by user space as they happen on a node, for tests of what people see. */

interface Deed extends Partial<Pick<KillEvent, 'how' | 'signal' | 'killedCgroup'>> {
  readonly sender: KillSender;
  readonly targets: readonly ProcessFacts[];
}

function steps(startUs: number, { sender, targets, ...deed }: Deed): KillEvent[] {
  return targets.flatMap((target, place) => {
    const killUs = startUs + place * 40;
    const at = (step: KillEvent['step'], afterUs: number, over: Partial<KillEvent> = {}) =>
      sampleKill({ tUs: killUs + afterUs, killUs, step, target, sender: null, memory: null, ...deed, ...over });
    const held = { rssBytes: null, rssAnonBytes: 900 * MIB, rssFileBytes: 12 * MIB, rssShmemBytes: 0 };
    return [
      at('sent', 0, { sender, memory: { ...held, swapBytes: 0, pageTableBytes: 2 * MIB } }),
      at('delivered', 210, { commandLine: `${target.comm} --port ${target.pid}` }),
      at('exited', 31_000),
    ];
  });
}

function sender(comm: string, pid: number, cgroupPath: string, over: Partial<KillSender> = {}): KillSender {
  const process = sampleProcess({ pid, comm, cgroupId: 900 + pid, cgroupPath });
  return { process, commandLine: null, parentPid: 1, parentComm: 'systemd', ...over };
}

const target = (comm: string, pid: number, cgroupId: number, cgroupPath: string) =>
  sampleProcess({ comm, pid, cgroupId, cgroupPath });

const POD = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f1c.slice';

/** The whole of a service, by systemd-oomd. */
export function oomdKill(startUs: number): KillEvent[] {
  const path = '/system.slice/csv-import.service';
  const targets = [2_101, 2_102, 2_103].map((pid) => target('csv-import', pid, 303, path));
  const oomd = sender('systemd-oomd', 610, '/system.slice/systemd-oomd.service', {
    commandLine: '/usr/lib/systemd/systemd-oomd',
  });
  return steps(startUs, { sender: oomd, targets, how: 'cgroup-kill', killedCgroup: { id: 303, path } });
}

export function earlyoomKill(startUs: number): KillEvent[] {
  const earlyoom = sender('earlyoom', 50, '/system.slice/earlyoom.service', { commandLine: '/usr/bin/earlyoom -r 60' });
  const targets = [target('legacy-agent', 2_201, 304, '/system.slice/legacy-agent.service')];
  return steps(startUs, { sender: earlyoom, targets, signal: 'SIGTERM' });
}

/** A person. */
export function shellKill(startUs: number): KillEvent[] {
  const bash = sender('bash', 4_000, '/user.slice/user-1000.slice', { commandLine: '-bash', parentComm: 'sshd' });
  return steps(startUs, { sender: bash, targets: [target('stuck', 2_301, 305, '/system.slice/stuck.service')] });
}

/** A container that a runtime stops. */
export function runtimeStop(startUs: number): KillEvent[] {
  const runc = sender('runc', 700, '/system.slice/containerd.service', { parentComm: 'containerd-shim' });
  const targets = [target('myapp', 4_711, 301, `${POD}/cri-containerd-app.scope`)];
  return steps(startUs, { sender: runc, targets });
}
