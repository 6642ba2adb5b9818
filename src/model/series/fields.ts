import type { CgroupSample } from '../../events/memory-sample.js';
import type { CgroupStat } from '../../events/memory-stat.js';
import type { NodeEvent } from '../../events/node.js';
import type { CgroupPressure, PsiGrowth } from '../../events/pressure.js';
import type { CgroupReclaim } from '../../events/reclaim.js';
import type { CgroupThrottle } from '../../events/throttle.js';

/** What a coarse row says of the rows that it stands for: the last value, or the sum of what grew. */
export type Merge = 'last' | 'sum';

type FieldsOf<Row, Left extends keyof Row = never> = readonly Exclude<keyof Row & string, 'id' | Left>[];

const SAMPLE = [
  'usageBytes',
  'swapBytes',
  'maxBytes',
  'highBytes',
  'lowBytes',
  'minBytes',
] as const satisfies FieldsOf<CgroupSample>;

/** What one asks of the past; the newest values of the other fields are in the model. */
const STAT = [
  'anonBytes',
  'fileBytes',
  'activeFileBytes',
  'inactiveFileBytes',
  'dirtyFileBytes',
  'shmemBytes',
  'kernelBytes',
  'slabReclaimableBytes',
  'swapBytes',
  'workingSetBytes',
] as const satisfies FieldsOf<CgroupStat>;

/** PSI. */
const PRESSURE = ['spanUs', 'someUs', 'fullUs'] as const satisfies FieldsOf<CgroupPressure>;

/** Read at other moments than PSI, so over other spans: they are told in rows of their own. */
const STALLS = ['spanUs', 'stallUs', 'stalls'] as const satisfies FieldsOf<CgroupPressure>;

const RECLAIM = ['spanUs', 'runs', 'reclaimUs', 'askedBytes', 'freedBytes'] as const satisfies FieldsOf<CgroupReclaim>;

const THROTTLE = ['spanUs', 'sleeps', 'sleepUs'] as const satisfies FieldsOf<CgroupThrottle>;

const NODE = [
  'memTotalBytes',
  'memFreeBytes',
  'memAvailableBytes',
  'kubeletAvailableBytes',
  'cachedBytes',
  'anonBytes',
  'shmemBytes',
  'slabReclaimableBytes',
  'slabUnreclaimableBytes',
  'swapFreeBytes',
] as const satisfies FieldsOf<NodeEvent>;

const NODE_PRESSURE = ['spanUs', 'someUs', 'fullUs'] as const satisfies FieldsOf<PsiGrowth>;

/** What is kept of each kind of series, and how it is made coarse. */
export const KINDS = {
  sample: { fields: SAMPLE, merge: 'last' },
  stat: { fields: STAT, merge: 'last' },
  pressure: { fields: PRESSURE, merge: 'sum' },
  stalls: { fields: STALLS, merge: 'sum' },
  reclaim: { fields: RECLAIM, merge: 'sum' },
  throttle: { fields: THROTTLE, merge: 'sum' },
  /** Of the node; its id is NODE_ID. */
  node: { fields: NODE, merge: 'last' },
  nodePressure: { fields: NODE_PRESSURE, merge: 'sum' },
} as const satisfies Record<string, { readonly fields: readonly string[]; readonly merge: Merge }>;

export type Kind = keyof typeof KINDS;
export type Field<K extends Kind> = (typeof KINDS)[K]['fields'][number];

/** No cgroup has it. */
export const NODE_ID = 0;
