import { formatBytes, formatCount, formatDuration, plural } from '../../base/units.js';
import type { LossEvent } from '../../events/loss.js';
import type { SessionEvent } from '../../events/session.js';
import type { VictimEvent } from '../../events/victim.js';
import { type Aftermath, aftermathOf } from '../../model/aftermath.js';
import type { Incident } from '../../model/model.js';
import { processName } from '../../model/summary.js';
import type { Line } from './line.js';
import { memoryInWords } from './memory-words.js';

const INDENT = 4;

export function sessionLines(session: SessionEvent): Line[] {
  const { missing, adopted } = session;
  const node = [
    `oomscope ${session.oomscopeVersion} on ${session.hostname ?? 'a host without a name'}`,
    [`Linux ${session.kernelRelease ?? 'of an unknown version'}`, ...known(session.machine, (machine) => machine)].join(
      ' ',
    ),
    ...known(session.cpuCount, (count) => plural(count, 'CPU')),
    ...known(session.memoryTotalBytes, (bytes) => `${formatBytes(bytes)} memory`),
    ...known(session.swapTotalBytes, (bytes) => `${formatBytes(bytes)} swap`),
  ].join(', ');
  return [
    { text: `${node}. ${ATTACHED[session.attachMode]}`, indent: INDENT },
    ...missing.map(
      (feature): Line => ({
        text: `  missing (${feature.code}): ${feature.what} Lost by it: ${feature.lost} ${feature.remedy}`,
        indent: INDENT,
      }),
    ),
    ...(adopted === null
      ? []
      : [
          {
            text:
              `  nobody was watching for ${formatDuration(adopted.gapToUs - adopted.gapFromUs)}; the kernel side ` +
              'recorded on, and what it has comes now',
            indent: INDENT,
          },
        ]),
  ];
}

function known<T>(value: T | null, words: (value: T) => string): string[] {
  return value === null ? [] : [words(value)];
}

const ATTACHED: Readonly<Record<SessionEvent['attachMode'], string>> = {
  fentry: 'Kills are recorded with their ballot (fentry).',
  kprobe: 'Kills are recorded with their ballot (kprobe).',
  tracepoint: 'Kills are recorded WITHOUT their ballot (tracepoints only).',
  none: 'NOTHING records kills here.',
  log: 'Read from a kernel log: ballots are recomputed, and what came before and after a kill is not known.',
};

export function lossLines(loss: LossEvent, clock: string): Line[] {
  return [{ text: `${clock}  LOST ${formatCount(loss.count)} (${loss.where}): ${loss.meaning}`, indent: INDENT }];
}

/** What became of a victim after its mark, which stands in the block; steps that change nothing for a person have no line. */
export function aftermathLines(event: VictimEvent, incident: Incident | undefined, clock: string): Line[] {
  const victim = incident?.victims.find((known) => known.tid === event.tid) ?? { tid: event.tid, steps: [event] };
  const text = stepText(event, aftermathOf(victim));
  return text === null ? [] : [{ text: `${clock}  ${text}`, indent: INDENT }];
}

function stepText(event: VictimEvent, aftermath: Aftermath): string | null {
  const process = event.process ?? aftermath.process;
  const name = process === null ? `the process of thread ${event.tid}` : processName(process);
  switch (event.step) {
    case 'exited':
      return exitText(name, aftermath);
    case 'reaper-queued':
      return `${name} is not gone yet: the OOM reaper takes over`;
    case 'reaper-finished':
      return `the OOM reaper took the memory of ${name}${leftText(aftermath)}`;
    case 'reaper-gave-up':
      return `the OOM reaper could NOT take the memory of ${name}`;
    default:
      return null;
  }
}

function leftText({ leftByReaper }: Aftermath): string {
  if (leftByReaper === null) return '';
  const held = memoryInWords(leftByReaper);
  return held === '' ? ', all of it' : ` but for ${held}`;
}

function exitText(name: string, aftermath: Aftermath): string {
  const { dyingUs, freedBytes, memorySharedBy } = aftermath;
  const took = dyingUs === null ? '' : ` ${formatDuration(dyingUs)} after its mark`;
  const shared =
    memorySharedBy === null || memorySharedBy === 0
      ? ''
      : `; its memory is NOT free: ${plural(memorySharedBy, 'other process shares', 'other processes share')} it`;
  const freed = freedBytes === null ? '' : `, ${formatBytes(freedBytes)} freed`;
  return `${name} exited${took}${freed}${shared}`;
}
