import { VERSION } from '../../base/version.js';
import type { EvictionLines, ProgramOutcome, Sampling, SessionEvent } from '../../events/session.js';
import type { ChosenSet } from './choose-set.js';
import type { Gap } from './gap.js';
import type { HostFacts } from './host-facts.js';
import { missingFeatures } from './missing.js';
import { MODE_OF_WAY, PROGRAMS_OF_WAY } from './programs.js';
import type { WayFailure } from './support.js';

export interface SessionParts {
  /** Now, in both clocks. */
  readonly clocks: { readonly bootUs: number; readonly epochUs: number };
  readonly facts: HostFacts;
  /** Ways that were not tried. */
  readonly ruledOut: readonly WayFailure[];
  readonly chosen: Pick<ChosenSet, 'way' | 'outcomes' | 'failures' | 'adopted' | 'pinned'>;
  /** Null = no earlier run had left programs that record. */
  readonly gap: Gap | null;
  readonly sampling: Sampling;
  readonly eviction: EvictionLines | null;
}

/** Says what this host is and what was attached. Pure. */
export function sessionEvent(parts: SessionParts): SessionEvent {
  const { clocks, facts, ruledOut, chosen, gap, sampling, eviction } = parts;
  return {
    topic: '/session',
    // The records of a gap come after this event and are older than it: time must not go backwards.
    tUs: gap?.fromUs ?? clocks.bootUs,
    bootId: facts.bootId,
    hostname: facts.hostname,
    kernelRelease: facts.kernelRelease,
    machine: facts.machine,
    pageSizeBytes: facts.pageSizeBytes,
    cpuCount: facts.cpuCount,
    memoryTotalBytes: facts.memoryTotalBytes,
    swapTotalBytes: facts.swapTotalBytes,
    cgroupVersion: facts.cgroupVersion,
    clock: 'boot',
    anchorBootUs: clocks.bootUs,
    anchorEpochUs: clocks.epochUs,
    oomscopeVersion: VERSION,
    attachMode: MODE_OF_WAY[chosen.way],
    programs: programOutcomes(chosen, ruledOut),
    missing: missingFeatures(facts, {
      way: chosen.way,
      programs: chosen.outcomes,
      failures: [...chosen.failures, ...ruledOut],
      pinned: chosen.pinned !== null,
      pausedFromUs: gap?.pausedFromUs ?? null,
    }),
    adopted:
      gap === null ? null : { gapFromUs: gap.fromUs, gapToUs: gap.toUs, how: chosen.adopted ? 'adopted' : 'replaced' },
    sampling,
    eviction,
  };
}

/** Of the way in use first, then of the better ones that are not. Ways share programs: the first word counts. */
function programOutcomes(chosen: SessionParts['chosen'], ruledOut: readonly WayFailure[]): ProgramOutcome[] {
  const notTried = ruledOut.flatMap(({ way, reason }) =>
    PROGRAMS_OF_WAY[way].map(({ name }): ProgramOutcome => ({ name, state: 'left-out', reason })),
  );
  const all = [...chosen.outcomes, ...chosen.failures.flatMap((failure) => failure.outcomes), ...notTried];
  return all.filter((outcome, index) => all.findIndex((other) => other.name === outcome.name) === index);
}
