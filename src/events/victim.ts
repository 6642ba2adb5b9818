import type { ProcessFacts, ProcessMemory } from './process.js';

/**
 * A process on its way out: one event a step. Source: mark_oom_victim(), the reaper's tracepoints, the last thread's exit;
 * or the lines that a kernel log has of them.
 */
export interface VictimEvent {
  readonly topic: '/oom/victim';
  readonly tUs: number;
  readonly step: VictimStep;
  /** The episode that marked it; null = not seen (tracepoint mode, or marked before the tracer was there). */
  readonly episodeUs: number | null;
  /** For the reaper's steps only `tid` is known by the kernel; the rest is filled in from the mark, or null. */
  readonly tid: number;
  readonly process: ProcessFacts | null;
  /**
   * At the mark: what it held. At the exit: what its address space still held. From a log also when the
   * reaper has finished: what was left. Null for the other steps.
   */
  readonly memory: ProcessMemory | null;
  /** Marked: SIGKILL was sent (else it was dying already). Null for other steps and where it was not seen. */
  readonly sigkilled: boolean | null;
  /** Marked: it is the process that was chosen; false = a member of the chosen one's memory.oom.group. Null where not seen. */
  readonly chosen: boolean | null;
  /** Exited: processes that still share its address space. More than 0 = the memory is not free. Null for other steps. */
  readonly memorySharedBy: number | null;
  /** Delivered: arguments joined by spaces, 255 bytes at most, read in its own last moment. Null for other steps and where unreadable. */
  readonly commandLine: string | null;
  /**
   * Marked: its pid in its own pid namespace, as it is called within its container; that of the host where it shares the
   * host's. Null for other steps and where not seen.
   */
  readonly containerPid: number | null;
}

export type VictimStep =
  | 'marked'
  /** It takes its SIGKILL. */
  | 'delivered'
  | 'reaper-queued'
  | 'reaper-started'
  | 'reaper-finished'
  | 'reaper-skipped'
  /** The reaper could not take its memory, after ten tries. */
  | 'reaper-gave-up'
  /** SIGKILL without a mark: another process that shares a victim's memory. Seen in logs only. */
  | 'killed-for-sharing'
  | 'exited';
