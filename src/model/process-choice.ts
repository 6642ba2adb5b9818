import type { CgroupMemory } from '../events/cgroup.js';
import type { Candidate } from '../events/episode.js';
import { badnessPoints } from './badness.js';
import { cgroupTotalPages, nodeTotalPages, type RankInput } from './rank.js';

/** How many of each are told: enough for a victim, its margin and a picture of the rest. */
const PICK = { byMemory: 48, byNodePoints: 24, byLimitPoints: 3, dying: 8 } as const;
/** Of all, in one sample. */
export const MAX_PROCESSES = 160;

export interface ProcessChoice {
  readonly processes: readonly Candidate[];
  /** Those with a limit whose next victim, and the one after it, is among the processes. */
  readonly ranked: readonly CgroupMemory[];
  /** How many with a limit hold processes. */
  readonly limitsSeen: number;
}

/**
 * The processes that are worth telling: those that hold most, those that would die first on the node, and in each cgroup with a limit,
 * the fullest first, until there are enough. Pure; a node has some hundred processes, and this runs each second.
 */
export function chooseProcesses(input: RankInput): ProcessChoice {
  // Of equals the kernel takes the last one: in a cgroup that was made later, or that began later.
  const tasks = [...input.tasks].sort(
    (a, b) => (a.cgroupId ?? 0) - (b.cgroupId ?? 0) || (a.startUs ?? 0) - (b.startUs ?? 0),
  );
  const chosen = new Set<Candidate>(tasks.filter(({ status }) => status === 'dying').slice(0, PICK.dying));
  for (const task of first(tasks, memoryBytes, PICK.byMemory)) chosen.add(task);
  const onNode = scoreBy(nodeTotalPages(input), input.pageSizeBytes);
  for (const task of first(tasks, onNode, PICK.byNodePoints)) chosen.add(task);
  const { ranked, limitsSeen } = addLimits(input, tasks, chosen);
  return { processes: [...chosen], ranked, limitsSeen };
}

function addLimits(
  input: RankInput,
  tasks: readonly Candidate[],
  chosen: Set<Candidate>,
): Pick<ProcessChoice, 'ranked' | 'limitsSeen'> {
  const groups = [...tasksByLimit(input, tasks)].sort(([a], [b]) => fullness(b) - fullness(a));
  const ranked: CgroupMemory[] = [];
  for (const [cgroup, members] of groups) {
    const score = scoreBy(cgroupTotalPages(cgroup, input) ?? 0, input.pageSizeBytes);
    const picked = first(members, score, PICK.byLimitPoints).filter((task) => !chosen.has(task));
    if (chosen.size + picked.length > MAX_PROCESSES) continue;
    for (const task of picked) chosen.add(task);
    ranked.push(cgroup);
  }
  return { ranked, limitsSeen: groups.length };
}

/** Of each cgroup with a limit the processes in it and below it. */
function tasksByLimit(
  { cgroups }: RankInput,
  tasks: readonly Candidate[],
): ReadonlyMap<CgroupMemory, readonly Candidate[]> {
  const limits = new Map(cgroups.flatMap((each) => (typeof each.maxBytes === 'number' ? [[each.path, each]] : [])));
  const groups = new Map<CgroupMemory, Candidate[]>();
  for (const task of tasks) {
    for (const path of upwards(task.cgroupPath)) {
      const limit = limits.get(path);
      if (limit === undefined) continue;
      const members = groups.get(limit);
      if (members === undefined) groups.set(limit, [task]);
      else members.push(task);
    }
  }
  return groups;
}

/** The path itself, then those above it, without the root. */
export function upwards(path: string | null): string[] {
  const paths: string[] = [];
  for (let at = path ?? ''; at.length > 1; at = at.slice(0, at.lastIndexOf('/'))) paths.push(at);
  return paths;
}

function fullness({ usageBytes, maxBytes }: CgroupMemory): number {
  return typeof maxBytes === 'number' ? (usageBytes ?? 0) / Math.max(1, maxBytes) : 0;
}

type Score = (task: Candidate) => number | null;

function scoreBy(totalPages: number, pageSizeBytes: number): Score {
  return (task) => {
    if (task.status === 'oom-origin') return Number.POSITIVE_INFINITY;
    return task.status === 'scored' ? badnessPoints(task, totalPages, pageSizeBytes) : null;
  };
}

function memoryBytes(task: Candidate): number {
  return (task.rssAnonBytes ?? 0) + (task.rssFileBytes ?? 0) + (task.rssShmemBytes ?? 0) + (task.swapBytes ?? 0);
}

/** Those with the most, of equals the last. */
function first(tasks: readonly Candidate[], score: Score, count: number): Candidate[] {
  return tasks
    .flatMap((task, place) => {
      const points = score(task);
      return points === null ? [] : [{ task, place, points }];
    })
    .sort((a, b) => b.points - a.points || b.place - a.place)
    .slice(0, count)
    .map(({ task }) => task);
}
