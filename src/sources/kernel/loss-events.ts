import { plural } from '../../base/units.js';
import { structs } from '../../events/layout.gen.js';
import type { LossEvent, LossPlace } from '../../events/loss.js';
import type { SetLoss } from './native.js';

type Counter = keyof typeof structs.loss_counters.at;

const MEANING: Readonly<Record<Counter, { where: LossPlace; say: (count: number) => string }>> = {
  kills_refused: {
    where: 'ring-kills',
    say: (count) => `${plural(count, 'record')} of kills found the ring full: kills, victims or exits are missing`,
  },
  ballot_refused: {
    where: 'ring-ballot',
    say: (count) => `${plural(count, 'candidate')} found no room in the ring: each episode says how many of its own`,
  },
  bulk_refused: {
    where: 'ring-bulk',
    say: (count) => `${plural(count, 'record')} of reaper steps or of cgroups that come and go found the ring full`,
  },
  episodes_unended: {
    where: 'episode-unended',
    say: (count) => `the end of ${plural(count, 'episode')} was never seen: what they chose is unknown`,
  },
  pressure_refused: {
    where: 'kernel-map',
    say: (count) => `${plural(count, 'stall')}, reclaims or sleeps are in no sum: the kernel side had no room for them`,
  },
  episodes_without_kill: {
    where: 'episode-without-kill',
    say: (count) => `${plural(count, 'episode')} that killed nobody left no record, lest the ring lack room for kills`,
  },
};

const WORD_BYTES = 8;

/** What a reader's loss report means, one event a place. */
export function lossEvents(loss: SetLoss, tUs: number): LossEvent[] {
  const counters = Object.entries(structs.loss_counters.at) as [Counter, number][];
  const events = counters.flatMap(([counter, offset]): LossEvent[] => {
    const count = loss.words[offset / WORD_BYTES] ?? 0;
    const { where, say } = MEANING[counter];
    return count === 0 ? [] : [{ topic: '/loss', tUs, where, count, meaning: say(count) }];
  });
  const missed = Object.entries(loss.misses);
  const count = missed.reduce((sum, [, misses]) => sum + misses, 0);
  if (count === 0) return events;
  const names = missed.map(([program, misses]) => `${program} ${misses}`).join(', ');
  // An upper bound: the same functions also run outside of OOM kills, for readers of /proc/PID/oom_score.
  const meaning = `the kernel skipped ${plural(count, 'run')} of programs (${names}): at most so much is missing from records`;
  return [...events, { topic: '/loss', tUs, where: 'program-missed', count, meaning }];
}

/** Bytes of another version's rings that nobody here can read. */
export function unreadableRings(bytes: number, layoutVersion: number, tUs: number): LossEvent {
  const meaning = `${plural(bytes, 'byte')} that another version (record layout ${layoutVersion}) left behind cannot be read`;
  return { topic: '/loss', tUs, where: 'undecodable', count: bytes, meaning };
}
