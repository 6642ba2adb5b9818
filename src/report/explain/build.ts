import { formatBytes, formatDuration } from '../../base/units.js';
import type { EpisodeEvent } from '../../events/episode.js';
import type { SessionEvent } from '../../events/session.js';
import { aftermathOf } from '../../model/aftermath.js';
import { type Assessment, assessGrowth } from '../../model/assess.js';
import type { Ballot } from '../../model/ballot.js';
import type { Culprit } from '../../model/culprit.js';
import type { MemoryTrack } from '../../model/growth.js';
import { incidentKube, type KubeFacts, targetKube } from '../../model/kube-facts.js';
import { memoryFact, ownerFact } from '../../model/kube-words.js';
import { NO_PODS } from '../../model/pods.js';
import { processName } from '../../model/summary.js';
import { findKillCause, type UserKillFinding, userKillSentence } from '../../model/user-kill.js';
import { judge, type Verdict } from '../../model/verdict.js';
import { victimFacts } from '../../model/victim-facts.js';
import type { Case, UserCase } from './case.js';
import type { Block } from './document.js';
import { pictureOf } from './picture.js';
import { utcTime } from './times.js';

/** One kill, explained. */
export interface Explained {
  readonly id: string;
  readonly startUs: number;
  readonly session: SessionEvent | null;
  readonly sentence: string;
  readonly blocks: readonly Block[];
  readonly what:
    | { readonly kind: 'oom-kill'; readonly of: Case; readonly verdict: Verdict; readonly kube: KubeFacts }
    | { readonly kind: 'user-kill'; readonly of: UserCase; readonly finding: UserKillFinding; readonly kube: KubeFacts }
    | { readonly kind: 'growth'; readonly assessments: readonly Assessment[] };
}

/** An incident as a report: the sentence first, then what it rests on. */
export function explain(of: Case): Explained {
  const verdict = judge(of);
  const { incident, session, pods = NO_PODS, told = [] } = of;
  const { episode } = incident;
  const kube = incidentKube(incident, verdict.culprit, { told, pods, session });
  const blocks: Block[] = [
    { kind: 'title', text: `OOM kill, ${utcTime(incident.startUs, session)}` },
    { kind: 'lead', text: verdict.sentence },
    whereBlock(incident.id, session, victimFacts(incident, pods, kube)),
    ...causeBlocks(verdict),
    ...growthBlocks(of, verdict),
    ...(episode === null || verdict.ballot === null ? [] : ballotBlocks(episode, verdict.ballot, verdict)),
    ...afterwardsBlocks(of, verdict),
    ...adviceBlocks(verdict),
  ];
  const { id, startUs } = incident;
  return { id, startUs, session, sentence: verdict.sentence, blocks, what: { kind: 'oom-kill', of, verdict, kube } };
}

/** A kill by user space: who did it, and by what that is known. */
export function explainUserKill(of: UserCase): Explained {
  const { kill, session, memory, pods = NO_PODS, told = [] } = of;
  const kube = targetKube(kill.targets[0]?.process.cgroupPath ?? null, kill.startUs, { told, pods, session });
  const finding = findKillCause(kill, memory, kube);
  const sentence = userKillSentence(kill, finding);
  const commandLines = kill.targets.flatMap(({ process, steps }) => {
    const line = steps.find(({ commandLine }) => commandLine !== null)?.commandLine ?? null;
    return line === null ? [] : [`${processName(process)}: ${line}`];
  });
  const blocks: Block[] = [
    { kind: 'title', text: `Kill by user space, ${utcTime(kill.startUs, session)}` },
    { kind: 'lead', text: sentence },
    whereBlock(kill.id, session, [...ownerFact(kube.victim), ...memoryFact(kube.victim)]),
    { kind: 'heading', text: 'Cause' },
    { kind: 'paragraph', text: `This is ${finding.confidence}.` },
    ...(finding.evidence.length === 0 ? [] : [{ kind: 'list', items: finding.evidence } as const]),
    ...(commandLines.length === 0
      ? []
      : [
          { kind: 'heading', text: 'What ended' } as const,
          { kind: 'list', items: commandLines.slice(0, ENDS_MAX) } as const,
        ]),
  ];
  const what = { kind: 'user-kill', of, finding, kube } as const;
  return { id: kill.id, startUs: kill.startUs, session, sentence, blocks, what };
}

/** What can be said where nobody was killed: whose memory grew, and whether that is a leak. Null = nothing grew. */
export function explainGrowth(tracks: readonly MemoryTrack[], session: SessionEvent | null): Explained | null {
  const assessments = assessGrowth(tracks);
  const [first] = assessments;
  if (first === undefined) return null;
  const startUs = first.growth.fromUs;
  const sentence = `Nobody was killed. ${first.words}`;
  const blocks: Block[] = [
    { kind: 'title', text: `Memory, from ${utcTime(startUs, session)}` },
    { kind: 'lead', text: sentence },
    whereBlock('growth', session),
    ...(assessments.length < 2
      ? []
      : [
          { kind: 'heading', text: 'Others that grew' } as const,
          { kind: 'list', items: assessments.slice(1).map(({ words }) => words) } as const,
        ]),
  ];
  return { id: 'growth', startUs, session, sentence, blocks, what: { kind: 'growth', assessments } };
}

function whereBlock(
  id: string,
  session: SessionEvent | null,
  victim: readonly (readonly [string, string])[] = [],
): Block {
  const rows: (readonly [string, string])[] = [['incident', id]];
  const host = session?.hostname ?? null;
  const release = session?.kernelRelease ?? null;
  if (host !== null) rows.push(['node', host]);
  if (release !== null) rows.push(['kernel', `Linux ${release}`]);
  return { kind: 'facts', rows: [...rows, ...victim] };
}

function causeBlocks({ cause, summary }: Verdict): Block[] {
  return [
    { kind: 'heading', text: 'Cause' },
    { kind: 'paragraph', text: `${capital(summary.why)}. This is ${cause.confidence}.` },
    ...(cause.evidence.length === 0 ? [] : [{ kind: 'list', items: cause.evidence } as const]),
    ...(summary.caveat === null ? [] : [{ kind: 'paragraph', text: `Incomplete: ${summary.caveat}.` } as const]),
  ];
}

function growthBlocks({ incident, tracks }: Case, { culprit, culpritWords, growthWords }: Verdict): Block[] {
  const { episode } = incident;
  if (episode === null || culpritWords === null) return [];
  const picture = pictureOf(tracks, episode, rampUs(culprit));
  return [
    { kind: 'heading', text: 'Culprit' },
    { kind: 'paragraph', text: culpritWords },
    ...(growthWords === null ? [] : [{ kind: 'paragraph', text: growthWords } as const]),
    ...(picture === null ? [] : [{ kind: 'timeline', picture } as const]),
  ];
}

function rampUs(culprit: Culprit): number | null {
  if (culprit.kind === 'cgroup') return culprit.growth.fromUs;
  if (culprit.kind === 'several') return culprit.growths[0]?.fromUs ?? null;
  return culprit.kind === 'nobody' ? culprit.fromUs : null;
}

function ballotBlocks(episode: EpisodeEvent, ballot: Ballot, { summary, otherwise }: Verdict): Block[] {
  return [
    { kind: 'heading', text: 'Why this one' },
    ...(summary.chosen === null ? [] : [{ kind: 'paragraph', text: `${capital(summary.chosen)}.` } as const]),
    ...(ballot.rows.length === 0
      ? []
      : [
          {
            kind: 'ballot',
            rows: ballot.rows,
            scalePages: ballot.scalePages,
            pageSizeBytes: episode.pageSizeBytes,
          } as const,
        ]),
    ...(otherwise.length === 0
      ? []
      : [{ kind: 'heading', text: 'Had it been otherwise' } as const, { kind: 'list', items: otherwise } as const]),
  ];
}

function afterwardsBlocks({ incident }: Case, { afterwards }: Verdict): Block[] {
  const ends = incident.victims.map((victim) => {
    const { process, dyingUs, freedBytes } = aftermathOf(victim);
    const name = process === null ? `thread ${victim.tid}` : processName(process);
    const took = dyingUs === null ? 'its end was not seen' : `was gone ${formatDuration(dyingUs)} after its mark`;
    return `${name} ${dyingUs === null ? `was marked; ${took}` : took}${freedBytes === null ? '' : `, ${formatBytes(freedBytes)} freed`}`;
  });
  const shown = ends.slice(0, ENDS_MAX);
  if (ends.length > shown.length) shown.push(`and ${ends.length - shown.length} more`);
  if (shown.length === 0 && afterwards.length === 0) return [];
  return [
    { kind: 'heading', text: 'Afterwards' },
    ...(shown.length === 0 ? [] : [{ kind: 'list', items: shown } as const]),
    ...afterwards.map((text): Block => ({ kind: 'paragraph', text })),
  ];
}

const ENDS_MAX = 10;

function adviceBlocks({ advice }: Verdict): Block[] {
  if (advice.length === 0) return [];
  return [
    { kind: 'heading', text: 'What to do' },
    ...advice.map(
      ({ says, because, evidence, change }): Block => ({
        kind: 'advice',
        text: because === null ? `${says}.` : `${says}: ${because}.`,
        evidence,
        change,
      }),
    ),
  ];
}

/** Our own words begin sentences; the names of cgroups and processes keep their case. */
function capital(text: string): string {
  return /^(?:its?|the|a|somebody|whose|why|vm) /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
}
