import type { OomscopeError } from '../../base/errors.js';
import type { AttachMode, MissingFeature, ProgramOutcome } from '../../events/session.js';
import { loadAndAttach } from './attach.js';
import { type HostFacts, readHostFacts } from './host-facts.js';
import { missingFeatures } from './missing.js';
import type { NativeAddon } from './native.js';
import { type PinState, readPinState } from './pins.js';
import { MODE_OF_WAY, WAYS, type Way } from './programs.js';
import { type Attempt, lackOfPrivilege, planAttach, refusal, type WayFailure } from './support.js';

/** What a way to attach came to on this host. */
export interface WayFinding {
  readonly way: Way;
  /** Why it does not work; null = it does. */
  readonly reason: string | null;
  /** Empty where it was not tried. */
  readonly programs: readonly ProgramOutcome[];
}

/** What this host can and cannot, found out by trying. */
export interface Examination {
  readonly facts: HostFacts;
  /** Best first. */
  readonly ways: readonly WayFinding[];
  /** The one that `live` would take. */
  readonly attachMode: AttachMode;
  readonly missing: readonly MissingFeature[];
  /** Why nothing can be recorded; null = something can. */
  readonly refusal: OomscopeError | null;
  readonly pins: PinState;
}

/**
 * Loads and attaches the programs of every way for a moment, behind a closed gate of their own: they record nothing, and a tracer
 * that runs at the same time is not touched.
 */
export function examineHost(addon: NativeAddon, pinDirectory: string): Examination {
  const facts = readHostFacts(addon, pinDirectory);
  const plan = planAttach(facts, null);
  const privileged = lackOfPrivilege(facts) === null;
  const ways = WAYS.map((way): WayFinding => {
    const ruledOut = plan.ruledOut.find((failure) => failure.way === way);
    const attempt = plan.attempts.find((candidate) => candidate.way === way);
    if (attempt === undefined) return { way, reason: ruledOut?.reason ?? 'not planned', programs: [] };
    return privileged ? tryOut(addon, attempt, facts) : { way, reason: 'not tried: privileges lack', programs: [] };
  });
  const best = ways.find((each) => each.reason === null);
  const failures = ways.flatMap(({ way, reason }): WayFailure[] => (reason === null ? [] : [{ way, reason }]));
  const rank = (way: Way) => WAYS.indexOf(way);
  return {
    facts,
    ways,
    attachMode: best === undefined ? 'none' : MODE_OF_WAY[best.way],
    missing:
      best === undefined
        ? []
        : missingFeatures(facts, {
            way: best.way,
            programs: best.programs,
            failures: failures.filter((failure) => rank(failure.way) < rank(best.way)),
            pinned: facts.bpffs.obstacle === null,
            pausedFromUs: null,
          }),
    refusal: best === undefined ? refusal(facts, failures, null) : null,
    pins: readPinState(addon, pinDirectory),
  };
}

function tryOut(addon: NativeAddon, attempt: Attempt, facts: HostFacts): WayFinding {
  const ring = facts.pageSizeBytes;
  const result = loadAndAttach(addon, attempt, {
    // The gate of a set that shares none is 0, which is nobody's generation.
    generation: 1n,
    ringBytes: { kills: ring, ballot: ring, bulk: ring },
    gatePath: null,
  });
  if ('reason' in result) return { way: attempt.way, reason: result.reason, programs: result.outcomes };
  result.set.detach();
  result.set.close();
  return { way: attempt.way, reason: null, programs: result.outcomes };
}
