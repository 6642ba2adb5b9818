import { describe, expect, it } from 'vitest';
import { enums, structs } from '../../events/layout.gen.js';
import { decodeBatch } from './decode.js';
import { type MemoryRecord, MemoryTimeline } from './memory-timeline.js';

const PAGE_BYTES = 4096;

type Writes = readonly (readonly [at: number, value: number | bigint, bits?: 32 | undefined])[];

/** A record as the sampling thread writes it: head, entries, each as a list of what stands where. */
function record(
  kind: keyof typeof enums.record_kind,
  tUs: number,
  head: { readonly bytes: number; readonly writes: Writes },
  entries: { readonly bytes: number; readonly rows: readonly Writes[] } = { bytes: 0, rows: [] },
): Uint8Array {
  const size = head.bytes + entries.bytes * entries.rows.length;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const write = (start: number, writes: Writes) => {
    for (const [at, value, bits] of writes) {
      if (bits === 32) view.setUint32(start + at, Number(value), true);
      else view.setBigUint64(start + at, BigInt(value), true);
    }
  };
  const at = structs.record_header.at;
  write(0, [
    [at.kind, enums.record_kind[kind], 32],
    [at.size, size, 32],
    [at.time_ns, tUs * 1000],
  ]);
  write(0, head.writes);
  for (const [n, row] of entries.rows.entries()) write(head.bytes + n * entries.bytes, row);
  return bytes;
}

function decoded(bytes: Uint8Array): MemoryRecord {
  const { records, undecodableBytes } = decodeBatch(bytes, PAGE_BYTES);
  expect(undecodableBytes).toBe(0);
  return records[0] as MemoryRecord;
}

const timeline = () => new MemoryTimeline(PAGE_BYTES, { stalls: true });

function sampleBytes(
  tUs: number,
  missed: number,
  rows: readonly Writes[],
  count = rows.length,
  refused = 0,
  intervalMs = 10,
) {
  const at = structs.sample_record.at;
  const writes: Writes = [
    [at.kind, enums.sample_kind.SAMPLE_DELTA, 32],
    [at.count, count, 32],
    [at.cgroups_read, 5, 32],
    [at.cgroups_refused, refused, 32],
    [at.interval_ns, intervalMs * 1_000_000],
    [at.ticks_missed, missed],
    [at.before_ns, 7_000_000],
    [at.before_interval_ns, 10_000_000],
  ];
  const entries = { bytes: structs.cgroup_sample.bytes, rows };
  return record('RECORD_SAMPLE', tUs, { bytes: structs.sample_record.bytes, writes }, entries);
}

const fields = (values: Readonly<Record<number, number>>, presentAt: number, valuesAt: number): Writes => [
  [presentAt, Object.keys(values).reduce((bits, n) => bits | (1n << BigInt(n)), 0n)],
  ...Object.entries(values).map(([n, value]) => [valuesAt + Number(n) * 8, value] as const),
];

function statBytes(tUs: number, id: number, values: Readonly<Record<number, number>>) {
  const { at, bytes } = structs.cgroup_stat;
  const row: Writes = [[at.cgroup_id, id], ...fields(values, at.present, at.values)];
  const head = { bytes: structs.stat_record.bytes, writes: [[structs.stat_record.at.count, 1, 32]] as Writes };
  return record('RECORD_STAT', tUs, head, { bytes, rows: [row] });
}

function pressureBytes(tUs: number, sums: Writes | null, id = 9) {
  const { at } = structs.pressure_entry;
  const row = (writes: Writes): Writes => [
    [at.cgroup_id, id],
    ...writes.map(([offset, value, bits]): Writes[number] => [at.pressure + offset, value, bits]),
  ];
  const rows = sums === null ? [] : [row(sums)];
  const head = {
    bytes: structs.pressure_record.bytes,
    writes: [[structs.pressure_record.at.count, rows.length, 32]] as Writes,
  };
  return record('RECORD_PRESSURE', tUs, head, { bytes: structs.pressure_entry.bytes, rows });
}

describe('samples', () => {
  const at = structs.cgroup_sample.at;

  it('are bytes; a limit that is none is max, one that there is not is null', () => {
    const flags = enums.sample_flags;
    const events = timeline().toEvents(
      decoded(
        sampleBytes(20_000, 0, [
          [
            [at.cgroup_id, 9],
            [at.usage_pages, 3],
            [at.max_pages, 10],
            [at.flags, flags.SAMPLE_HIGH_UNLIMITED, 32],
          ],
          [
            [at.cgroup_id, 10],
            [at.flags, flags.SAMPLE_MAX_UNLIMITED | flags.SAMPLE_NO_SWAP | flags.SAMPLE_NO_HIGH_LOW_MIN, 32],
          ],
        ]),
      ),
    );
    const limits = { swapBytes: 0, highBytes: 'max', lowBytes: 0, minBytes: 0 };
    const v1 = { swapBytes: null, highBytes: null, lowBytes: null, minBytes: null };
    expect(events).toEqual([
      {
        ...{ topic: '/memory/sample', tUs: 20_000, kind: 'delta', intervalUs: 10_000, cgroupsRead: 5 },
        cgroups: [
          { id: 9, usageBytes: 12_288, maxBytes: 40_960, ...limits },
          { id: 10, usageBytes: 0, maxBytes: 'max', ...v1 },
        ],
      },
    ]);
  });

  it('that were due and did not come are a gap, also when nothing else is to tell', () => {
    expect(timeline().toEvents(decoded(sampleBytes(30_000, 2, [])))).toEqual([
      { topic: '/gap', tUs: 30_000, fromUs: 7_000, intervalUs: 10_000, ticksMissed: 2 },
    ]);
  });

  it('without a row tell that the pace has changed, and nothing when it has not', () => {
    const box = timeline();
    expect(box.toEvents(decoded(sampleBytes(20_000, 0, [])))).toEqual([]);
    expect(box.toEvents(decoded(sampleBytes(20_000, 0, [], 0, 0, 1_000)))).toMatchObject([{ intervalUs: 1_000_000 }]);
  });

  it('that the kernel side has no room for are a loss, told once', () => {
    const box = timeline();
    const told = (refused: number) =>
      box
        .toEvents(decoded(sampleBytes(20_000, 0, [[[at.cgroup_id, 9]]], 1, refused)))
        .flatMap((event) => (event.topic === '/loss' ? [[event.where, event.count]] : []));
    expect([told(0), told(3), told(3), told(5)]).toEqual([[], [['kernel-map', 3]], [], [['kernel-map', 2]]]);
  });

  it('with fewer rows than they say are no record', () => {
    expect(decodeBatch(sampleBytes(30_000, 0, [], 1), PAGE_BYTES)).toMatchObject({ records: [], undecodableBytes: 72 });
  });
});

describe('breakdowns', () => {
  const { STAT_ANON, STAT_USAGE, STAT_INACTIVE_FILE, STAT_EVENT_MAX, STAT_EVENT_OOM_KILL, STAT_PSI_SOME_US } =
    enums.stat_field;

  it('have null for what was not read, and the working set that kubelet shows', () => {
    const values = { [STAT_ANON]: 100, [STAT_USAGE]: 5_000, [STAT_INACTIVE_FILE]: 4_000 };
    const [event] = timeline().toEvents(decoded(statBytes(1_000, 9, values)));
    expect(event).toMatchObject({
      topic: '/memory/stat',
      cgroups: [{ id: 9, anonBytes: 100, fileBytes: null, workingSetBytes: 1_000 }],
      events: null,
      eventsLocal: null,
    });
  });

  it('tell events and PSI as growth from the second reading on', () => {
    const box = timeline();
    const at = (max: number, psi: number) => ({
      [STAT_EVENT_MAX]: max,
      [STAT_EVENT_OOM_KILL]: 0,
      [STAT_PSI_SOME_US]: psi,
    });
    expect(box.toEvents(decoded(statBytes(1_000, 9, at(5, 700))))).toMatchObject([{ events: [] }]);
    expect(box.toEvents(decoded(statBytes(3_000, 9, at(8, 900))))).toMatchObject([
      { events: [{ id: 9, max: 3, oomKill: 0, low: null }] },
      { topic: '/pressure', node: null, cgroups: [{ id: 9, spanUs: 2_000, someUs: 200, fullUs: null, stalls: null }] },
    ]);
    expect(box.toEvents(decoded(statBytes(4_000, 9, at(8, 900))))).toMatchObject([{ events: [] }]);
  });
});

describe('a new cgroup', () => {
  it('tells from its first reading what has happened since it was made', () => {
    const box = timeline();
    box.begin(9, 500);
    const values = { [enums.stat_field.STAT_EVENT_MAX]: 4, [enums.stat_field.STAT_EVENT_OOM_KILL]: 1 };
    expect(box.toEvents(decoded(statBytes(1_000, 9, values)))).toMatchObject([{ events: [{ max: 4, oomKill: 1 }] }]);
  });
});

describe('sums of the hooks', () => {
  const at = structs.cgroup_pressure.at;
  const sums = (stalls: number, reclaims: number, sleeps: number): Writes => [
    [at.stall_ns, stalls * 1_000_000],
    [at.stalls, stalls],
    [at.reclaim_ns, reclaims * 2_000_000],
    [at.reclaims, reclaims],
    [at.pages_asked, reclaims * 2],
    [at.pages_freed, reclaims],
    [at.latency + 3 * 4, reclaims, 32],
    [at.throttle_ns, sleeps * 12_000_000],
    [at.throttles, sleeps],
  ];

  it('of a cgroup that came after the first reading count from zero', () => {
    const box = timeline();
    expect(box.toEvents(decoded(pressureBytes(1_000, null)))).toEqual([]);
    expect(box.toEvents(decoded(pressureBytes(2_000, sums(1, 2, 3))))).toMatchObject([
      { topic: '/pressure', cgroups: [{ id: 9, spanUs: 1_000, stallUs: 1_000, stalls: 1, someUs: null }] },
      {
        topic: '/reclaim',
        cgroups: [{ runs: 2, reclaimUs: 4_000, askedBytes: 16_384, freedBytes: 8_192, latencyCounts: [0, 0, 0, 2] }],
      },
      { topic: '/throttle', cgroups: [{ id: 9, sleeps: 3, sleepUs: 36_000 }] },
    ]);
  });

  it('that stood there before the first reading are no news', () => {
    const box = timeline();
    expect(box.toEvents(decoded(pressureBytes(1_000, sums(5, 5, 5))))).toEqual([]);
    expect(box.toEvents(decoded(pressureBytes(2_000, sums(6, 5, 5))))).toMatchObject([{ cgroups: [{ stalls: 1 }] }]);
  });

  it('say nothing of stalls where their hooks are not attached', () => {
    const box = new MemoryTimeline(PAGE_BYTES, { stalls: false });
    box.toEvents(decoded(pressureBytes(1_000, null)));
    expect(box.toEvents(decoded(pressureBytes(2_000, sums(0, 0, 1)))).map(({ topic }) => topic)).toEqual(['/throttle']);
  });
});

describe('the node', () => {
  it("has kubelet's memory.available, and activity from the second reading on", () => {
    const { NODE_MEM_TOTAL, NODE_ROOT_USAGE, NODE_ROOT_INACTIVE_FILE, NODE_SCANNED_DIRECT, NODE_KSWAPD_RUNS } =
      enums.node_field;
    const { at, bytes } = structs.node_record;
    const read = (tUs: number, scanned: number, runs: number) => {
      const values = {
        ...{ [NODE_MEM_TOTAL]: 10_000, [NODE_ROOT_USAGE]: 6_000, [NODE_ROOT_INACTIVE_FILE]: 2_000 },
        ...{ [NODE_SCANNED_DIRECT]: scanned, [NODE_KSWAPD_RUNS]: runs },
      };
      return decoded(record('RECORD_NODE', tUs, { bytes, writes: fields(values, at.present, at.values) }));
    };
    const box = timeline();
    expect(box.toEvents(read(1_000, 5, 0))).toMatchObject([{ kubeletAvailableBytes: 6_000, activity: null }]);
    expect(box.toEvents(read(3_000, 7, 1))).toMatchObject([
      { activity: { spanUs: 2_000, directScannedBytes: 8_192, oomKills: null } },
      { topic: '/reclaim', cgroups: [], kswapd: { spanUs: 2_000, runs: 1, activeUs: 0 } },
    ]);
  });
});
