import type { ProgramOutcome } from '../../events/session.js';
import { failedProgram, reasonOf } from './load-log.js';
import { isNativeError, type NativeAddon, type NativeProgramSet, type RingName } from './native.js';
import type { PinnedSet } from './pins.js';
import type { ProgramSpec } from './programs.js';
import type { Attempt, WayFailure } from './support.js';

/** A way that works: its programs are loaded and attached, or were found so. */
export interface AttachedSet {
  readonly set: NativeProgramSet;
  readonly outcomes: readonly ProgramOutcome[];
}

export interface AttachOptions {
  readonly generation: bigint;
  readonly ringBytes: Readonly<Partial<Record<RingName, number>>>;
  /** A pinned gate to share; null = the set gets its own. */
  readonly gatePath: string | null;
}

/** A way that was tried and does not work, with what became of each program. */
export interface AttachFailure extends WayFailure {
  readonly outcomes: readonly ProgramOutcome[];
}

/**
 * Loads and attaches what an attempt asks for. A program that the kernel refuses is left away when the way can do without it.
 * The gate stays as it is: nothing is recorded yet. After a failure nothing stays loaded.
 */
export function loadAndAttach(
  addon: Pick<NativeAddon, 'ProgramSet'>,
  attempt: Attempt,
  options: AttachOptions,
): AttachedSet | AttachFailure {
  const refused = new Map<string, string>();
  const failure = (reason: string): AttachFailure => ({
    way: attempt.way,
    reason,
    outcomes: outcomesOf(attempt, refused).map((outcome) =>
      outcome.state === 'attached'
        ? { ...outcome, state: 'left-out', reason: `${attempt.way} does not work on this host` }
        : outcome,
    ),
  });

  const loaded = load(addon, attempt, options, refused);
  if (typeof loaded === 'string') return failure(loaded);
  for (const { program, error } of loaded.attach()) {
    if (error !== null) refused.set(program, reasonOf(error));
  }
  const essential = attempt.programs.find((program) => program.loses === null && refused.has(program.name));
  if (essential === undefined) return { set: loaded, outcomes: outcomesOf(attempt, refused) };
  loaded.detach();
  loaded.close();
  return failure(`${essential.name}: ${refused.get(essential.name)}`);
}

/** Loads what the kernel takes. Returns the reason when an essential program is refused. */
function load(
  addon: Pick<NativeAddon, 'ProgramSet'>,
  attempt: Attempt,
  options: AttachOptions,
  refused: Map<string, string>,
): NativeProgramSet | string {
  for (;;) {
    const wanted = attempt.programs.filter((program) => !refused.has(program.name));
    try {
      return addon.ProgramSet.load({
        object: attempt.object,
        programs: wanted.map((program) => program.name),
        constants: { ...attempt.constants, generation: options.generation },
        ringBytes: options.ringBytes,
        gatePath: options.gatePath,
        cgroupRoot: attempt.cgroupRoot,
      });
    } catch (error) {
      if (!isNativeError(error)) throw error;
      const culprit = wanted.find((program) => program.name === failedProgram(error.log));
      if (culprit !== undefined) refused.set(culprit.name, reasonOf(error));
      if (culprit === undefined) return reasonOf(error);
      if (culprit.loses === null) return `${culprit.name}: ${reasonOf(error)}`;
    }
  }
}

/** Takes over a pinned set that was loaded for the same attempt by an earlier process. */
export function adopt(addon: NativeAddon, pinned: PinnedSet, attempt: Attempt, gatePath: string): AttachedSet {
  const set = addon.ProgramSet.adopt(pinned.path, gatePath, pinned.programs);
  const isPinned = (program: ProgramSpec) => pinned.programs.includes(program.name);
  const refused = new Map(
    attempt.programs
      .filter((program) => !isPinned(program))
      .map((program) => [program.name, 'it could not be attached when this set of programs was loaded']),
  );
  return { set, outcomes: outcomesOf(attempt, refused) };
}

/** `refused`: reasons by program; every other program is attached. */
function outcomesOf(attempt: Attempt, refused: ReadonlyMap<string, string>): ProgramOutcome[] {
  const outcomes = attempt.programs.map(({ name }): ProgramOutcome => {
    const reason = refused.get(name);
    return reason === undefined ? { name, state: 'attached', reason: null } : { name, state: 'failed', reason };
  });
  return [...outcomes, ...attempt.leftOut];
}
