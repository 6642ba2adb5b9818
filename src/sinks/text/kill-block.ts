import { formatBytes } from '../../base/units.js';
import type { CgroupMemory } from '../../events/cgroup.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { ProcessFacts, ProcessMemory } from '../../events/process.js';
import { rankBallot, sameProcess } from '../../model/ballot.js';
import type { Incident } from '../../model/model.js';
import type { Pods } from '../../model/pods.js';
import { processName, summarize } from '../../model/summary.js';
import { victimFacts } from '../../model/victim-facts.js';
import { ballotLines } from './ballot-lines.js';
import type { BlameWords } from './blame.js';
import type { Line } from './line.js';
import { memoryInWords } from './memory-words.js';

/**
 * A kill as one block that a tired person understands: what happened, who caused it, what to do, why this one, what was full,
 * who else stood there. `blame` is null where there is no history to find a culprit in.
 */
export function killBlock(
  incident: Incident,
  clock: string,
  columns: number,
  pods: Pods,
  blame: BlameWords | null,
): Line[] {
  const { episode } = incident;
  const ballot = episode === null ? null : rankBallot(episode);
  const summary = summarize(incident, ballot ?? undefined, pods);
  return [
    { text: '' },
    { text: rule(`KILL  ${clock}`, columns), tone: 'alarm' },
    { text: summary.headline, tone: 'strong', indent: 0 },
    ...labelled('culprit', blame?.culprit ?? null),
    ...labelled('do', blame?.advice ?? null),
    ...labelled('why', summary.chosen),
    ...victimLines(incident),
    ...victimFacts(incident, pods, blame?.kube).flatMap(([label, text]) => labelled(label, text)),
    ...(episode === null ? [] : shortageLines(episode)),
    ...labelled(episode?.attachMode === 'log' ? 'doubts' : 'missing', summary.caveat),
    ...(episode === null || ballot === null || episode.candidates.length === 0
      ? []
      : ballotLines(episode, ballot, columns)),
  ];
}

const LABEL_WIDTH = 11;

function labelled(label: string, text: string | null): Line[] {
  return text === null ? [] : [{ text: `  ${label.padEnd(LABEL_WIDTH - 2)}${text}`, indent: LABEL_WIDTH }];
}

function rule(title: string, columns: number): string {
  return `━━ ${title} `.padEnd(Math.min(columns, 100), '━');
}

/** Everybody that was marked; of the chosen one the ballot's figures, which are what it was chosen for. */
function victimLines(incident: Incident): Line[] {
  const choice = incident.episode?.choice ?? null;
  const steps = incident.victims.flatMap((victim) => victim.steps);
  const marks = steps.filter(({ step }) => step === 'marked' || step === 'killed-for-sharing');
  const chosen = choice === null ? null : choice.process;
  const own = incident.episode?.candidates.find((candidate) => sameProcess(candidate, chosen));
  const marked = marks.find((mark) => mark.process !== null && sameProcess(mark.process, chosen))?.memory ?? null;
  const memoryOfChosen = own === undefined ? marked : withParts(own, marked);
  const others = marks.filter((mark) => mark.process === null || !sameProcess(mark.process, chosen));
  return [
    ...(chosen === null ? [] : labelled('victim', victimText(chosen, memoryOfChosen))),
    ...others.flatMap((mark) =>
      mark.process === null
        ? labelled('victim', `thread ${mark.tid}; the kernel gave nothing but its number`)
        : labelled(chosen === null ? 'victim' : 'and', victimText(mark.process, mark.memory)),
    ),
  ];
}

/** Of older kernels a log's task table has resident memory as one sum, and the line of the kill its parts and no swap. */
function withParts(own: ProcessMemory, marked: ProcessMemory | null): ProcessMemory {
  if (own.rssAnonBytes !== null || marked === null) return own;
  return {
    ...marked,
    swapBytes: marked.swapBytes ?? own.swapBytes,
    pageTableBytes: marked.pageTableBytes ?? own.pageTableBytes,
  };
}

function victimText(process: ProcessFacts, memory: ProcessMemory | null): string {
  const place = process.cgroupPath === null ? '' : ` in ${process.cgroupPath}`;
  const uid = process.uid === null ? '' : ` of uid ${process.uid}`;
  const adj = process.adj === null ? '' : `, oom_score_adj ${process.adj}`;
  return `${processName(process)}${uid}${place}${adj}${memoryText(memory)}`;
}

function memoryText(memory: ProcessMemory | null): string {
  const held = memory === null ? '' : memoryInWords(memory);
  return held === '' ? '' : `: ${held}`;
}

/** What was full, and what stands above it. */
function shortageLines(episode: EpisodeEvent): Line[] {
  const { limitCgroup, totalPages } = episode;
  if (limitCgroup !== null) {
    // The root has no limit and no counters of its own.
    const above = episode.limitAncestors.filter((cgroup) => cgroup.level !== 0);
    return [
      ...labelled('limit', `${cgroupText(limitCgroup)} ◄ hit`),
      ...above.flatMap((cgroup) => labelled('above it', cgroupText(cgroup))),
    ];
  }
  if (totalPages === null) return [];
  const whole =
    episode.constraint === 'cpuset' || episode.constraint === 'memory-policy' ? 'the allowed nodes' : 'the node';
  return labelled('node', `memory and swap of ${whole}: ${formatBytes(totalPages * episode.pageSizeBytes)}`);
}

function cgroupText(cgroup: CgroupMemory): string {
  const swap = cgroup.swapIsMemsw ? 'memory+swap' : 'swap';
  const swapText =
    cgroup.swapBytes === null || (cgroup.swapBytes === 0 && cgroup.swapMaxBytes === 'max')
      ? ''
      : `, ${swap} ${formatBytes(cgroup.swapBytes)} of ${limitText(cgroup.swapMaxBytes)}`;
  const high = typeof cgroup.highBytes === 'number' ? `, high ${formatBytes(cgroup.highBytes)}` : '';
  const group = cgroup.oomGroup === true ? ', memory.oom.group is set' : '';
  const name = cgroup.path ?? (cgroup.id === null ? 'a cgroup that is not named' : `cgroup ${cgroup.id}`);
  if (cgroup.usageBytes === null) return `${name}: usage not known${group}`;
  return `${name}: ${formatBytes(cgroup.usageBytes)} of ${limitText(cgroup.maxBytes)}${high}${swapText}${group}`;
}

function limitText(limit: number | 'max' | null): string {
  if (limit === null) return 'an unknown limit';
  return limit === 'max' ? 'no limit' : formatBytes(limit);
}
