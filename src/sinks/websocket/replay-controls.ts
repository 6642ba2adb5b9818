import type { ReplayCommand, ReplayState } from '../../wire/replay.js';

/** A replay as its server sees it. */
export interface ReplayControls {
  /** Null = it has not begun. */
  readonly state: ReplayState | null;
  /** What a client asks. Of two clients, who asks last is obeyed. */
  obey(command: ReplayCommand): void;
}
