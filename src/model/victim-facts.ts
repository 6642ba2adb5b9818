import { visible } from '../base/escape.js';
import { formatBytes, formatCount } from '../base/units.js';
import { sameProcess } from './ballot.js';
import type { Incident } from './model.js';
import type { Pods } from './pods.js';
import { type Workload, workloadOf } from './workload.js';

/**
 * What a person who knows the victim as Kubernetes does will look for, each with a word of eight letters at most before it; safe to
 * print. What is not known is left out; its names stand in the headline.
 */
export function victimFacts({ episode, victims }: Incident, pods: Pods): readonly (readonly [string, string])[] {
  const marks = victims.flatMap(({ steps }) => steps).filter(({ step }) => step === 'marked');
  const chosen = episode?.choice?.process ?? null;
  const mark =
    chosen === null ? marks[0] : marks.find(({ process }) => process !== null && sameProcess(process, chosen));
  const process = chosen ?? mark?.process ?? null;
  const containerPid = mark?.containerPid ?? null;
  const workload = workloadOf(process?.cgroupPath ?? null, pods);
  return [
    ...(process === null || containerPid === null || containerPid === process.pid
      ? []
      : [['pids', `${process.pid} on the node, ${containerPid} in its container`] as const]),
    ...(workload === null ? [] : workloadFacts(workload)),
  ];
}

function workloadFacts({ image, memoryLimitBytes, labels, unnamed }: Workload): (readonly [string, string])[] {
  const limit = memoryLimitBytes === null ? '' : `, made with a limit of ${formatBytes(memoryLimitBytes)}`;
  const names = (labels?.kept ?? []).map(({ name, value }) => visible(`${name}=${value}`));
  if (labels !== null && labels.leftOut > 0) names.push(`${formatCount(labels.leftOut)} more`);
  return [
    ...(image === null ? [] : [['image', `${visible(image)}${limit}`] as const]),
    ...(names.length === 0 ? [] : [['labels', names.join(', ')] as const]),
    ...(unnamed === null ? [] : [['unnamed', visible(unnamed)] as const]),
  ];
}
