import type { Stage } from '../stage/stage.js';

/** Something that goes wrong in the lab, on purpose. One file each. */
export interface Scenario {
  readonly name: string;
  /** What happens, in one line. */
  readonly summary: string;
  /** What a person can learn from it. */
  readonly shows: string;
  /** Who dies, and why. */
  readonly expected: string;
  /** For a person: a rest after each round, so that there is time to look. Ends of rounds are told. */
  readonly pauseMs: number;
  /** Plays it once. Everything that it makes on the stage is taken away afterwards. */
  play(stage: Stage): Promise<void>;
}

export const MIB = 1024 * 1024;
