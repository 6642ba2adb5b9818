import { visible } from '../base/escape.js';
import { formatBytes, formatCount, plural } from '../base/units.js';
import type { CgroupMemory } from '../events/cgroup.js';
import type { EpisodeEvent, OomChoice } from '../events/episode.js';
import type { ProcessFacts, TriggerFacts } from '../events/process.js';
import { approximationInWords } from './approximations.js';
import { adjPages } from './badness.js';
import { type Ballot, rankBallot, sameProcess } from './ballot.js';
import { type Cause, causeOf, cgroupName, limitInWords } from './cause.js';
import type { Incident, IncidentVictim } from './model.js';
import { NO_PODS, type Pods } from './pods.js';
import { workloadName, workloadOf } from './workload.js';

/** An incident in a person's words: clauses without a full stop, safe to print. The text sink and the page show the same. */
export interface Summary {
  /** Who died: `hog (pid 812) was killed`. */
  readonly what: string;
  /** Whose shortage it was: `its cgroup /lab/app hit its own limit of 100 MiB`. */
  readonly why: string;
  /** Why this one; null = nobody was chosen, or it is not known. */
  readonly chosen: string | null;
  /** Who asked for memory, where that is not the victim. */
  readonly trigger: string | null;
  /** What the record lacks. */
  readonly caveat: string | null;
  /** The sentence: what, why and who triggered it. */
  readonly headline: string;
}

/** `ballot` spares ranking it again where the caller has it; `pods` names the pods and containers. */
export function summarize(incident: Incident, ballot?: Ballot, pods: Pods = NO_PODS): Summary {
  const { episode } = incident;
  if (episode === null) return withHeadline(withoutEpisode(incident, pods));
  return withHeadline({
    what: whatHappened(episode, incident.victims, pods),
    why: whyInWords(causeOf(episode), episode, pods),
    chosen: episode.choice === null ? null : whyChosen(episode, episode.choice, ballot ?? rankBallot(episode)),
    trigger: triggerInWords(episode, pods),
    caveat: caveatOf(episode),
  });
}

/** One sentence: `hog (pid 812) was killed: its cgroup /lab/app hit its own limit of 100 MiB.` */
export function headline(incident: Incident, pods: Pods = NO_PODS): string {
  return summarize(incident, undefined, pods).headline;
}

/** `hog (pid 812)`, safe to print. */
export function processName({ comm, pid, tid }: Pick<TriggerFacts, 'comm' | 'pid' | 'tid'>): string {
  const name = comm === '' ? 'a nameless process' : visible(comm);
  if (pid !== null) return `${name} (pid ${pid})`;
  return tid === null ? name : `${name} (thread ${tid})`;
}

function withHeadline(parts: Omit<Summary, 'headline'>): Summary {
  const trigger = parts.trigger === null ? '' : `; ${parts.trigger}`;
  return { ...parts, headline: `${parts.what}: ${parts.why}${trigger}.` };
}

function whatHappened(episode: EpisodeEvent, victims: readonly IncidentVictim[], pods: Pods): string {
  const { choice } = episode;
  if (choice !== null) return `${fateOf(choice, victims, pods)}${companions(victims)}`;
  const marked = victims[0] === undefined ? null : victimName(victims[0], pods);
  switch (episode.outcome) {
    case 'killed':
    case 'unfinished':
      if (marked !== null) return `${marked} was killed`;
      return episode.outcome === 'killed'
        ? 'A process was killed, but the record of the choice was lost'
        : 'The kernel looked for a victim, but the end was not seen';
    case 'victim-dying':
      return `Nobody new was killed, since ${dyingName(episode)} is still dying`;
    case 'trigger-dying':
      return `${marked ?? triggerName(episode)} was already exiting and got memory to finish: no selection`;
    case 'no-candidate':
      return 'Nobody was killed: no process could be';
    case 'panic':
      return 'Nobody was killed: the kernel panicked instead';
    case 'declined':
      return 'Nobody was killed: the kernel found memory, or could not act here';
  }
}

/** The chosen process and what became of it, as far as it was seen. */
function fateOf(choice: OomChoice, victims: readonly IncidentVictim[], pods: Pods): string {
  const name = placedName(choice.process, pods);
  const mark = victims.map(markOf).find((step) => step !== null && sameProcessOrNull(step.process, choice.process));
  if (mark === undefined || mark === null) {
    // Before Linux 5.2 a child could die in the place of its parent.
    const instead = victims.find((victim) => markOf(victim)?.process != null && markOf(victim)?.chosen === null);
    return instead === undefined
      ? `${name} was chosen to die`
      : `${victimName(instead, pods)} was killed in the place of ${name}`;
  }
  return mark.sigkilled === false ? `${name} was chosen, and was already dying` : `${name} was killed`;
}

function companions(victims: readonly IncidentVictim[]): string {
  const others = victims.filter((victim) => markOf(victim)?.chosen === false).length;
  const sharing = victims.filter(({ steps }) => steps.some((step) => step.step === 'killed-for-sharing')).length;
  const parts = [
    ...(others === 0 ? [] : [`${plural(others, 'other process', 'other processes')} of its memory.oom.group`]),
    ...(sharing === 0 ? [] : [`${plural(sharing, 'process that shares', 'processes that share')} its memory`]),
  ];
  return parts.length === 0 ? '' : ` and with it ${parts.join(' and ')}`;
}

/** `vector (pid 99) in container vector of pod shop/web-1`. */
function placedName(process: ProcessFacts, pods: Pods): string {
  const workload = workloadName(workloadOf(process.cgroupPath, pods));
  return workload === null ? processName(process) : `${processName(process)} in ${workload}`;
}

/** A cgroup by whose it is; where that is nobody's that Kubernetes knows, by its path. */
function placeName(cgroup: CgroupMemory, pods: Pods): string {
  return workloadName(workloadOf(cgroup.path, pods)) ?? `the cgroup ${cgroupName(cgroup)}`;
}

/** The victim's own cgroup: whose it is has been said. */
function ownName(cgroup: CgroupMemory, pods: Pods): string {
  const workload = workloadOf(cgroup.path, pods);
  if (workload === null) return `its cgroup ${cgroupName(cgroup)}`;
  return workload.containerId === null ? 'its pod' : 'its container';
}

function whyInWords(cause: Cause, episode: EpisodeEvent, pods: Pods): string {
  switch (cause.kind) {
    case 'own-limit':
      return `${ownName(cause.cgroup, pods)} hit its own ${limitInWords(cause.cgroup)}`;
    case 'ancestor-limit': {
      const own = episode.victimCgroup === null ? 'its cgroup' : ownName(episode.victimCgroup, pods);
      const above = workloadName(workloadOf(cause.cgroup.path, pods)) ?? cgroupName(cause.cgroup);
      return `${above}, above ${own}, hit its ${limitInWords(cause.cgroup)}`;
    }
    case 'cgroup-limit':
      return cause.cgroup === null
        ? `a cgroup hit its limit; ${episode.attachMode === 'log' ? 'the log does not name it' : 'the record of which one was lost'}`
        : `${placeName(cause.cgroup, pods)} hit its ${limitInWords(cause.cgroup)}`;
    case 'node-wide':
      return 'the whole node ran out of memory';
    case 'cpuset':
      return 'the memory nodes of a cpuset ran out';
    case 'memory-policy': {
      const nodes = cause.nodes === null ? '' : ` (${cause.nodes.join(', ')})`;
      return `the memory nodes that a mempolicy allows${nodes} ran out`;
    }
    case 'sysrq':
      return 'somebody asked the kernel for a kill (sysrq-f)';
    case 'unknown':
      return episode.attachMode === 'log'
        ? 'the log does not tell whose memory ran out'
        : 'whose memory ran out was lost from the record';
  }
}

function whyChosen(episode: EpisodeEvent, choice: OomChoice, ballot: Ballot): string | null {
  if (choice.how === 'allocating-task') {
    return 'vm.oom_kill_allocating_task is set: whoever asks for memory dies, nobody is compared';
  }
  const own = ballot.rows.find((row) => row.chosen)?.candidate;
  if (own?.status === 'oom-origin') return 'it had asked to be killed first (oom origin)';
  const { margin } = ballot;
  if (choice.points === null) return episode.attachMode === 'log' ? null : 'its points were not recorded';
  if (margin === null) {
    if (episode.candidates.some(({ status, points }) => status === 'scored' && points === null)) return null;
    return episode.candidatesLost === 0 ? 'it was the only process that could be killed' : 'it had the most points';
  }
  if (margin.pages < 0) {
    return `the kernel chose it, though by its recomputed points, ${formatCount(choice.points)}, ${processName(margin.runnerUp)} comes first`;
  }
  const lead = leadInWords(margin.pages, episode.pageSizeBytes, processName(margin.runnerUp));
  const ownAdj = choice.process.adj ?? 0;
  const share = episode.totalPages === null ? 0 : adjPages(ownAdj, episode.totalPages);
  const adj =
    share === 0
      ? ''
      : `; its oom_score_adj of ${ownAdj} ${share > 0 ? 'added' : 'took'} ${formatCount(Math.abs(share))} of them`;
  const instead =
    ballot.withoutVictimAdj === null
      ? ''
      : `, and without that ${processName(ballot.withoutVictimAdj)} would have died`;
  const atMost = margin.atMost && margin.pages > 0 ? ' at most' : '';
  const recomputed = episode.attachMode === 'log' ? ' (recomputed)' : '';
  return `it had the most points, ${formatCount(choice.points)}${recomputed}${lead}${atMost}${adj}${instead}`;
}

function leadInWords(pages: number, pageSizeBytes: number, runnerUp: string): string {
  if (pages === 0) return `, as many as ${runnerUp}: of equals the kernel takes the last`;
  return `, ${formatCount(pages)} (${formatBytes(pages * pageSizeBytes)}) more than ${runnerUp}`;
}

/** Null where the victim itself asked, and for sysrq, where a kernel worker only carries out the wish. */
function triggerInWords(episode: EpisodeEvent, pods: Pods): string | null {
  const { trigger, choice } = episode;
  if (trigger === null || choice === null || episode.sysrq === true || sameProcess(trigger, choice.process))
    return null;
  const elsewhere = trigger.cgroupId !== null && trigger.cgroupId !== choice.process.cgroupId;
  const workload = workloadName(workloadOf(trigger.cgroupPath, pods));
  const place = elsewhere && trigger.cgroupPath !== null ? ` in ${workload ?? visible(trigger.cgroupPath)}` : '';
  return `it was ${processName(trigger)}${place} that asked for memory`;
}

function caveatOf(episode: EpisodeEvent): string | null {
  const lacks: string[] = [];
  const { candidatesLost, candidatesSeen } = episode;
  if (candidatesLost !== null && candidatesSeen !== null && candidatesLost > 0) {
    lacks.push(`${formatCount(candidatesLost)} of ${plural(candidatesSeen, 'candidate')} lost`);
  }
  if (episode.recordsLost > 0) lacks.push(`${plural(episode.recordsLost, 'other record')} lost`);
  if (episode.attachMode === 'log') lacks.push(...episode.approximations.map(approximationInWords));
  else if (episode.outcome === 'unfinished') lacks.push('the end of this episode was never seen');
  else if (episode.trigger === null) lacks.push('its beginning was lost');
  return lacks.length === 0 ? null : lacks.join('; ');
}

/** Honest about a kill of which only the mark, or only the aftermath, is known. */
function withoutEpisode(incident: Incident, pods: Pods): Omit<Summary, 'headline'> {
  const [first] = incident.victims;
  const name = first === undefined ? 'A process' : victimName(first, pods);
  const mark = first === undefined ? null : markOf(first);
  const others = incident.victims.length - 1;
  const rest = others > 0 ? ` and ${plural(others, 'other process', 'other processes')}` : '';
  if (mark === null) {
    return {
      ...UNKNOWN,
      what: `${name}${rest} is going, marked as a victim before oomscope watched`,
      why: 'why is not known',
    };
  }
  if (mark.episodeUs !== null) {
    return { ...UNKNOWN, what: `${name}${rest} was killed`, why: 'the record of the choice has not arrived' };
  }
  return {
    ...UNKNOWN,
    what: `${name}${rest} was killed by the kernel's OOM killer`,
    why: 'why this one is not known, for without a ballot only the kill itself is seen',
    // Tracepoints alone do not tell whether SIGKILL was sent.
    caveat:
      mark.sigkilled === null
        ? 'no ballot: only tracepoints could be attached'
        : 'no ballot: the beginning of this kill was not seen',
  };
}

const UNKNOWN = { chosen: null, trigger: null, caveat: null } as const;

function markOf(victim: IncidentVictim) {
  return victim.steps.find((step) => step.step === 'marked') ?? null;
}

function victimName(victim: IncidentVictim, pods: Pods): string {
  const known = victim.steps.find((step) => step.process !== null)?.process ?? null;
  return known === null ? `The process of thread ${victim.tid}` : placedName(known, pods);
}

function dyingName(episode: EpisodeEvent): string {
  const dying = episode.candidates.find((candidate) => candidate.status === 'dying');
  return dying === undefined ? 'an earlier victim' : processName(dying);
}

function triggerName(episode: EpisodeEvent): string {
  return episode.trigger === null ? 'The process that asked for memory' : processName(episode.trigger);
}

function sameProcessOrNull(a: ProcessFacts | null, b: ProcessFacts): boolean {
  return a !== null && sameProcess(a, b);
}
