import { formatBytes, formatCount, formatDuration, plural } from '../../base/units.js';
import type { GapEvent } from '../../events/gap.js';
import type { LossEvent } from '../../events/loss.js';
import type { NearMissEvent } from '../../events/near-miss.js';
import type { SessionEvent } from '../../events/session.js';
import type { VictimEvent } from '../../events/victim.js';
import { type Aftermath, aftermathOf } from '../../model/aftermath.js';
import { cgroupPath } from '../../model/memory-state.js';
import type { Incident, Model } from '../../model/model.js';
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

export function nearMissLines(miss: NearMissEvent, model: Model, clock: string): Line[] {
  const { cgroupId } = miss;
  const name = cgroupId === null ? 'the node' : (cgroupPath(model.memory, cgroupId) ?? `cgroup ${cgroupId}`);
  return [{ text: `${clock}  near miss: ${nearMissText(miss, name)}`, indent: INDENT }];
}

function nearMissText({ what, count, spanUs, throttledUs }: NearMissEvent, name: string): string {
  const span = `in ${formatDuration(spanUs)}`;
  switch (what) {
    case 'episode-without-kill':
      return `memory ran out ${plural(count, 'time')} ${span} in ${name}, and nobody was killed`;
    case 'max-events':
      return `${name} hit its limit ${plural(count, 'time')} ${span}, and reclaim made room`;
    case 'throttled':
      return `memory.high kept tasks of ${name} asleep for ${formatDuration(throttledUs ?? 0)} ${span}`;
  }
}

/** Shorter ones leave lines that are finer than those of calm: the trace and the page have them, at night they are noise. */
const SHORTEST_GAP_US = 1_000_000;

export function gapLines({ fromUs, tUs, intervalUs, ticksMissed }: GapEvent, clock: string): Line[] {
  if (tUs - fromUs < SHORTEST_GAP_US) return [];
  const ticks = `${plural(ticksMissed, 'sample')} missing of one each ${formatDuration(intervalUs)}`;
  return [{ text: `${clock}  gap of ${formatDuration(tUs - fromUs)}: ${ticks}`, indent: INDENT, tone: 'quiet' }];
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
