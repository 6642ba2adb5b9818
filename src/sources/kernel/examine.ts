import type { OomscopeError } from '../../base/errors.js';
import type { AttachMode, MissingFeature, ProgramOutcome } from '../../events/session.js';
import { loadAndAttach } from './attach.js';
import { type HostFacts, readHostFacts } from './host-facts.js';
import { missingFeatures } from './missing.js';
import type { NativeAddon } from './native.js';
import { type PinState, readPinState } from './pins.js';
import { RECORDING_MODES, type RecordingMode } from './programs.js';
import { type Attempt, lackOfPrivilege, type ModeFailure, planAttach, refusal } from './support.js';

/** What a way to attach came to on this host. */
export interface ModeFinding {
  readonly mode: RecordingMode;
  /** Why it does not work; null = it does. */
  readonly reason: string | null;
  /** Empty where the mode was not tried. */
  readonly programs: readonly ProgramOutcome[];
}

/** What this host can and cannot, found out by trying. */
export interface Examination {
  readonly facts: HostFacts;
  /** Best first. */
  readonly modes: readonly ModeFinding[];
  /** The one that `live` would take. */
  readonly attachMode: AttachMode;
  readonly missing: readonly MissingFeature[];
  /** Why nothing can be recorded; null = something can. */
  readonly refusal: OomscopeError | null;
  readonly pins: PinState;
}

/**
 * Loads and attaches every mode's programs for a moment, behind a closed gate of their own: they record nothing, and a tracer
 * that runs at the same time is not touched.
 */
export function examineHost(addon: NativeAddon, pinDirectory: string): Examination {
  const facts = readHostFacts(addon, pinDirectory);
  const plan = planAttach(facts, null);
  const privileged = lackOfPrivilege(facts) === null;
  const modes = RECORDING_MODES.map((mode): ModeFinding => {
    const ruledOut = plan.ruledOut.find((failure) => failure.mode === mode);
    const attempt = plan.attempts.find((candidate) => candidate.mode === mode);
    if (attempt === undefined) return { mode, reason: ruledOut?.reason ?? 'not planned', programs: [] };
    return privileged ? tryOut(addon, attempt, facts) : { mode, reason: 'not tried: privileges lack', programs: [] };
  });
  const best = modes.find((mode) => mode.reason === null);
  const failures = modes.flatMap(({ mode, reason }): ModeFailure[] => (reason === null ? [] : [{ mode, reason }]));
  const rank = (mode: RecordingMode) => RECORDING_MODES.indexOf(mode);
  return {
    facts,
    modes,
    attachMode: best?.mode ?? 'none',
    missing:
      best === undefined
        ? []
        : missingFeatures(facts, {
            mode: best.mode,
            programs: best.programs,
            failures: failures.filter((failure) => rank(failure.mode) < rank(best.mode)),
            pinned: facts.bpffs.obstacle === null,
            pausedFromUs: null,
          }),
    refusal: best === undefined ? refusal(facts, failures, null) : null,
    pins: readPinState(addon, pinDirectory),
  };
}

function tryOut(addon: NativeAddon, attempt: Attempt, facts: HostFacts): ModeFinding {
  const ring = facts.pageSizeBytes;
  const result = loadAndAttach(addon, attempt, {
    // The gate of a set that shares none is 0, which is nobody's generation.
    generation: 1n,
    ringBytes: { kills: ring, ballot: ring, bulk: ring },
    gatePath: null,
  });
  if ('reason' in result) return { mode: attempt.mode, reason: result.reason, programs: result.outcomes };
  result.set.detach();
  result.set.close();
  return { mode: attempt.mode, reason: null, programs: result.outcomes };
}
