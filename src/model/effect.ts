import type { ProcessMemory } from '../events/process.js';
import { aftermathOf } from './aftermath.js';
import type { Incident, IncidentVictim } from './model.js';

/** What a kill brought, beside what the victims' points promised. */
export interface KillEffect {
  /** All that the marked processes held: what the kernel counted on. Null = not recorded. */
  readonly promisedBytes: number | null;
  /** Null = their ends were not seen. */
  readonly freedBytes: number | null;
  /** 'futile': nearly nothing came back; 'partly': less than half did. Null = not known. */
  readonly outcome: 'freed' | 'partly' | 'futile' | null;
  /** Of what was promised: the part that stays in the page cache, and the part that stays until its file is deleted. */
  readonly fileBytes: number;
  readonly shmemBytes: number;
  /** Processes that were left with the memory of a victim. */
  readonly sharedBy: number;
}

const FUTILE_SHARE = 0.1;
const PARTLY_SHARE = 0.5;

export function effectOf({ victims }: Incident): KillEffect {
  const marks = victims.map(markedMemory);
  const promised = sumOrNull(marks.map((memory) => (memory === null ? null : allBytes(memory))));
  const ends = victims.map(aftermathOf);
  const freed = sumOrNull(ends.map(({ freedBytes }) => freedBytes));
  return {
    promisedBytes: promised,
    freedBytes: freed,
    outcome: outcomeOf(promised, freed),
    fileBytes: marks.reduce((sum, memory) => sum + (memory?.rssFileBytes ?? 0), 0),
    shmemBytes: marks.reduce((sum, memory) => sum + (memory?.rssShmemBytes ?? 0), 0),
    sharedBy: ends.reduce((most, { memorySharedBy }) => Math.max(most, memorySharedBy ?? 0), 0),
  };
}

function outcomeOf(promised: number | null, freed: number | null): KillEffect['outcome'] {
  if (promised === null || freed === null || promised === 0) return null;
  if (freed < promised * FUTILE_SHARE) return 'futile';
  return freed < promised * PARTLY_SHARE ? 'partly' : 'freed';
}

function markedMemory({ steps }: IncidentVictim): ProcessMemory | null {
  return steps.find(({ step }) => step === 'marked')?.memory ?? null;
}

function allBytes({ rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes }: ProcessMemory) {
  return sumOrNull([rssAnonBytes, rssFileBytes, rssShmemBytes, swapBytes, pageTableBytes]);
}

/** A sum is known only when each part is, and there is one. */
function sumOrNull(parts: readonly (number | null)[]): number | null {
  if (parts.length === 0) return null;
  return parts.reduce<number | null>((sum, part) => (sum === null || part === null ? null : sum + part), 0);
}

/** When the same victim was killed, this time included, oldest first: the same name in the same place. */
export function repeatsOf(incident: Incident, incidents: readonly Incident[]): readonly number[] {
  const own = victimPlace(incident);
  if (own === null) return [];
  return incidents
    .filter((other) => other.startUs <= incident.startUs && victimPlace(other) === own)
    .map(({ startUs }) => startUs);
}

/** A container that was started again stands in another cgroup, so the one above it counts. */
function victimPlace({ episode, victims }: Incident): string | null {
  const victim = episode?.choice?.process ?? victims[0]?.steps.find(({ process }) => process !== null)?.process;
  if (victim === undefined || victim === null || victim.cgroupPath === null) return null;
  const inPod = /^(.*\/[^/]*pod[^/]*)\/[^/]+$/.exec(victim.cgroupPath);
  return `${victim.comm}\n${inPod?.[1] ?? victim.cgroupPath}`;
}
