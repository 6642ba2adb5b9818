import { visible } from '../base/escape.js';
import { formatBytes, formatDuration } from '../base/units.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { KubeContainer, KubePod } from '../events/kube.js';
import { cgroupOwner } from './cgroup-owner.js';
import type { Eviction, KubeFacts, KubePlace, NodePressure } from './kube-facts.js';

/** Each with a word of eight letters at most before it; safe to print. */
type Fact = readonly [label: string, text: string];

/** `ReplicaSet shop/web-5b8c`: the controller, as the API server names it. Nothing = a person made the pod, or it is not known. */
export function ownerFact(place: KubePlace | null): Fact[] {
  const owner = place === null ? null : ownerName(place.pod);
  return owner === null ? [] : [['owner', owner]];
}

/** What its container asks for and may use; where the kernel had another limit for it when it died, that one too. */
export function memoryFact(place: KubePlace | null, episode: EpisodeEvent | null = null): Fact[] {
  const container = place?.container ?? null;
  if (container === null) return [];
  return [['memory', `${amounts(container)} (API server)${otherLimit(container, episode)}`]];
}

/** Of those who had a part in it without being the victim, and what kubelet and the node said. */
export function otherFacts(kube: KubeFacts): Fact[] {
  const { victim, culprit, trigger, eviction, pressure } = kube;
  const culpritText = culprit === null ? null : placeInWords(culprit, victim);
  const triggerText = trigger === null ? null : placeInWords(trigger, victim);
  return [
    ...(culpritText === null ? [] : [['culprit', culpritText] as const]),
    ...(triggerText === null ? [] : [['trigger', triggerText] as const]),
    ...(eviction === null ? [] : [['evicted', evictionInWords(eviction)] as const]),
    ...(pressure === null ? [] : [['pressure', pressureInWords(pressure)] as const]),
  ];
}

/** `by kubelet, 12 s before the kill: The node was low on resource: memory`, without its full stop. */
export function evictionInWords({ message, afterUs }: Eviction): string {
  const text = visible(message.replace(/\s+/g, ' ').trim().replace(/\.$/, ''));
  return `by kubelet, ${whenInWords(afterUs)}${text === '' ? '' : `: ${text}`}`;
}

export function pressureInWords({ afterUs }: NodePressure): string {
  return `the node reported MemoryPressure${afterUs === 0 ? ' when the kill came' : `, first told ${whenInWords(afterUs)}`}`;
}

/** In whole seconds: whoever says it says no more. */
function whenInWords(afterUs: number): string {
  const seconds = Math.round(Math.abs(afterUs) / 1_000_000);
  if (seconds === 0) return 'in the second of the kill';
  const span = seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000_000);
  return `${span} ${afterUs < 0 ? 'before' : 'after'} the kill`;
}

/** By what made its pod, since the pod is named above; null = nothing that the victim's own facts do not say. */
function placeInWords({ pod, container }: KubePlace, victim: KubePlace | null): string | null {
  const isVictims = victim !== null && victim.pod.uid === pod.uid;
  const owner = ownerName(pod);
  if (container === null) return isVictims ? null : owner;
  const whose = isVictims ? '' : ` of ${owner ?? `pod ${visible(pod.namespace)}/${visible(pod.name)}`}`;
  return `container ${visible(container.name)}${whose}: ${amounts(container)} (API server)`;
}

function amounts({ requestBytes, limitBytes }: KubeContainer): string {
  const request = requestBytes === null ? 'no request' : `requests ${formatBytes(requestBytes)}`;
  return `${request}, ${limitBytes === null ? 'no limit' : `limit ${formatBytes(limitBytes)}`}`;
}

/** A static pod is its node's. */
function ownerName({ namespace, owner }: KubePod): string | null {
  if (owner === null) return null;
  const place = owner.kind === 'Node' ? '' : `${visible(namespace)}/`;
  return `${visible(owner.kind)} ${place}${visible(owner.name)}`;
}

/** Of the container's own cgroup, in which it was full or not: of one below it the limit is the container's own doing. */
function otherLimit({ limitBytes }: KubeContainer, episode: EpisodeEvent | null): string {
  const { path, maxBytes } = episode?.victimCgroup ?? { path: null, maxBytes: null };
  const id = path === null ? null : (cgroupOwner(path).container?.id ?? null);
  if (episode === null || path === null || id === null || maxBytes === null || !path.split('/').at(-1)?.includes(id))
    return '';
  // The kernel counts whole pages.
  const told = limitBytes === null ? 'max' : limitBytes - (limitBytes % episode.pageSizeBytes);
  if (maxBytes === told) return '';
  return `; its cgroup had ${maxBytes === 'max' ? 'no limit' : formatBytes(maxBytes)} when it died`;
}
