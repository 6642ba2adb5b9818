/** Something was lost, and this much of it. Counts are since the last such event for the same place. */
export interface LossEvent {
  readonly topic: '/loss';
  readonly tUs: number;
  readonly where: LossPlace;
  readonly count: number;
  /** What it means for the reader, in one line. */
  readonly meaning: string;
}

export type LossPlace =
  /** A BPF ring had no room. */
  | 'ring-kills'
  | 'ring-ballot'
  | 'ring-bulk'
  /** A BPF program was skipped by the kernel (recursion_misses, nmissed). */
  | 'program-missed'
  /** The addon's buffer was full since JavaScript was too slow. */
  | 'addon-buffer'
  /** A kernel map of samples, stalls or reclaim had no room for another cgroup. */
  | 'kernel-map'
  /** Bytes that are no record of this layout. */
  | 'undecodable'
  /** An episode whose end was never seen. */
  | 'episode-unended'
  /** An episode that killed nobody, while half of the ring for kills was unread. No kill is among them. */
  | 'episode-without-kill'
  /** A WebSocket client was too slow. Told to that client only. */
  | 'client-queue'
  /** The reader of this very output (a pipe) was too slow. Told in that output only. */
  | 'output-queue'
  /** A trace file could not take it: its disk was too slow, full or gone. Live went on. */
  | 'recorder';
