import type { ProcessFacts, ProcessMemory } from './process.js';

/**
 * User space ended a process or told it to end: one event a step. The OOM killer's own signals are not here, nor is ordinary
 * job control (bpf/signal.bpf.c says what is left out). Source: `struct kill_record`, `struct kill_step` in bpf/events.h.
 */
export interface KillEvent {
  readonly topic: '/kill';
  readonly tUs: number;
  readonly step: KillStep;
  /** When the signal was sent, µs since boot: with the target's pid it names the kill. */
  readonly killUs: number;
  readonly how: 'signal' | 'cgroup-kill';
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** Sent: who sent it. Memory-released: who called process_mrelease(). Null for other steps. */
  readonly sender: KillSender | null;
  readonly target: ProcessFacts;
  /** Sent: what the target held. Null for other steps. */
  readonly memory: ProcessMemory | null;
  /** Delivered: of the target, read in its own last moment. Null for other steps and where it could not be read. */
  readonly commandLine: string | null;
  /** cgroup-kill, every step: the cgroup whose cgroup.kill was written, the target's own or one above. Null for signals. */
  readonly killedCgroup: { readonly id: number; readonly path: string | null } | null;
}

export interface KillSender {
  readonly process: ProcessFacts;
  /** Arguments joined by spaces, 255 bytes at most; null = could not be read. */
  readonly commandLine: string | null;
  /** Who started the sender: the shell of a `kill`, the shim of a runtime. */
  readonly parentPid: number;
  readonly parentComm: string;
}

export type KillStep =
  | 'sent'
  /** The target takes it: with SIGKILL it is on its way out. */
  | 'delivered'
  /** process_mrelease() has taken the target's memory from outside. */
  | 'memory-released'
  /** Its last thread has ended. */
  | 'exited';
