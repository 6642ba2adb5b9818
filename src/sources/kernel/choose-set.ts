import { createHash } from 'node:crypto';
import { constants } from '../../events/layout.gen.js';
import type { ProgramOutcome } from '../../events/session.js';
import { type AttachedSet, type AttachFailure, adopt, loadAndAttach } from './attach.js';
import { isNativeError, type NativeAddon, type NativeProgramSet, type RingName } from './native.js';
import { noBpffs, type PinDirectory, type PinnedSet } from './pins.js';
import type { Way } from './programs.js';
import type { Attempt } from './support.js';

/** The set of programs that will record in this session. Its gate is not open yet, unless it was adopted. */
export interface ChosenSet {
  readonly way: Way;
  readonly generation: bigint;
  readonly set: NativeProgramSet;
  readonly outcomes: readonly ProgramOutcome[];
  /** Null = not pinned. */
  readonly pinned: PinnedSet | null;
  readonly adopted: boolean;
  /** Better ways that were tried in vain. */
  readonly failures: readonly AttachFailure[];
}

export interface ChooseOptions {
  readonly attempts: readonly Attempt[];
  readonly ringBytes: Readonly<Partial<Record<RingName, number>>>;
  /** Null = do not pin. */
  readonly pins: PinDirectory | null;
  /** May programs be loaded? Without it, only what is pinned can be adopted. */
  readonly privileged: boolean;
}

/** Takes the first attempt that works: adopts its pins where an earlier run left them, else loads it. Null = none works. */
export function chooseSet(addon: NativeAddon, options: ChooseOptions): ChosenSet | readonly AttachFailure[] {
  const failures: AttachFailure[] = [];
  for (const attempt of options.attempts) {
    const stamp = stampOf(addon, attempt, options.ringBytes);
    const adopted = adoptActive(addon, attempt, stamp, options.pins);
    if (adopted !== null) return { ...adopted, failures };
    if (!options.privileged) continue;
    const generation = BigInt(addon.clocks().bootUs) * 1000n;
    const gatePath = options.pins?.gatePath ?? null;
    const result = loadAndAttach(addon, attempt, { generation, ringBytes: options.ringBytes, gatePath });
    if ('reason' in result) {
      failures.push(result);
      continue;
    }
    const pinned = options.pins === null ? null : pin(options.pins, result.set, generation, stamp);
    return { way: attempt.way, generation, ...result, pinned, adopted: false, failures };
  }
  return failures;
}

/** What tells whether pinned programs are the ones that would be loaded now. */
function stampOf(addon: NativeAddon, attempt: Attempt, ringBytes: ChooseOptions['ringBytes']): string {
  const { way, programs } = attempt;
  const values = Object.entries(attempt.constants).map(([name, value]) => [name, String(value)]);
  const names = programs.map((program) => program.name);
  return createHash('sha256')
    .update(addon.objectBytes(attempt.object))
    .update(
      JSON.stringify({
        way,
        names,
        cgroupRoot: attempt.cgroupRoot,
        values: values.sort(),
        rings: Object.entries(ringBytes).sort(),
      }),
    )
    .digest('hex')
    .slice(0, 16);
}

type Adopted = Omit<ChosenSet, 'failures'>;

function adoptActive(addon: NativeAddon, attempt: Attempt, stamp: string, pins: PinDirectory | null): Adopted | null {
  if (pins === null) return null;
  const active = pins.activeGeneration();
  const pinned = pins.sets().find((set) => set.generation === active);
  if (pinned?.stamp !== stamp || pinned.layoutVersion !== constants.LAYOUT_VERSION) return null;
  const isComplete = attempt.programs.every(
    (program) => program.loses !== null || pinned.programs.includes(program.name),
  );
  if (!isComplete) return null;
  try {
    const attached: AttachedSet = adopt(addon, pinned, attempt, pins.gatePath);
    return { way: attempt.way, generation: pinned.generation, ...attached, pinned, adopted: true };
  } catch (error) {
    // Pins that somebody has tampered with: a fresh set replaces them.
    if (isNativeError(error)) return null;
    throw error;
  }
}

function pin(pins: PinDirectory, set: NativeProgramSet, generation: bigint, stamp: string): PinnedSet {
  const pinned = pins.createSet(generation, constants.LAYOUT_VERSION, stamp);
  try {
    set.pin(pinned.path);
  } catch (error) {
    set.detach();
    set.close();
    pins.removeSet(pinned);
    if (isNativeError(error)) throw noBpffs(pinned.path, error.message, error);
    throw error;
  }
  return pins.sets().find((candidate) => candidate.path === pinned.path) ?? pinned;
}
