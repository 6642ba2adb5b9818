import { formatBytes, formatDuration } from '../../base/units.js';
import type { EpisodeEvent } from '../../events/episode.js';
import { aftermathOf } from '../../model/aftermath.js';
import type { Ballot } from '../../model/ballot.js';
import type { Culprit } from '../../model/culprit.js';
import { processName } from '../../model/summary.js';
import { judge, type Verdict } from '../../model/verdict.js';
import type { Case } from './case.js';
import type { Block } from './document.js';
import { pictureOf } from './picture.js';
import { utcTime } from './times.js';

export interface Explained {
  readonly id: string;
  readonly of: Case;
  readonly verdict: Verdict;
  readonly blocks: readonly Block[];
}

/** An incident as a report: the sentence first, then what it rests on. */
export function explain(of: Case): Explained {
  const verdict = judge(of);
  const { incident, session } = of;
  const { episode } = incident;
  const blocks: Block[] = [
    { kind: 'title', text: `OOM kill, ${utcTime(incident.startUs, session)}` },
    { kind: 'lead', text: verdict.sentence },
    ...whereBlocks(of),
    ...causeBlocks(verdict),
    ...growthBlocks(of, verdict),
    ...(episode === null || verdict.ballot === null ? [] : ballotBlocks(episode, verdict.ballot, verdict)),
    ...afterwardsBlocks(of, verdict),
    ...adviceBlocks(verdict),
  ];
  return { id: incident.id, of, verdict, blocks };
}

function whereBlocks({ session, incident }: Case): Block[] {
  const rows: [string, string][] = [['incident', incident.id]];
  if (session !== null) rows.push(['node', `${session.hostname}, Linux ${session.kernelRelease}`]);
  return [{ kind: 'facts', rows }];
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
