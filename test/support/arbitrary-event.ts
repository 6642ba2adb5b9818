import fc from 'fast-check';
import type { CgroupMemory } from '../../src/events/cgroup.js';
import type { CgroupEvent } from '../../src/events/cgroup-life.js';
import type { Candidate, EpisodeEvent, OomChoice } from '../../src/events/episode.js';
import type { OomscopeEvent, Topic } from '../../src/events/event.js';
import type { GapEvent } from '../../src/events/gap.js';
import type { IdentityEvent } from '../../src/events/identity.js';
import type { KillEvent } from '../../src/events/kill.js';
import type { KubeEvent } from '../../src/events/kube.js';
import type { LossEvent } from '../../src/events/loss.js';
import type { CgroupSample, MemorySampleEvent } from '../../src/events/memory-sample.js';
import type { CgroupStat, MemoryEventCounts, MemoryStatEvent } from '../../src/events/memory-stat.js';
import type { NearMissEvent } from '../../src/events/near-miss.js';
import type { NodeActivity, NodeEvent } from '../../src/events/node.js';
import type { CgroupPressure, PressureEvent } from '../../src/events/pressure.js';
import type { ProcessFacts, ProcessMemory, TriggerFacts } from '../../src/events/process.js';
import type { ProcessCgroup, ProcessRow, ProcessSampleEvent } from '../../src/events/process-sample.js';
import type { CgroupReclaim, ReclaimEvent } from '../../src/events/reclaim.js';
import type { SessionEvent } from '../../src/events/session.js';
import type { CgroupThrottle, ThrottleEvent } from '../../src/events/throttle.js';
import type { VictimEvent } from '../../src/events/victim.js';
import { APPROXIMATIONS } from '../../src/model/approximations.js';

/** Any event that the types and the records of bpf/events.h allow, its extremes included. */

const u32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 32 - 1));
const i32 = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), -1, 0, 2 ** 31 - 1));
const amount = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const signed = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MIN_SAFE_INTEGER, -1, 0, Number.MAX_SAFE_INTEGER),
);
/** Any text, its control, bidi and astral characters included. */
const text = fc.string({ unit: 'binary', maxLength: 40 });
/** Plain objects, as ours are: fast-check's own default also makes objects without a prototype. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields, { noNullPrototype: true });
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const limit = fc.oneof(amount, fc.constant('max' as const), fc.constant(null));
const attachMode = fc.constantFrom('fentry', 'kprobe', 'tracepoint', 'none', 'log');

const processFacts: fc.Arbitrary<ProcessFacts> = record({
  pid: i32,
  tid: i32,
  uid: nullable(u32),
  comm: text,
  startUs: nullable(amount),
  adj: nullable(i32),
  cgroupId: nullable(amount),
  cgroupPath: nullable(text),
});

const triggerFacts: fc.Arbitrary<TriggerFacts> = fc
  .tuple(processFacts, record({ pid: nullable(i32), tid: nullable(i32) }))
  .map(([facts, ids]) => ({ ...facts, ...ids }));

const processMemory: fc.Arbitrary<ProcessMemory> = record({
  rssBytes: nullable(amount),
  rssAnonBytes: nullable(amount),
  rssFileBytes: nullable(amount),
  rssShmemBytes: nullable(amount),
  swapBytes: nullable(amount),
  pageTableBytes: nullable(amount),
});

const cgroup: fc.Arbitrary<CgroupMemory> = record({
  id: nullable(amount),
  path: nullable(text),
  pathTruncated: fc.boolean(),
  level: nullable(u32),
  usageBytes: nullable(amount),
  maxBytes: limit,
  highBytes: limit,
  swapBytes: nullable(amount),
  swapMaxBytes: limit,
  swapIsMemsw: fc.boolean(),
  oomGroup: nullable(fc.boolean()),
});

const candidateStatus: fc.Arbitrary<Candidate['status']> = fc.constantFrom(
  'scored',
  'oom-origin',
  'skipped-init',
  'skipped-not-in-domain',
  'dying',
  'skipped-reaped',
  'skipped-adj-min',
  'skipped-no-mm',
  'skipped-mm-skip',
  'skipped-vfork',
  'skipped',
);

const candidate: fc.Arbitrary<Candidate> = fc
  .tuple(
    processFacts,
    processMemory,
    record({
      uid: u32,
      adj: i32,
      status: candidateStatus,
      points: nullable(signed),
    }),
  )
  .map(([facts, memory, rest]) => ({ ...facts, ...memory, ...rest }));

const choice: fc.Arbitrary<OomChoice> = record({
  process: processFacts,
  choiceUs: amount,
  how: fc.constantFrom('selected', 'allocating-task'),
  points: nullable(signed),
  score: nullable(amount),
});

export const arbitraryEpisode: fc.Arbitrary<EpisodeEvent> = record({
  topic: fc.constant('/oom/episode'),
  tUs: amount,
  episodeUs: amount,
  durationUs: nullable(amount),
  attachMode,
  trigger: nullable(triggerFacts),
  triggerCgroup: nullable(cgroup),
  limitCgroup: nullable(cgroup),
  limitAncestors: fc.array(cgroup, { maxLength: 4 }),
  victimCgroup: nullable(cgroup),
  constraint: nullable(fc.constantFrom('none', 'cpuset', 'memory-policy', 'memcg')),
  sysrq: nullable(fc.boolean()),
  gfpMask: nullable(u32),
  order: nullable(i32),
  nodemask: nullable(fc.array(u32, { maxLength: 5 })),
  totalPages: nullable(amount),
  pageSizeBytes: u32,
  outcome: fc.constantFrom(
    'killed',
    'victim-dying',
    'trigger-dying',
    'no-candidate',
    'declined',
    'unfinished',
    'panic',
  ),
  choice: nullable(choice),
  candidates: fc.array(candidate, { maxLength: 12 }),
  candidatesSeen: nullable(u32),
  candidatesLost: nullable(u32),
  kernelThreadsSkipped: nullable(u32),
  recordsLost: u32,
  approximations: fc.subarray([...APPROXIMATIONS]),
});

const victim: fc.Arbitrary<VictimEvent> = record({
  topic: fc.constant('/oom/victim'),
  tUs: amount,
  step: fc.constantFrom(
    'marked',
    'delivered',
    'reaper-queued',
    'reaper-started',
    'reaper-finished',
    'reaper-skipped',
    'reaper-gave-up',
    'killed-for-sharing',
    'exited',
  ),
  episodeUs: nullable(amount),
  tid: i32,
  process: nullable(processFacts),
  memory: nullable(processMemory),
  sigkilled: nullable(fc.boolean()),
  chosen: nullable(fc.boolean()),
  memorySharedBy: nullable(i32),
  commandLine: nullable(text),
  containerPid: nullable(i32),
});

const session: fc.Arbitrary<SessionEvent> = record({
  topic: fc.constant('/session'),
  tUs: amount,
  bootId: nullable(text),
  hostname: nullable(text),
  kernelRelease: nullable(text),
  machine: nullable(text),
  pageSizeBytes: nullable(u32),
  cpuCount: nullable(u32),
  memoryTotalBytes: nullable(amount),
  swapTotalBytes: nullable(amount),
  cgroupVersion: fc.constantFrom(1, 2, null),
  clock: fc.constantFrom('boot', 'date', 'order'),
  anchorBootUs: amount,
  anchorEpochUs: nullable(amount),
  oomscopeVersion: text,
  attachMode,
  programs: fc.array(
    record({ name: text, state: fc.constantFrom('attached', 'left-out', 'failed'), reason: nullable(text) }),
    { maxLength: 4 },
  ),
  missing: fc.array(record({ code: text, what: text, lost: text, remedy: text }), { maxLength: 3 }),
  adopted: nullable(record({ gapFromUs: amount, gapToUs: amount, how: fc.constantFrom('adopted', 'replaced') })),
  sampling: nullable(record({ how: fc.constantFrom('iterator', 'files'), calmUs: amount, hotUs: amount })),
  eviction: nullable(record({ hardBytes: nullable(amount), softBytes: nullable(amount), source: text })),
});

const identity: fc.Arbitrary<IdentityEvent> = record({
  topic: fc.constant('/identity'),
  tUs: amount,
  podUid: text,
  namespace: nullable(text),
  pod: nullable(text),
  containers: fc.array(
    record({ id: text, name: nullable(text), image: nullable(text), memoryLimitBytes: nullable(amount) }),
    { maxLength: 3 },
  ),
  labels: nullable(
    record({ kept: fc.array(record({ name: text, value: text }), { maxLength: 3 }), leftOut: fc.nat() }),
  ),
  gone: fc.boolean(),
  unnamed: nullable(text),
});

const loss: fc.Arbitrary<LossEvent> = record({
  topic: fc.constant('/loss'),
  tUs: amount,
  where: fc.constantFrom(
    'ring-kills',
    'ring-ballot',
    'ring-bulk',
    'program-missed',
    'addon-buffer',
    'undecodable',
    'episode-unended',
    'episode-without-kill',
    'client-queue',
    'output-queue',
    'recorder',
    'kernel-map',
  ),
  count: amount,
  meaning: text,
});

/** In columns, amounts stand moved by two at most, so they end below 2^52. */
const columnAmount = fc.oneof(
  fc.nat(),
  fc.maxSafeNat().map((n) => n % 2 ** 52),
  fc.constantFrom(0, 2 ** 52),
);
const columnLimit = fc.oneof(columnAmount, fc.constant('max' as const), fc.constant(null));
const cgroupId = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
const rows = <T>(row: fc.Arbitrary<T>) => fc.array(row, { maxLength: 6 });

const cgroupLife: fc.Arbitrary<CgroupEvent> = record({
  topic: fc.constant('/cgroup'),
  tUs: amount,
  change: fc.constantFrom('present', 'appeared', 'vanished', 'renamed'),
  id: cgroupId,
  path: nullable(text),
  level: u32,
});

const cgroupSample: fc.Arbitrary<CgroupSample> = record({
  id: cgroupId,
  usageBytes: nullable(columnAmount),
  swapBytes: nullable(columnAmount),
  maxBytes: columnLimit,
  highBytes: columnLimit,
  lowBytes: columnLimit,
  minBytes: columnLimit,
});

const memorySample: fc.Arbitrary<MemorySampleEvent> = record({
  topic: fc.constant('/memory/sample'),
  tUs: amount,
  kind: fc.constantFrom('full', 'delta'),
  intervalUs: columnAmount,
  cgroupsRead: u32,
  cgroups: rows(cgroupSample),
});

const cgroupStat: fc.Arbitrary<CgroupStat> = record({
  id: cgroupId,
  anonBytes: nullable(columnAmount),
  fileBytes: nullable(columnAmount),
  activeFileBytes: nullable(columnAmount),
  inactiveFileBytes: nullable(columnAmount),
  mappedFileBytes: nullable(columnAmount),
  dirtyFileBytes: nullable(columnAmount),
  writebackFileBytes: nullable(columnAmount),
  shmemBytes: nullable(columnAmount),
  kernelBytes: nullable(columnAmount),
  slabReclaimableBytes: nullable(columnAmount),
  slabUnreclaimableBytes: nullable(columnAmount),
  pageTableBytes: nullable(columnAmount),
  sockBytes: nullable(columnAmount),
  unevictableBytes: nullable(columnAmount),
  swapBytes: nullable(columnAmount),
  zswapBytes: nullable(columnAmount),
  workingSetBytes: nullable(columnAmount),
});

const eventCounts: fc.Arbitrary<MemoryEventCounts> = record({
  id: cgroupId,
  low: nullable(columnAmount),
  high: nullable(columnAmount),
  max: nullable(columnAmount),
  oom: nullable(columnAmount),
  oomKill: nullable(columnAmount),
  oomGroupKill: nullable(columnAmount),
});

const memoryStat: fc.Arbitrary<MemoryStatEvent> = record({
  topic: fc.constant('/memory/stat'),
  tUs: amount,
  cgroups: rows(cgroupStat),
  events: nullable(rows(eventCounts)),
  eventsLocal: nullable(rows(eventCounts)),
});

const nodeActivity: fc.Arbitrary<NodeActivity> = record({
  spanUs: amount,
  directScannedBytes: nullable(amount),
  directFreedBytes: nullable(amount),
  kswapdScannedBytes: nullable(amount),
  kswapdFreedBytes: nullable(amount),
  swapInBytes: nullable(amount),
  swapOutBytes: nullable(amount),
  fileRefaultBytes: nullable(amount),
  allocStalls: nullable(amount),
  majorFaults: nullable(amount),
  oomKills: nullable(amount),
});

const node: fc.Arbitrary<NodeEvent> = record({
  topic: fc.constant('/node'),
  tUs: amount,
  memTotalBytes: amount,
  memFreeBytes: amount,
  memAvailableBytes: nullable(amount),
  kubeletAvailableBytes: nullable(amount),
  buffersBytes: amount,
  cachedBytes: amount,
  activeAnonBytes: nullable(amount),
  inactiveAnonBytes: nullable(amount),
  activeFileBytes: nullable(amount),
  inactiveFileBytes: nullable(amount),
  unevictableBytes: nullable(amount),
  anonBytes: nullable(amount),
  mappedBytes: nullable(amount),
  shmemBytes: nullable(amount),
  dirtyBytes: nullable(amount),
  writebackBytes: nullable(amount),
  slabReclaimableBytes: nullable(amount),
  slabUnreclaimableBytes: nullable(amount),
  kernelStackBytes: nullable(amount),
  pageTableBytes: nullable(amount),
  percpuBytes: nullable(amount),
  hugetlbBytes: nullable(amount),
  committedBytes: nullable(amount),
  swapTotalBytes: amount,
  swapFreeBytes: amount,
  swapCachedBytes: nullable(amount),
  activity: nullable(nodeActivity),
});

const cgroupPressure: fc.Arbitrary<CgroupPressure> = record({
  id: cgroupId,
  spanUs: columnAmount,
  someUs: nullable(columnAmount),
  fullUs: nullable(columnAmount),
  stallUs: nullable(columnAmount),
  stalls: nullable(columnAmount),
});

const pressure: fc.Arbitrary<PressureEvent> = record({
  topic: fc.constant('/pressure'),
  tUs: amount,
  node: nullable(record({ spanUs: amount, someUs: amount, fullUs: amount })),
  cgroups: rows(cgroupPressure),
});

const cgroupReclaim: fc.Arbitrary<CgroupReclaim> = record({
  id: cgroupId,
  spanUs: columnAmount,
  runs: columnAmount,
  reclaimUs: columnAmount,
  askedBytes: columnAmount,
  freedBytes: columnAmount,
  latencyCounts: fc.array(amount, { maxLength: 30 }),
});

const reclaim: fc.Arbitrary<ReclaimEvent> = record({
  topic: fc.constant('/reclaim'),
  tUs: amount,
  cgroups: rows(cgroupReclaim),
  kswapd: nullable(record({ spanUs: amount, runs: amount, activeUs: amount })),
});

const cgroupThrottle: fc.Arbitrary<CgroupThrottle> = record({
  id: cgroupId,
  spanUs: columnAmount,
  sleeps: columnAmount,
  sleepUs: columnAmount,
});

const throttle: fc.Arbitrary<ThrottleEvent> = record({
  topic: fc.constant('/throttle'),
  tUs: amount,
  cgroups: rows(cgroupThrottle),
});

const nearMiss: fc.Arbitrary<NearMissEvent> = record({
  topic: fc.constant('/near-miss'),
  tUs: amount,
  cgroupId: nullable(cgroupId),
  what: fc.constantFrom('episode-without-kill', 'max-events', 'throttled'),
  spanUs: columnAmount,
  count: columnAmount,
  throttledUs: nullable(columnAmount),
});

const processRow: fc.Arbitrary<ProcessRow> = record({
  pid: fc.integer({ min: 1, max: 2 ** 22 }),
  uid: u32,
  comm: text,
  startUs: nullable(columnAmount),
  adj: i32,
  cgroupId: nullable(cgroupId.map((id) => id % 2 ** 52)),
  rssAnonBytes: nullable(columnAmount),
  rssFileBytes: nullable(columnAmount),
  rssShmemBytes: nullable(columnAmount),
  swapBytes: nullable(columnAmount),
  pageTableBytes: nullable(columnAmount),
  status: candidateStatus,
});

const processCgroup: fc.Arbitrary<ProcessCgroup> = record({
  id: cgroupId,
  maxBytes: columnLimit,
  swapMaxBytes: columnLimit,
  oomGroup: fc.boolean(),
});

const processSample: fc.Arbitrary<ProcessSampleEvent> = record({
  topic: fc.constant('/process'),
  tUs: amount,
  whyProc: nullable(text),
  processesSeen: u32,
  limitsSeen: u32,
  ramBytes: amount,
  swapTotalBytes: amount,
  swappiness: nullable(u32),
  processes: rows(processRow),
  cgroups: rows(processCgroup),
});

const gap: fc.Arbitrary<GapEvent> = record({
  topic: fc.constant('/gap'),
  tUs: amount,
  fromUs: columnAmount,
  intervalUs: columnAmount,
  ticksMissed: columnAmount,
});

const kill: fc.Arbitrary<KillEvent> = record({
  topic: fc.constant('/kill'),
  tUs: amount,
  step: fc.constantFrom('sent', 'delivered', 'memory-released', 'exited'),
  killUs: amount,
  how: fc.constantFrom('signal', 'cgroup-kill'),
  signal: fc.constantFrom('SIGKILL', 'SIGTERM'),
  sender: nullable(record({ process: processFacts, commandLine: nullable(text), parentPid: i32, parentComm: text })),
  target: processFacts,
  memory: nullable(processMemory),
  commandLine: nullable(text),
  killedCgroup: nullable(record({ id: amount, path: nullable(text) })),
});

const kube: fc.Arbitrary<KubeEvent> = record({
  topic: fc.constant('/kube'),
  tUs: amount,
  node: text,
  obstacle: nullable(text),
  pods: fc.array(
    record({
      uid: text,
      namespace: text,
      name: text,
      owner: nullable(record({ kind: text, name: text })),
      containers: fc.array(
        record({ id: nullable(text), name: text, requestBytes: nullable(amount), limitBytes: nullable(amount) }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
  conditions: fc.array(record({ type: text, status: fc.constantFrom('true', 'false', 'unknown'), reason: text }), {
    maxLength: 3,
  }),
  notices: fc.array(
    record({ kind: text, namespace: text, name: text, reason: text, message: text, atUs: amount, count: amount }),
    { maxLength: 3 },
  ),
});

/** One arbitrary per topic: a new topic does not compile until it is here. */
export const ARBITRARY_EVENT = {
  '/session': session,
  '/oom/episode': arbitraryEpisode,
  '/oom/victim': victim,
  '/identity': identity,
  '/loss': loss,
  '/cgroup': cgroupLife,
  '/memory/sample': memorySample,
  '/memory/stat': memoryStat,
  '/node': node,
  '/pressure': pressure,
  '/reclaim': reclaim,
  '/throttle': throttle,
  '/near-miss': nearMiss,
  '/gap': gap,
  '/kill': kill,
  '/process': processSample,
  '/kube': kube,
} satisfies Record<Topic, fc.Arbitrary<OomscopeEvent>>;

export const arbitraryEvent: fc.Arbitrary<OomscopeEvent> = fc.oneof(...Object.values(ARBITRARY_EVENT));
