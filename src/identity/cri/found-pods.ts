import type { ContainerIdentity, PodLabel, PodLabels } from '../../events/identity.js';
import type { FoundPod } from '../identity-place.js';
import type { runtime } from './proto.js';

type Container = runtime.v1.Container.$Properties;
type PodSandbox = runtime.v1.PodSandbox.$Properties;

const CONTAINER_ID = /^[0-9a-f]{64}$/;
/** What kubelet itself writes there (pkg/kubelet/types/labels.go). */
const KUBELETS_OWN = 'io.kubernetes.';
const MAX_LABELS = 16;
/** Of a label's name and value together: what Kubernetes allows is 380. */
const MAX_LABEL_CHARS = 400;
const MAX_NAME_CHARS = 512;

/**
 * The runtime's lists as pods with their containers, the oldest first. `limits`: memory limits by container, as far as they are
 * known. What is not of Kubernetes, or has no name, is left out.
 */
export function foundPods(
  containers: readonly Container[],
  sandboxes: readonly PodSandbox[],
  limits: ReadonlyMap<string, number | null>,
): FoundPod[] {
  const byId = new Map(oldestFirst(sandboxes).map((sandbox) => [sandbox.id ?? '', sandbox]));
  const pods = [...byId.values()].flatMap((sandbox) => podOf(sandbox, []) ?? []);
  for (const container of oldestFirst(containers)) {
    const found = containerOf(container, limits);
    // A sandbox that was removed between the two answers: kubelet's labels say the same.
    const sandbox = byId.get(container.podSandboxId ?? '') ?? sandboxOfLabels(container.labels ?? {});
    const pod = found === null ? null : podOf(sandbox, [found]);
    if (pod !== null) pods.push(pod);
  }
  return pods;
}

function podOf({ metadata, labels }: PodSandbox, containers: readonly ContainerIdentity[]): FoundPod | null {
  const { uid, namespace, name } = metadata ?? {};
  if (!isName(uid) || !isName(namespace) || !isName(name)) return null;
  return { podUid: uid, namespace, pod: name, containers, labels: labels == null ? null : peoplesLabels(labels) };
}

function containerOf(
  { id, metadata, image }: Container,
  limits: ReadonlyMap<string, number | null>,
): ContainerIdentity | null {
  const name = metadata?.name;
  if (id == null || !CONTAINER_ID.test(id) || !isName(name)) return null;
  const imageName = image?.userSpecifiedImage || image?.image;
  return { id, name, image: isName(imageName) ? imageName : null, memoryLimitBytes: limits.get(id) ?? null };
}

function sandboxOfLabels(labels: Readonly<Record<string, string>>): PodSandbox {
  const uid = labels[`${KUBELETS_OWN}pod.uid`] ?? null;
  const namespace = labels[`${KUBELETS_OWN}pod.namespace`] ?? null;
  return { metadata: { uid, namespace, name: labels[`${KUBELETS_OWN}pod.name`] ?? null } };
}

function peoplesLabels(labels: Readonly<Record<string, string>>): PodLabels {
  const all = Object.entries(labels)
    .filter(([name]) => !name.startsWith(KUBELETS_OWN))
    .map(([name, value]): PodLabel => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const kept = all.filter(({ name, value }) => name.length + value.length <= MAX_LABEL_CHARS).slice(0, MAX_LABELS);
  return { kept, leftOut: all.length - kept.length };
}

function isName(text: string | null | undefined): text is string {
  return text != null && text !== '' && text.length <= MAX_NAME_CHARS;
}

function oldestFirst<T extends { readonly createdAt?: number | null }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}
