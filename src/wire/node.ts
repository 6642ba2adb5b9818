import type { NodeActivity, NodeEvent } from '../events/node.js';
import { integer, nullableInteger } from './check.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeNode(event: NodeEvent): Uint8Array {
  const { topic: _topic, tUs: _tUs, ...fields } = event;
  return v1.Node.encode(fields).finish();
}

export function decodeNode(tUs: number, payload: Uint8Array): NodeEvent {
  const wire = v1.Node.decode(payload);
  return {
    topic: '/node',
    tUs,
    memTotalBytes: integer(wire.memTotalBytes),
    memFreeBytes: integer(wire.memFreeBytes),
    memAvailableBytes: nullableInteger(wire.memAvailableBytes),
    kubeletAvailableBytes: nullableInteger(wire.kubeletAvailableBytes),
    buffersBytes: integer(wire.buffersBytes),
    cachedBytes: integer(wire.cachedBytes),
    activeAnonBytes: nullableInteger(wire.activeAnonBytes),
    inactiveAnonBytes: nullableInteger(wire.inactiveAnonBytes),
    activeFileBytes: nullableInteger(wire.activeFileBytes),
    inactiveFileBytes: nullableInteger(wire.inactiveFileBytes),
    unevictableBytes: nullableInteger(wire.unevictableBytes),
    anonBytes: nullableInteger(wire.anonBytes),
    mappedBytes: nullableInteger(wire.mappedBytes),
    shmemBytes: nullableInteger(wire.shmemBytes),
    dirtyBytes: nullableInteger(wire.dirtyBytes),
    writebackBytes: nullableInteger(wire.writebackBytes),
    slabReclaimableBytes: nullableInteger(wire.slabReclaimableBytes),
    slabUnreclaimableBytes: nullableInteger(wire.slabUnreclaimableBytes),
    kernelStackBytes: nullableInteger(wire.kernelStackBytes),
    pageTableBytes: nullableInteger(wire.pageTableBytes),
    percpuBytes: nullableInteger(wire.percpuBytes),
    hugetlbBytes: nullableInteger(wire.hugetlbBytes),
    committedBytes: nullableInteger(wire.committedBytes),
    swapTotalBytes: integer(wire.swapTotalBytes),
    swapFreeBytes: integer(wire.swapFreeBytes),
    swapCachedBytes: nullableInteger(wire.swapCachedBytes),
    activity: wire.activity ? activityFromWire(wire.activity) : null,
  };
}

function activityFromWire(wire: oomscope.v1.NodeActivity.$Properties): NodeActivity {
  return {
    spanUs: integer(wire.spanUs),
    directScannedBytes: nullableInteger(wire.directScannedBytes),
    directFreedBytes: nullableInteger(wire.directFreedBytes),
    kswapdScannedBytes: nullableInteger(wire.kswapdScannedBytes),
    kswapdFreedBytes: nullableInteger(wire.kswapdFreedBytes),
    swapInBytes: nullableInteger(wire.swapInBytes),
    swapOutBytes: nullableInteger(wire.swapOutBytes),
    fileRefaultBytes: nullableInteger(wire.fileRefaultBytes),
    allocStalls: nullableInteger(wire.allocStalls),
    majorFaults: nullableInteger(wire.majorFaults),
    oomKills: nullableInteger(wire.oomKills),
  };
}
