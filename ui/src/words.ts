import type { LossPlace } from '../../src/events/loss.js';
import type { AttachMode } from '../../src/events/session.js';
import type { VictimEvent } from '../../src/events/victim.js';

/** How the kernel is watched, in a few words and in a sentence. */
export const ATTACH_WORDS: Readonly<Record<AttachMode, { readonly short: string; readonly long: string }>> = {
  fentry: {
    short: 'fentry',
    long: 'Every kill is recorded with every process that the kernel weighed (fentry/fexit).',
  },
  kprobe: { short: 'kprobe', long: 'Every kill is recorded with every process that the kernel weighed (kprobes).' },
  tracepoint: {
    short: 'tracepoints only: no ballot',
    long: 'No ballot: only tracepoints could be attached, so a kill shows its victim and nothing of the choice.',
  },
  none: { short: 'not attached', long: 'Nothing records kills in this session.' },
  log: {
    short: 'from a kernel log',
    long: 'Read from a kernel log: ballots are recomputed, and what came before and after a kill is not known.',
  },
};

/** What is missing from the picture. */
export const LOSS_WORDS: Readonly<Record<LossPlace, string>> = {
  'ring-kills': 'records of kills that the kernel-side ring had no room for',
  'ring-ballot': 'candidates that the kernel-side ring had no room for',
  'ring-bulk': 'reaper steps that the kernel-side ring had no room for',
  'program-missed': 'runs of a kernel program that the kernel skipped',
  'addon-buffer': 'records that came faster than they could be read',
  'kernel-map': 'measurements of cgroups for which a kernel map had no room',
  undecodable: 'records that could not be read',
  'episode-unended': 'episodes whose end was never seen',
  'episode-without-kill': 'episodes that killed nobody: thousands may wait for one victim',
  'client-queue': 'events that this page was too slow to take (no kill is among them)',
  'output-queue': 'events that another output was too slow to take',
  recorder: 'events that are missing in the trace file, since its disk could not take them',
};

export function stepInWords(step: VictimEvent): string {
  switch (step.step) {
    case 'marked':
      if (step.sigkilled === false) return 'marked as victim; it was already dying';
      return step.sigkilled === true ? 'marked as victim, SIGKILL sent' : 'marked as victim';
    case 'delivered':
      return 'takes its SIGKILL';
    case 'reaper-queued':
      return 'given to the OOM reaper';
    case 'reaper-started':
      return 'the OOM reaper began to free its memory';
    case 'reaper-finished':
      return 'the OOM reaper has freed what it could';
    case 'reaper-skipped':
      return 'the OOM reaper found nothing left to do';
    case 'reaper-gave-up':
      return 'the OOM reaper could not take its memory';
    case 'killed-for-sharing':
      return 'SIGKILL sent, since it shares the memory of the victim';
    case 'exited':
      return 'exited';
  }
}
