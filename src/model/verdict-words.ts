import { visible } from '../base/escape.js';
import { formatBytes, formatCount, formatDuration, plural } from '../base/units.js';
import type { EpisodeEvent } from '../events/episode.js';
import type { ProcessFacts } from '../events/process.js';
import { adjPages } from './badness.js';
import { adjDecided, type Ballot, sameProcess } from './ballot.js';
import type { AdjChange, Counterfactuals } from './counterfactual.js';
import type { Culprit } from './culprit.js';
import type { KillEffect } from './effect.js';
import type { Growth } from './growth.js';
import { growerName, growthInWords, howMuch, howMuchOfIts } from './growth-words.js';
import type { OtherLimit, OtherRequest } from './other-setting.js';
import { NO_PODS, type Pods } from './pods.js';
import { NO_DIFFERENCE } from './process-culprit.js';
import { processName } from './summary.js';
import { workloadName, workloadOf } from './workload.js';

/** Who is to blame, in one or two sentences. */
export function culpritInWords(culprit: Culprit, victim: ProcessFacts, pods: Pods = NO_PODS): string {
  switch (culprit.kind) {
    case 'unknown':
      return `Who caused it is unknown: ${culprit.reason}.`;
    case 'asked-for':
      return 'No process caused it.';
    case 'nobody':
      return `Nobody caused it by growing: in the ${formatDuration(culprit.toUs - culprit.fromUs)} before, nothing grew that cannot be reclaimed.`;
    case 'several': {
      const names = culprit.growths.map((growth) => growthInWords(growth)).join('; ');
      return `There is no single culprit: ${names}.`;
    }
    case 'cgroup': {
      const { growth, process, processBytes, isVictim, share } = culprit;
      const who = isVictim ? victimItself(process, victim) : growerName(growth, process);
      const workload = workloadName(workloadOf(growth.path, pods));
      const place = process === null || isVictim ? '' : ` in ${workload ?? visible(growth.path)}`;
      const asides = [
        ...(processBytes !== null && differs(processBytes, growth)
          ? [`its cgroup ${formatBytes(growth.unreclaimableBytes)}`]
          : []),
        ...(share < 0.95 ? [`${Math.round(share * 100)} % of all growth there`] : []),
      ];
      const most = asides.length === 0 ? '' : ` (${asides.join(', ')})`;
      const much =
        process !== null && processBytes === null
          ? howMuchOfIts(growth)
          : howMuch({ ...growth, unreclaimableBytes: processBytes ?? growth.unreclaimableBytes });
      const verb = isVictim ? 'and so caused its own end' : 'and caused it';
      return `${capital(who)}${place} ${much}${most} ${verb}.`;
    }
  }
}

function differs(processBytes: number, { unreclaimableBytes }: Growth): boolean {
  return Math.abs(processBytes - unreclaimableBytes) > unreclaimableBytes * NO_DIFFERENCE;
}

function victimItself(process: ProcessFacts | null, victim: ProcessFacts): string {
  return process === null ? `the cgroup of ${processName(victim)}` : `${processName(process)} itself`;
}

/** Why this one, in a sentence; null = nobody was chosen, or it is not known. */
export function chosenInWords({ choice, totalPages }: EpisodeEvent, ballot: Ballot): string | null {
  const { margin, withoutVictimAdj } = ballot;
  if (choice === null) return null;
  const name = processName(choice.process);
  if (choice.how === 'allocating-task')
    return `${name} was chosen because it asked: vm.oom_kill_allocating_task is set.`;
  const { adj } = choice.process;
  if (withoutVictimAdj !== null && adjDecided(ballot) && totalPages !== null && adj !== null) {
    const share = formatCount(adjPages(adj, totalPages));
    return `${name} was chosen because its oom_score_adj of ${adj} added ${share} points; without it ${processName(withoutVictimAdj)} would have died.`;
  }
  // Below 0: by recomputed points another one comes first.
  if (choice.points === null || margin === null || margin.pages < 0) return null;
  const lead = margin.pages === 0 ? 'as many as' : `${formatCount(margin.pages)} more than`;
  return `${name} had the most points, ${formatCount(choice.points)}: ${lead} ${processName(margin.runnerUp)}.`;
}

/** What would have happened had one thing been otherwise: the victim's own adj, the nearest other, who is next. */
export function ifInWords(known: Counterfactuals, episode: EpisodeEvent): string[] {
  const victim = episode.choice?.process ?? null;
  if (victim === null) return [];
  if (known.kind === 'unknown') return [`What would have happened otherwise is unknown: ${known.reason}.`];
  const own = known.adjChanges.find(({ candidate }) => sameProcess(candidate, victim));
  const nearest = known.adjChanges.find(({ candidate }) => !sameProcess(candidate, victim));
  const next = known.deathOrder[1];
  return [
    own === undefined ? `No oom_score_adj but −1000 would have spared ${processName(victim)}.` : changeInWords(own),
    ...(nearest === undefined ? [] : [changeInWords(nearest)]),
    next === undefined
      ? 'Nobody else could be killed: had that not been enough, nothing was left to kill.'
      : `With ${processName(victim)} gone and nothing else changed, ${processName(next)} would be next.`,
  ];
}

/** Another limit on the culprit's cgroup. */
export function limitChangeInWords({ path, belowBytes, recordedBytes, victim, certain }: OtherLimit): string {
  const has =
    recordedBytes === null
      ? ''
      : recordedBytes === 'max'
        ? ' (it has none)'
        : ` (it has ${formatBytes(recordedBytes)})`;
  const dies =
    victim === null
      ? 'nobody in it could have been killed'
      : `only its own processes could have died: ${certain ? '' : 'by what they held, '}${processName(victim)}`;
  return `With a memory limit below ${formatBytes(belowBytes)} on ${visible(path)}${has} its own cgroup would have been hit first, and ${dies}.`;
}

/** Another request of the victim's container. */
export function requestChangeInWords({ process, bytes, adj, victim }: OtherRequest): string {
  const dies = victim === null ? 'nobody could have been killed' : `${processName(victim)} would have died`;
  // As one writes it in a manifest; some request there must be for kubelet to call it burstable.
  const request = Math.max(1, Math.ceil(bytes / 2 ** 20)) * 2 ** 20;
  return `With a memory request of ${formatBytes(request)} or more kubelet would have given ${processName(process)} an oom_score_adj of ${adj} or less, and ${dies}.`;
}

function changeInWords({ candidate, adj, delta, victim }: AdjChange): string {
  const bound = delta < 0 ? 'or less' : 'or more';
  const value = String(adj).replace('-', '−');
  const was = String(candidate.adj).replace('-', '−');
  const dies = victim === null ? 'nobody could have been killed' : `${processName(victim)} would have died`;
  return `With an oom_score_adj of ${value} ${delta < 0 && adj === -1000 ? '' : `${bound} `}for ${processName(candidate)} (it was ${was}), ${dies}.`;
}

/** Freed against promised. */
export function effectInWords(effect: KillEffect): string[] {
  const { promisedBytes, freedBytes, outcome, sharedBy, shmemBytes, fileBytes } = effect;
  if (promisedBytes === null || freedBytes === null || outcome === null) return [];
  const amounts = `${formatBytes(freedBytes)} came back of ${formatBytes(promisedBytes)} that was weighed`;
  const kept = [
    ...(sharedBy > 0 ? [`${plural(sharedBy, 'other process', 'other processes')} still held it`] : []),
    ...(shmemBytes > 0 ? [`${formatBytes(shmemBytes)} of shmem stays until its files are deleted`] : []),
    ...(fileBytes > 0 ? [`${formatBytes(fileBytes)} of file pages stays in the cache`] : []),
  ];
  const why = kept.length === 0 || outcome === 'freed' ? '' : `: ${kept.join(', ')}`;
  const lead = {
    freed: 'The kill freed what it promised',
    partly: 'The kill freed less than half',
    futile: 'The kill was futile',
  };
  return [`${lead[outcome]}: ${amounts}${why}.`];
}

export function repeatsInWords(repeats: readonly number[]): string[] {
  const [first] = repeats;
  const last = repeats.at(-1);
  if (repeats.length < 2 || first === undefined || last === undefined) return [];
  return [
    `The same victim was killed ${formatCount(repeats.length)} times in ${formatDuration(last - first)}, this time included.`,
  ];
}

function capital(text: string): string {
  // A process's own name keeps its case: only our words begin sentences.
  return text.startsWith('the ') || text.startsWith('cgroup ')
    ? `${text.charAt(0).toUpperCase()}${text.slice(1)}`
    : text;
}
