import type { KubeContainer, KubePod, NodeCondition } from '../../events/kube.js';
import { field, list, text } from './json.js';
import { parseQuantity } from './quantity.js';

/** Of a PodList, by uid, so that the same pods are the same list. */
export function parsePods(answer: unknown): KubePod[] {
  const pods = list(answer, 'items').flatMap((pod): KubePod[] => {
    const [uid, namespace, name] = ['uid', 'namespace', 'name'].map((key) => text(pod, 'metadata', key));
    if (uid == null || namespace == null || name == null) return [];
    return [{ uid: uidInPaths(pod, uid), namespace, name, owner: ownerOf(pod), containers: containersOf(pod) }];
  });
  return pods.sort((a, b) => (a.uid < b.uid ? -1 : 1));
}

/** kubelet makes the cgroups of a static pod with the hash of its file; the API server gives its mirror a uid of its own. */
function uidInPaths(pod: unknown, uid: string): string {
  return text(pod, 'metadata', 'annotations', 'kubernetes.io/config.hash') ?? uid;
}

function ownerOf(pod: unknown): KubePod['owner'] {
  const owners = list(pod, 'metadata', 'ownerReferences');
  const owner = owners.find((each) => field(each, 'controller') === true);
  const [kind, name] = [text(owner, 'kind'), text(owner, 'name')];
  return kind === null || name === null ? null : { kind, name };
}

function containersOf(pod: unknown): KubeContainer[] {
  const statuses = [...list(pod, 'status', 'initContainerStatuses'), ...list(pod, 'status', 'containerStatuses')];
  return [...list(pod, 'spec', 'initContainers'), ...list(pod, 'spec', 'containers')].flatMap(
    (container): KubeContainer[] => {
      const name = text(container, 'name');
      if (name === null) return [];
      const status = statuses.find((each) => text(each, 'name') === name);
      const amount = (kind: string) => parseQuantity(text(container, 'resources', kind, 'memory'));
      return [
        {
          id: bareId(text(status, 'containerID')),
          name,
          requestBytes: amount('requests'),
          limitBytes: amount('limits'),
        },
      ];
    },
  );
}

/** `containerd://ab12…` */
function bareId(id: string | null): string | null {
  const bare = id?.replace(/^[a-z-]+:\/\//, '') ?? '';
  return bare === '' ? null : bare;
}

export function parseConditions(node: unknown): NodeCondition[] {
  return list(node, 'status', 'conditions').flatMap((condition): NodeCondition[] => {
    const type = text(condition, 'type');
    if (type === null) return [];
    return [{ type, status: statusOf(text(condition, 'status')), reason: text(condition, 'reason') ?? '' }];
  });
}

function statusOf(status: string | null): NodeCondition['status'] {
  if (status === 'True') return 'true';
  return status === 'False' ? 'false' : 'unknown';
}
