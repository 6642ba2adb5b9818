import type { KubeContainer, KubeEvent, KubeNotice, KubePod, NodeCondition } from '../events/kube.js';
import { integer, nullableInteger, present } from './check.js';
import { nodeConditionStatus } from './enums.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeKube({ node, obstacle, pods, conditions, notices }: KubeEvent): Uint8Array {
  return v1.Kube.encode({
    node,
    obstacle,
    pods: pods.map(({ owner, containers, ...pod }) => ({
      ...pod,
      ownerKind: owner?.kind ?? null,
      ownerName: owner?.name ?? null,
      containers: containers.map((container) => ({ ...container })),
    })),
    conditions: conditions.map((condition) => ({
      ...condition,
      status: nodeConditionStatus.toWire(condition.status),
    })),
    notices: notices.map((notice) => ({ ...notice })),
  }).finish();
}

export function decodeKube(tUs: number, payload: Uint8Array): KubeEvent {
  const wire = v1.Kube.decode(payload);
  return {
    topic: '/kube',
    tUs,
    node: wire.node,
    obstacle: wire.obstacle ?? null,
    pods: wire.pods.map(podFromWire),
    conditions: wire.conditions.map(conditionFromWire),
    notices: wire.notices.map(noticeFromWire),
  };
}

function podFromWire(wire: oomscope.v1.KubePod.$Properties): KubePod {
  const { ownerKind, ownerName } = wire;
  return {
    uid: present(wire.uid, 'uid'),
    namespace: present(wire.namespace, 'namespace'),
    name: present(wire.name, 'name'),
    owner:
      ownerKind === null || ownerKind === undefined
        ? null
        : { kind: ownerKind, name: present(ownerName, 'owner_name') },
    containers: (wire.containers ?? []).map(containerFromWire),
  };
}

function containerFromWire(wire: oomscope.v1.KubeContainer.$Properties): KubeContainer {
  return {
    id: wire.id ?? null,
    name: present(wire.name, 'name'),
    requestBytes: nullableInteger(wire.requestBytes),
    limitBytes: nullableInteger(wire.limitBytes),
  };
}

function conditionFromWire(wire: oomscope.v1.NodeCondition.$Properties): NodeCondition {
  return {
    type: present(wire.type, 'type'),
    status: nodeConditionStatus.fromWire(wire.status),
    reason: present(wire.reason, 'reason'),
  };
}

function noticeFromWire(wire: oomscope.v1.KubeNotice.$Properties): KubeNotice {
  return {
    kind: present(wire.kind, 'kind'),
    namespace: present(wire.namespace, 'namespace'),
    name: present(wire.name, 'name'),
    reason: present(wire.reason, 'reason'),
    message: present(wire.message, 'message'),
    atUs: integer(wire.atUs),
    count: integer(wire.count),
  };
}
