import type { ProcessFacts } from '../events/process.js';
import type { VictimEvent } from '../events/victim.js';
import { sameProcess } from './ballot.js';
import type { Incident } from './model.js';

/** Who was chosen to die, and its mark; where the choice was not recorded, who was marked first. */
export function victimOf({ episode, victims }: Incident): {
  readonly process: ProcessFacts | null;
  readonly mark: VictimEvent | null;
} {
  const marks = victims.flatMap(({ steps }) => steps).filter(({ step }) => step === 'marked');
  const chosen = episode?.choice?.process ?? null;
  const mark =
    chosen === null ? marks[0] : marks.find(({ process }) => process !== null && sameProcess(process, chosen));
  return { process: chosen ?? mark?.process ?? null, mark: mark ?? null };
}
