import fc from 'fast-check';
import type { CgroupMemory } from '../../src/events/cgroup.js';
import type { Candidate, EpisodeEvent, OomChoice } from '../../src/events/episode.js';
import type { OomscopeEvent, Topic } from '../../src/events/event.js';
import type { LossEvent } from '../../src/events/loss.js';
import type { ProcessFacts, ProcessMemory } from '../../src/events/process.js';
import type { SessionEvent } from '../../src/events/session.js';
import type { VictimEvent } from '../../src/events/victim.js';

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
const attachMode = fc.constantFrom('fentry', 'kprobe', 'tracepoint', 'none');

const processFacts: fc.Arbitrary<ProcessFacts> = record({
  pid: i32,
  tid: i32,
  uid: u32,
  comm: text,
  startUs: nullable(amount),
  adj: i32,
  cgroupId: nullable(amount),
  cgroupPath: nullable(text),
});

const processMemory: fc.Arbitrary<ProcessMemory> = record({
  rssAnonBytes: amount,
  rssFileBytes: amount,
  rssShmemBytes: amount,
  swapBytes: amount,
  pageTableBytes: amount,
});

const cgroup: fc.Arbitrary<CgroupMemory> = record({
  id: amount,
  path: nullable(text),
  pathTruncated: fc.boolean(),
  level: u32,
  usageBytes: nullable(amount),
  maxBytes: limit,
  highBytes: limit,
  swapBytes: nullable(amount),
  swapMaxBytes: limit,
  swapIsMemsw: fc.boolean(),
  oomGroup: fc.boolean(),
});

const candidate: fc.Arbitrary<Candidate> = fc
  .tuple(
    processFacts,
    processMemory,
    record({
      status: fc.constantFrom(
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
      ),
      points: nullable(signed),
    }),
  )
  .map(([facts, memory, rest]) => ({ ...facts, ...memory, ...rest }));

const choice: fc.Arbitrary<OomChoice> = record({
  process: processFacts,
  choiceUs: amount,
  how: fc.constantFrom('selected', 'allocating-task'),
  points: nullable(signed),
});

export const arbitraryEpisode: fc.Arbitrary<EpisodeEvent> = record({
  topic: fc.constant('/oom/episode'),
  tUs: amount,
  episodeUs: amount,
  durationUs: amount,
  attachMode,
  trigger: nullable(processFacts),
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
  outcome: fc.constantFrom('killed', 'victim-dying', 'trigger-dying', 'no-candidate', 'declined', 'unfinished'),
  choice: nullable(choice),
  candidates: fc.array(candidate, { maxLength: 12 }),
  candidatesSeen: u32,
  candidatesLost: u32,
  kernelThreadsSkipped: u32,
  recordsLost: u32,
});

const victim: fc.Arbitrary<VictimEvent> = record({
  topic: fc.constant('/oom/victim'),
  tUs: amount,
  step: fc.constantFrom('marked', 'reaper-queued', 'reaper-started', 'reaper-finished', 'reaper-skipped', 'exited'),
  episodeUs: nullable(amount),
  tid: i32,
  process: nullable(processFacts),
  memory: nullable(processMemory),
  sigkilled: nullable(fc.boolean()),
  chosen: nullable(fc.boolean()),
  memorySharedBy: nullable(i32),
});

const session: fc.Arbitrary<SessionEvent> = record({
  topic: fc.constant('/session'),
  tUs: amount,
  bootId: text,
  hostname: text,
  kernelRelease: text,
  machine: text,
  pageSizeBytes: u32,
  cpuCount: u32,
  memoryTotalBytes: amount,
  swapTotalBytes: amount,
  cgroupVersion: fc.constantFrom(1, 2, null),
  anchorBootUs: amount,
  anchorEpochUs: amount,
  oomscopeVersion: text,
  attachMode,
  programs: fc.array(
    record({ name: text, state: fc.constantFrom('attached', 'left-out', 'failed'), reason: nullable(text) }),
    { maxLength: 4 },
  ),
  missing: fc.array(record({ code: text, what: text, lost: text, remedy: text }), { maxLength: 3 }),
  adopted: nullable(record({ gapFromUs: amount, gapToUs: amount, how: fc.constantFrom('adopted', 'replaced') })),
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
    'client-queue',
    'output-queue',
    'recorder',
  ),
  count: amount,
  meaning: text,
});

/** One arbitrary per topic: a new topic does not compile until it is here. */
export const ARBITRARY_EVENT = {
  '/session': session,
  '/oom/episode': arbitraryEpisode,
  '/oom/victim': victim,
  '/loss': loss,
} satisfies Record<Topic, fc.Arbitrary<OomscopeEvent>>;

export const arbitraryEvent: fc.Arbitrary<OomscopeEvent> = fc.oneof(...Object.values(ARBITRARY_EVENT));
