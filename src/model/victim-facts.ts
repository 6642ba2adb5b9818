import { visible } from '../base/escape.js';
import { formatBytes, formatCount } from '../base/units.js';
import { type KubeFacts, NOTHING_TOLD } from './kube-facts.js';
import { memoryFact, otherFacts, ownerFact } from './kube-words.js';
import type { Incident } from './model.js';
import type { Pods } from './pods.js';
import { victimOf } from './victim-process.js';
import { type Workload, workloadOf } from './workload.js';

/**
 * What a person who knows the victim as Kubernetes does will look for, each with a word of eight letters at most before it; safe to
 * print. What is not known is left out; its names stand in the headline.
 */
export function victimFacts(
  incident: Incident,
  pods: Pods,
  kube: KubeFacts = NOTHING_TOLD,
): readonly (readonly [string, string])[] {
  const { process, mark } = victimOf(incident);
  const containerPid = mark?.containerPid ?? null;
  const workload = workloadOf(process?.cgroupPath ?? null, pods);
  return [
    ...(process === null || containerPid === null || containerPid === process.pid
      ? []
      : [['pids', `${process.pid} on the node, ${containerPid} in its container`] as const]),
    ...ownerFact(kube.victim),
    ...memoryFact(kube.victim, incident.episode),
    ...(workload === null ? [] : workloadFacts(workload, kube.victim?.container?.limitBytes ?? null)),
    ...otherFacts(kube),
  ];
}

/** `toldBytes`: its limit where that stands above already. */
function workloadFacts(
  { image, memoryLimitBytes, labels, unnamed }: Workload,
  toldBytes: number | null,
): (readonly [string, string])[] {
  const isTold = memoryLimitBytes === null || memoryLimitBytes === toldBytes;
  const limit = isTold ? '' : `, made with a limit of ${formatBytes(memoryLimitBytes)}`;
  const names = (labels?.kept ?? []).map(({ name, value }) => visible(`${name}=${value}`));
  if (labels !== null && labels.leftOut > 0) names.push(`${formatCount(labels.leftOut)} more`);
  return [
    ...(image === null ? [] : [['image', `${visible(image)}${limit}`] as const]),
    ...(names.length === 0 ? [] : [['labels', names.join(', ')] as const]),
    ...(unnamed === null ? [] : [['unnamed', visible(unnamed)] as const]),
  ];
}
