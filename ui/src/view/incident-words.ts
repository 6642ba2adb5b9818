import { visible } from '../../../src/base/escape.js';
import type { Incident } from '../../../src/model/model.js';
import type { Pods } from '../../../src/model/pods.js';
import type { UserKill } from '../../../src/model/user-kill.js';
import { workloadName, workloadOf } from '../../../src/model/workload.js';

/** Who died, as short as it can be said. Safe to show. */
export function victimComm({ episode, victims }: Incident): string {
  const process = episode?.choice?.process ?? firstProcess(victims);
  if (process !== null) return process.comm === '' ? '(no name)' : visible(process.comm);
  const [first] = victims;
  if (first !== undefined) return `thread ${first.tid}`;
  return episode?.outcome === 'killed' ? 'victim not recorded' : 'nobody killed';
}

/** Where that was: the pod and container where they are known, else the cgroup; '' = not known. Safe to show. */
export function victimPlace({ episode, victims }: Incident, pods: Pods): string {
  const path =
    episode?.victimCgroup?.path ??
    episode?.choice?.process.cgroupPath ??
    firstProcess(victims)?.cgroupPath ??
    episode?.limitCgroup?.path;
  if (path === null || path === undefined) return '';
  return placeOf(path, pods);
}

/** Whom user space ended. Safe to show. */
export function targetComm({ targets }: UserKill): string {
  const comm = targets[0]?.process.comm ?? '';
  return comm === '' ? '(no name)' : visible(comm);
}

/** Where that was; '' = not known. Safe to show. */
export function targetPlace({ killedCgroup, targets }: UserKill, pods: Pods): string {
  const path = killedCgroup?.path ?? targets[0]?.process.cgroupPath ?? null;
  return path === null ? '' : placeOf(path, pods);
}

function placeOf(path: string, pods: Pods): string {
  const workload = workloadOf(path, pods);
  return workload === null || workload.pod === null ? visible(path) : (workloadName(workload) ?? '');
}

function firstProcess(victims: Incident['victims']) {
  return victims.flatMap((victim) => victim.steps).find((step) => step.process !== null)?.process ?? null;
}
