import type { CgroupReclaim, ReclaimEvent } from '../events/reclaim.js';
import { integer } from './check.js';
import { oomscope } from './proto.js';

const v1 = oomscope.v1;

export function encodeReclaim(event: ReclaimEvent): Uint8Array {
  return v1.Reclaim.encode({
    cgroups: event.cgroups.map((row) => ({ ...row, latencyCounts: [...row.latencyCounts] })),
    kswapd: event.kswapd,
  }).finish();
}

export function decodeReclaim(tUs: number, payload: Uint8Array): ReclaimEvent {
  const { cgroups, kswapd } = v1.Reclaim.decode(payload);
  return {
    topic: '/reclaim',
    tUs,
    cgroups: cgroups.map(rowFromWire),
    kswapd: kswapd
      ? { spanUs: integer(kswapd.spanUs), runs: integer(kswapd.runs), activeUs: integer(kswapd.activeUs) }
      : null,
  };
}

function rowFromWire(wire: oomscope.v1.CgroupReclaim.$Properties): CgroupReclaim {
  return {
    id: integer(wire.id),
    spanUs: integer(wire.spanUs),
    runs: integer(wire.runs),
    reclaimUs: integer(wire.reclaimUs),
    askedBytes: integer(wire.askedBytes),
    freedBytes: integer(wire.freedBytes),
    latencyCounts: (wire.latencyCounts ?? []).map(integer),
  };
}
