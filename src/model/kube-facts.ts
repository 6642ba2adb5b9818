import type { KubeContainer, KubeEvent, KubePod } from '../events/kube.js';
import type { SessionEvent } from '../events/session.js';
import { cgroupOwner } from './cgroup-owner.js';
import type { Culprit } from './culprit.js';
import type { Told } from './kube-told.js';
import type { Incident } from './model.js';
import type { Pods } from './pods.js';
import { victimOf } from './victim-process.js';

/** What the API server told that belongs to a kill: as it was then, or as it was told first after it. */
export interface KubeFacts {
  readonly victim: KubePlace | null;
  /** Null also = it is in the victim's container. */
  readonly culprit: KubePlace | null;
  /** Null also = it is in the victim's or the culprit's. */
  readonly trigger: KubePlace | null;
  /** Of the victim's pod, near the kill. */
  readonly eviction: Eviction | null;
  readonly pressure: NodePressure | null;
}

export interface KubePlace {
  readonly pod: KubePod;
  /** Null = which of the pod's it is is not known. */
  readonly container: KubeContainer | null;
}

/** kubelet said of a pod of this name that it evicts it. */
export interface Eviction {
  /** As kubelet wrote it. */
  readonly message: string;
  /** After the kill; negative = before it. By a clock that tells seconds. */
  readonly afterUs: number;
}

/** The node's condition MemoryPressure was true. */
export interface NodePressure {
  readonly reason: string;
  /** 0 = when the kill came; else how long after it that was told first. */
  readonly afterUs: number;
}

/** What all of it is looked up in. */
export interface KubeKnown {
  readonly told: Told;
  readonly pods: Pods;
  readonly session: SessionEvent | null;
}

/** An event is of seconds, and of another moment of the same shortage. */
const EVICTION_NEAR_US = 300_000_000;
/** The API server is asked each 30 s: what it says later may be of another shortage. */
const PRESSURE_AFTER_US = 60_000_000;

export const NOTHING_TOLD: KubeFacts = { victim: null, culprit: null, trigger: null, eviction: null, pressure: null };

/** Of an OOM kill. */
export function incidentKube(incident: Incident, culprit: Culprit, known: KubeKnown): KubeFacts {
  if (known.told.length === 0) return NOTHING_TOLD;
  const { episode, startUs } = incident;
  const placeOf = (path: string | null) => kubePlace(path, startUs, known);
  const victim = placeOf(victimOf(incident).process?.cgroupPath ?? null);
  const grew = culprit.kind === 'cgroup' ? placeOf(culprit.process?.cgroupPath ?? culprit.growth.path) : null;
  const asked = placeOf(episode?.trigger?.cgroupPath ?? null);
  return {
    victim,
    culprit: isSame(grew, victim) ? null : grew,
    trigger: isSame(asked, victim) || isSame(asked, grew) ? null : asked,
    ...nodeSays(victim, startUs, known),
  };
}

/** Of a kill by user space: of the one that it hit, by its cgroup. */
export function targetKube(path: string | null, startUs: number, known: KubeKnown): KubeFacts {
  if (known.told.length === 0) return NOTHING_TOLD;
  const victim = kubePlace(path, startUs, known);
  return { ...NOTHING_TOLD, victim, ...nodeSays(victim, startUs, known) };
}

/**
 * Whose cgroup this is, as it was told last before `atUs`, else first after it: by the uid and the id that stand in its path, of a
 * container that was started again by its name. Null = nothing is known of it.
 */
export function kubePlace(path: string | null, atUs: number, { told, pods }: KubeKnown): KubePlace | null {
  if (path === null) return null;
  const owner = cgroupOwner(path);
  const uid = owner.pod?.uid ?? null;
  const id = owner.container?.id ?? null;
  const name = uid === null ? null : (pods.get(uid)?.containers.find((each) => each.id === id)?.name ?? null);
  const places = nearestFirst(told, atUs).flatMap(({ pods: known }): KubePlace[] => {
    const pod = known.find(
      (each) => each.uid === uid || (uid === null && id !== null && each.containers.some((one) => one.id === id)),
    );
    if (pod === undefined) return [];
    const container = id === null ? undefined : pod.containers.find((each) => each.id === id || each.name === name);
    return [{ pod, container: container ?? null }];
  });
  return places.find(({ container }) => container !== null) ?? places[0] ?? null;
}

/** From the moment back, and then from the moment on. */
function nearestFirst(told: Told, atUs: number): KubeEvent[] {
  return [...told.filter(({ tUs }) => tUs <= atUs).reverse(), ...told.filter(({ tUs }) => tUs > atUs)];
}

function isSame(a: KubePlace | null, b: KubePlace | null): boolean {
  return a !== null && b !== null && a.pod.uid === b.pod.uid && a.container?.name === b.container?.name;
}

function nodeSays(victim: KubePlace | null, atUs: number, known: KubeKnown): Pick<KubeFacts, 'eviction' | 'pressure'> {
  return {
    eviction: victim === null ? null : evictionOf(victim.pod, atUs, known),
    pressure: pressureAt(atUs, known.told),
  };
}

/** What kubelet said of a pod of that name next to this moment: its events know no uid. */
function evictionOf({ namespace, name }: KubePod, atUs: number, { told, session }: KubeKnown): Eviction | null {
  const epochUs = session?.anchorEpochUs ?? null;
  if (session === null || epochUs === null || session.clock === 'order') return null;
  const killUs = epochUs + atUs - session.anchorBootUs;
  const found = told
    .flatMap(({ notices }) => notices)
    .filter((notice) => notice.reason === 'Evicted' && notice.kind === 'Pod')
    .filter((notice) => notice.namespace === namespace && notice.name === name)
    .map(({ message, atUs: saidUs }) => ({ message, afterUs: saidUs - killUs }))
    .filter(({ afterUs }) => Math.abs(afterUs) <= EVICTION_NEAR_US)
    .sort((a, b) => Math.abs(a.afterUs) - Math.abs(b.afterUs));
  return found[0] ?? null;
}

/** What is told with an obstacle is of an earlier time. */
function pressureAt(atUs: number, told: Told): NodePressure | null {
  const then = told.findLast(({ tUs }) => tUs <= atUs);
  const after = told.find(({ tUs }) => tUs > atUs && tUs - atUs <= PRESSURE_AFTER_US);
  for (const [event, afterUs] of [
    [then, 0],
    [after, (after?.tUs ?? 0) - atUs],
  ] as const) {
    const condition = event?.conditions.find(({ type, status }) => type === 'MemoryPressure' && status === 'true');
    if (condition !== undefined && event?.obstacle === null) return { reason: condition.reason, afterUs };
  }
  return null;
}

/** For programs; null = nothing was told that belongs to it. */
export function kubeJson({ victim, culprit, trigger, eviction, pressure }: KubeFacts): object | null {
  const places = { victim: placeJson(victim), culprit: placeJson(culprit), trigger: placeJson(trigger) };
  const known = { ...places, eviction, memoryPressure: pressure };
  return Object.values(known).every((part) => part === null) ? null : known;
}

function placeJson(place: KubePlace | null): object | null {
  if (place === null) return null;
  const { uid, namespace, name, owner } = place.pod;
  return { uid, namespace, pod: name, owner, container: place.container };
}
