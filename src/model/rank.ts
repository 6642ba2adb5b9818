import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import { badnessPoints } from './badness.js';
import { type Ballot, type BallotInput, rankBallot } from './ballot.js';
import { type Selection, select } from './selection.js';

/** What the kernel would weigh on this host now. */
export interface RankInput {
  /** Without points: those depend on whose limit is hit. */
  readonly tasks: readonly Candidate[];
  /** In the kernel's order of walking the tree, the root first. */
  readonly cgroups: readonly CgroupMemory[];
  readonly pageSizeBytes: number;
  readonly ramBytes: number;
  readonly swapTotalBytes: number;
  /** vm.swappiness (v1: of the cgroup). 0 = a cgroup's swap does not count in its scale. Null = not known: as if above 0. */
  readonly swappiness: number | null;
}

/** Whom the kernel would kill, were this limit hit now. */
export interface Ranking {
  /** Whose limit; null = the memory of the whole node. */
  readonly cgroup: CgroupMemory | null;
  readonly totalPages: number;
  readonly pageSizeBytes: number;
  readonly candidates: readonly Candidate[];
  readonly next: Selection<Candidate>;
  readonly ballot: Ballot;
  /** memory.oom.group: all that stand in this cgroup die with it; null = it dies alone. */
  readonly group: { readonly path: string; readonly processes: number } | null;
}

/** Node-wide: constrained_alloc() scales adj by RAM and swap. */
export function rankNode(input: RankInput): Ranking {
  // The kernel's list is in the order in which processes began.
  const tasks = [...input.tasks].sort(byStart);
  return ranking(input, null, nodeTotalPages(input), tasks);
}

/** RAM and swap, in pages. */
export function nodeTotalPages({
  pageSizeBytes,
  ramBytes,
  swapTotalBytes,
}: Pick<RankInput, 'pageSizeBytes' | 'ramBytes' | 'swapTotalBytes'>): number {
  return Math.floor(ramBytes / pageSizeBytes) + Math.floor(swapTotalBytes / pageSizeBytes);
}

/** For a cgroup that has a limit; null where it has none: then nobody in it dies by it. */
export function rankCgroup(input: RankInput, cgroup: CgroupMemory): Ranking | null {
  const totalPages = cgroupTotalPages(cgroup, input);
  if (totalPages === null || cgroup.path === null) return null;
  const places = new Map(input.cgroups.map(({ path }, place) => [path, place]));
  const placeOf = ({ cgroupPath }: Candidate) => places.get(cgroupPath) ?? places.size;
  const { path } = cgroup;
  const tasks = input.tasks
    .filter(({ cgroupPath }) => cgroupPath !== null && isWithin(cgroupPath, path))
    .sort((a, b) => placeOf(a) - placeOf(b) || byStart(a, b));
  return ranking(input, cgroup, totalPages, tasks);
}

/** mem_cgroup_get_max(), in pages: the limit and as much swap as may be used; null = no limit. */
export function cgroupTotalPages(
  cgroup: CgroupMemory,
  { pageSizeBytes, swapTotalBytes, swappiness }: Pick<RankInput, 'pageSizeBytes' | 'swapTotalBytes' | 'swappiness'>,
): number | null {
  const { maxBytes, swapMaxBytes, swapIsMemsw } = cgroup;
  if (typeof maxBytes !== 'number') return null;
  const pages = (bytes: number) => Math.floor(bytes / pageSizeBytes);
  if (swappiness === 0) return pages(maxBytes);
  const allowed = swapMaxBytes === null || swapMaxBytes === 'max' ? swapTotalBytes : swapMaxBytes;
  const swap = swapIsMemsw && typeof swapMaxBytes === 'number' ? Math.max(0, allowed - maxBytes) : allowed;
  // Without swap accounting there is none to use.
  const usable = swapMaxBytes === null ? 0 : Math.min(swap, swapTotalBytes);
  return pages(maxBytes) + pages(usable);
}

/** Stands in it, or in a cgroup below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}

function ranking(
  input: RankInput,
  cgroup: CgroupMemory | null,
  totalPages: number,
  tasks: readonly Candidate[],
): Ranking {
  const { pageSizeBytes } = input;
  const candidates = tasks.map((task) =>
    task.status === 'scored' ? { ...task, points: badnessPoints(task, totalPages, pageSizeBytes) } : task,
  );
  const next = select(candidates);
  const victim = next.kind === 'victim' ? next.candidate : null;
  const chosen: BallotInput = {
    candidates,
    candidatesLost: 0,
    totalPages,
    pageSizeBytes,
    trigger: null,
    choice:
      victim === null ? null : { process: victim, choiceUs: 0, how: 'selected', points: victim.points, score: null },
  };
  const ballot = rankBallot(chosen);
  return { cgroup, totalPages, pageSizeBytes, candidates, next, ballot, group: groupOf(input, cgroup, victim) };
}

/** mem_cgroup_get_oom_group(): the outermost cgroup with memory.oom.group, from the victim's up to the limit's. */
function groupOf(input: RankInput, limit: CgroupMemory | null, victim: Candidate | null): Ranking['group'] {
  const victimPath = victim?.cgroupPath ?? null;
  if (victimPath === null) return null;
  const outermost = input.cgroups.find(
    ({ path, oomGroup, level }) =>
      oomGroup === true &&
      (level ?? 0) > 0 &&
      path !== null &&
      isWithin(victimPath, path) &&
      isWithin(path, limit?.path ?? '/'),
  );
  if (outermost === undefined || outermost.path === null) return null;
  const { path } = outermost;
  const members = input.tasks.filter(({ cgroupPath }) => cgroupPath !== null && isWithin(cgroupPath, path));
  return { path, processes: members.length };
}

function byStart(a: Candidate, b: Candidate): number {
  return (a.startUs ?? 0) - (b.startUs ?? 0) || a.pid - b.pid;
}
