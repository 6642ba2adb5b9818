import type { CgroupMemory } from '../../events/cgroup.js';
import type { Candidate, EpisodeEvent } from '../../events/episode.js';
import type { ProcessFacts } from '../../events/process.js';
import type { AttachMode } from '../../events/session.js';
import { ancestorPath, type CgroupPaths } from './cgroup-path.js';
import type { CgroupRecord, KernelRecord, RecordedCgroup } from './records.js';

/** A record that belongs to an episode, rather than to a victim. */
export type EpisodeRecord = Extract<
  KernelRecord,
  { kind: 'episode-begin' | 'cgroup' | 'candidate' | 'choice' | 'episode-end' }
>;
type RecordOf<K extends EpisodeRecord['kind']> = Extract<EpisodeRecord, { kind: K }>;

/** The records of one episode as they arrive, until it is whole. */
export class PendingEpisode {
  private begin: RecordOf<'episode-begin'> | null = null;
  private choice: RecordOf<'choice'> | null = null;
  private end: RecordOf<'episode-end'> | null = null;
  private readonly candidates: Candidate[] = [];
  private readonly ancestors: RecordedCgroup[] = [];
  private readonly cgroups: { limit?: RecordedCgroup; trigger?: RecordedCgroup; victim?: RecordedCgroup } = {};
  private lastUs: number;

  constructor(readonly episodeUs: number) {
    this.lastUs = episodeUs;
  }

  get ended(): boolean {
    return this.end !== null;
  }

  /** The kernel side refused all its records but candidates: it killed nobody, and the ring was half full. */
  get onlyCandidates(): boolean {
    const { cgroups, ancestors } = this;
    const others = [this.begin, this.choice, this.end, cgroups.limit, cgroups.trigger, cgroups.victim];
    return ancestors.length === 0 && others.every((record) => record === null || record === undefined);
  }

  private addCgroup({ role, cgroup }: CgroupRecord): void {
    switch (role) {
      case 'ancestor':
        this.ancestors.push(cgroup);
        break;
      case 'limit':
      case 'trigger':
      case 'victim':
        this.cgroups[role] = cgroup;
        break;
      default:
      // Of a kill by user space: not an episode's.
    }
  }

  add(record: EpisodeRecord): void {
    this.lastUs = Math.max(this.lastUs, record.tUs);
    switch (record.kind) {
      case 'episode-begin':
        this.begin = record;
        break;
      case 'cgroup':
        this.addCgroup(record);
        break;
      case 'candidate':
        this.candidates.push(record.candidate);
        break;
      case 'choice':
        this.choice = record;
        break;
      case 'episode-end':
        this.end = record;
        break;
    }
  }

  /** What is known of it now; 'unfinished' without its end. */
  toEvent(attachMode: AttachMode, pageSizeBytes: number, paths: CgroupPaths): EpisodeEvent {
    const { begin, choice, end } = this;
    const named = <P extends ProcessFacts>(process: P): P => ({ ...process, cgroupPath: paths.find(process.cgroupId) });
    const constraint = end?.constraint ?? choice?.constraint ?? null;
    const received = this.candidates.length;
    const seen = Math.max(end?.candidatesSeen ?? 0, received);
    return {
      topic: '/oom/episode',
      tUs: end?.tUs ?? this.lastUs,
      episodeUs: this.episodeUs,
      durationUs: (end?.tUs ?? this.lastUs) - this.episodeUs,
      attachMode,
      trigger: begin === null ? null : named(begin.trigger),
      triggerCgroup: this.cgroups.trigger ?? null,
      limitCgroup: this.cgroups.limit ?? unreadCgroup(begin?.limitCgroupId ?? null, paths),
      limitAncestors: this.namedAncestors(),
      victimCgroup: this.cgroups.victim ?? null,
      constraint,
      sysrq: begin === null ? null : begin.order === -1,
      gfpMask: begin?.gfpMask ?? null,
      order: begin?.order ?? null,
      // On entry the mask can also be the cpuset's own: the kernel drops it unless a mempolicy is what failed.
      nodemask: constraint === 'memory-policy' ? (begin?.nodemask ?? null) : null,
      totalPages: end?.totalPages ?? choice?.totalPages ?? null,
      pageSizeBytes,
      outcome: end?.outcome ?? 'unfinished',
      choice: choice === null ? null : { ...choice.choice, process: named(choice.choice.process) },
      candidates: this.candidates.map(named),
      candidatesSeen: seen,
      // The ring is not the only place where a candidate can be lost on its way here.
      candidatesLost: Math.max(end?.candidatesLost ?? 0, seen - received),
      kernelThreadsSkipped: end?.kernelThreadsSkipped ?? 0,
      recordsLost: end?.recordsLost ?? 0,
      approximations: [],
    };
  }

  private namedAncestors(): CgroupMemory[] {
    const { limit } = this.cgroups;
    if (limit === undefined) return this.ancestors;
    return this.ancestors.map((ancestor) => {
      const path = ancestorPath(limit, ancestor.level);
      return { ...ancestor, path, pathTruncated: path?.startsWith('…') ?? limit.pathTruncated };
    });
  }
}

/** A cgroup of which only the id arrived. */
function unreadCgroup(id: number | null, paths: CgroupPaths): CgroupMemory | null {
  if (id === null) return null;
  const path = paths.find(id);
  return {
    id,
    path,
    pathTruncated: path?.startsWith('…') ?? false,
    level: null,
    usageBytes: null,
    maxBytes: null,
    highBytes: null,
    swapBytes: null,
    swapMaxBytes: null,
    swapIsMemsw: false,
    oomGroup: null,
  };
}
