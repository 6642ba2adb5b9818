import { formatBytes, formatCount, formatDuration, plural } from '../../base/units.js';
import { adjPages } from '../badness.js';
import { adjDecided, sameProcess } from '../ballot.js';
import { cgroupName } from '../cause.js';
import { BURSTABLE_MIN, requestForAdj } from '../kubelet-adj.js';
import { processName } from '../summary.js';
import { privateBytes } from '../weights.js';
import type { Rule } from './facts.js';
import { inKubepods, quoted, unitOf } from './places.js';

/** The victim's adj alone decided. */
export const lowerTheVictimsAdj: Rule = ({ ballot, episode, counterfactuals, session }) => {
  const instead = ballot.withoutVictimAdj;
  const victim = episode.choice?.process;
  if (instead === null || !adjDecided(ballot) || victim === undefined || counterfactuals.kind === 'unknown')
    return null;
  const change = counterfactuals.adjChanges.find(({ candidate }) => sameProcess(candidate, victim));
  if (change === undefined || episode.totalPages === null || victim.adj === null) return null;
  const evidence = [
    `its oom_score_adj of ${victim.adj} added ${formatCount(adjPages(victim.adj, episode.totalPages))} points`,
    `with ${String(change.adj).replace('-', '−')} or less ${change.victim === null ? 'nobody' : processName(change.victim)} would have died`,
  ];
  const path = victim.cgroupPath ?? '';
  const nodeBytes = session?.memoryTotalBytes ?? null;
  const request = nodeBytes === null || change.adj < BURSTABLE_MIN ? null : requestForAdj(change.adj, nodeBytes);
  if (inKubepods(path) && request !== null) {
    const mebibytes = Math.ceil(request / 2 ** 20);
    return {
      says: `To spare ${processName(victim)}, let it request ${formatBytes(mebibytes * 2 ** 20)} of memory`,
      because: `kubelet makes the adj from the request`,
      evidence: [...evidence, `this node has ${formatBytes(nodeBytes ?? 0)}`],
      change: `resources:\n  requests:\n    memory: ${mebibytes}Mi  # oom_score_adj ${change.adj} or less`,
    };
  }
  const unit = unitOf(path);
  return {
    says: `To spare ${processName(victim)}, lower its oom_score_adj`,
    because: null,
    evidence,
    change:
      unit === null || inKubepods(path)
        ? `choom -n ${change.adj} -p ${victim.pid}`
        : `systemctl edit ${quoted(unit)}  # [Service] OOMScoreAdjust=${change.adj}`,
  };
};

/** memory.max kills at once; memory.high slows down first. */
export const throttleFirst: Rule = ({ cause, session }) => {
  if (cause.kind !== 'own-limit' && cause.kind !== 'ancestor-limit') return null;
  const { path, highBytes, maxBytes } = cause.cgroup;
  if (highBytes !== 'max' || typeof maxBytes !== 'number' || path === null || session?.cgroupVersion === 1) return null;
  const mebibytes = Math.max(1, Math.round((maxBytes * HIGH_SHARE) / 2 ** 20));
  const unit = unitOf(path);
  return {
    says: `Set memory.high of ${cgroupName(cause.cgroup)} below its limit`,
    because: `it slows down whoever grows before somebody is killed`,
    evidence: [`memory.high is max there: no throttling`, `memory.max is ${formatBytes(maxBytes)}`],
    change:
      unit === null || inKubepods(path)
        ? `echo ${mebibytes}M > ${quoted(`/sys/fs/cgroup${path}/memory.high`)}`
        : `systemctl set-property ${quoted(unit)} MemoryHigh=${mebibytes}M`,
  };
};
const HIGH_SHARE = 0.9;

/** It died for nothing, or nearly. */
export const futileKill: Rule = ({ effect, episode }) => {
  const { outcome, promisedBytes, freedBytes, fileBytes, shmemBytes, sharedBy } = effect;
  if (outcome !== 'futile' || promisedBytes === null || freedBytes === null) return null;
  const evidence = [`${formatBytes(freedBytes)} came back of ${formatBytes(promisedBytes)} that it was weighed with`];
  if (sharedBy > 0) {
    evidence.push(`${plural(sharedBy, 'other process', 'other processes')} still held its memory when it was gone`);
    return {
      says: 'Let those who share memory die together (memory.oom.group), or give them a cgroup of their own',
      because: null,
      evidence,
      change: groupChange(episode.choice?.process.cgroupPath ?? null),
    };
  }
  if (shmemBytes > fileBytes) {
    evidence.push(`${formatBytes(shmemBytes)} of it is shmem, which stays until its files are deleted`);
    return {
      says: 'Look for the tmpfs or shared memory that holds on',
      because: 'killing does not free it',
      evidence,
      change: null,
    };
  }
  evidence.push(`${formatBytes(fileBytes)} of it is file pages, which stay in the cache`);
  return {
    says: 'Do not count on killing it',
    because: 'most of what it is weighed with is not its own',
    evidence,
    change: null,
  };
};

const LOOP_KILLS = 3;

/** The same victim, again and again. */
export const alertOnLoops: Rule = ({ repeats, episode }) => {
  const [first] = repeats;
  const last = repeats.at(-1);
  if (repeats.length < LOOP_KILLS || first === undefined || last === undefined || episode.choice === null) return null;
  return {
    says: `Set an alert`,
    because: `${processName(episode.choice.process)} is killed again and again, and nothing changes in between`,
    evidence: [`it was killed ${formatCount(repeats.length)} times in ${formatDuration(last - first)}`],
    change: 'increase(container_oom_events_total[1h]) >= 3  # Prometheus, from cAdvisor',
  };
};

/** One process of several was taken out of a cgroup. */
export const killTheGroup: Rule = ({ episode, marked }) => {
  const { choice, victimCgroup, candidates } = episode;
  if (choice === null || victimCgroup === null || victimCgroup.oomGroup !== false || marked > 1) return null;
  const left = candidates.filter(
    (candidate) =>
      candidate.cgroupId !== null &&
      candidate.cgroupId === choice.process.cgroupId &&
      candidate.status === 'scored' &&
      !sameProcess(candidate, choice.process),
  );
  if (left.length === 0) return null;
  return {
    says: `If the processes of ${cgroupName(victimCgroup)} cannot do without each other, let them die together`,
    because: null,
    evidence: [
      `memory.oom.group is not set there`,
      `${plural(left.length, 'other process', 'other processes')} of it lived on: ${left.slice(0, 3).map(processName).join(', ')}`,
    ],
    change: groupChange(victimCgroup.path),
  };
};

/** Who holds most can hardly be chosen, so others die for it. */
export const protectedHolder: Rule = ({ episode, largest }) => {
  const victim = episode.choice?.process ?? null;
  if (largest === null || victim === null || sameProcess(largest, victim) || largest.adj > PROTECTED_ADJ) return null;
  return {
    says: `Limit ${processName(largest)}, or protect it less`,
    because: `others die in its place`,
    evidence: [
      `it held ${formatBytes(privateBytes(largest))}, more than all other candidates together`,
      `its oom_score_adj is ${String(largest.adj).replace('-', '−')}`,
    ],
    change: null,
  };
};
const PROTECTED_ADJ = -900;

/** The memory nodes that a task may use ran out, not the machine. */
export const widenTheNodes: Rule = ({ cause, episode }) => {
  if (cause.kind !== 'cpuset' && cause.kind !== 'memory-policy') return null;
  const asked = episode.trigger === null ? 'the task that asked' : processName(episode.trigger);
  const nodes = episode.nodemask === null ? '' : ` (nodes ${episode.nodemask.join(', ')})`;
  return {
    says: cause.kind === 'cpuset' ? `Widen cpuset.mems of ${asked}` : `Loosen the mempolicy of ${asked}`,
    because: 'the memory nodes that it allows ran out, not the machine',
    evidence: [`the kernel's constraint was ${cause.kind}${nodes}`],
    change: null,
  };
};

function groupChange(path: string | null): string | null {
  if (path === null) return null;
  const unit = unitOf(path);
  if (unit !== null && !inKubepods(path)) return `systemctl edit ${quoted(unit)}  # [Service] OOMPolicy=kill`;
  return `echo 1 > ${quoted(`/sys/fs/cgroup${path}/memory.oom.group`)}`;
}
