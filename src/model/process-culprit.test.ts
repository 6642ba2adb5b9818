import { describe, expect, it } from 'vitest';
import { ramp } from '../../test/support/memory-tracks.js';
import { MIB, sampleCandidate, sampleCgroup, sampleChoice, sampleEpisode } from '../../test/support/sample-events.js';
import type { Candidate, EpisodeEvent } from '../events/episode.js';
import { type Culprit, culpritOf } from './culprit.js';
import type { PlacedProcess } from './process-culprit.js';
import { culpritInWords } from './verdict-words.js';

const S = 1_000_000;
const END_US = sampleEpisode().episodeUs;
const SECONDS = 10;

const member = (pid: number, mib: number, over: Partial<Candidate> = {}) =>
  sampleCandidate({
    pid,
    comm: `worker-${pid}`,
    cgroupPath: '/pods/app',
    rssAnonBytes: mib * MIB,
    startUs: S,
    ...over,
  });
const sidecar = sampleCandidate({ pid: 9, comm: 'vector', cgroupPath: '/pods/vector', rssAnonBytes: 20 * MIB });

/** The cgroup of the members grew by 100 MiB in ten seconds; the sidecar died. */
const grown = [ramp('/pods/app', 200 * MIB, 300 * MIB, END_US, SECONDS)];

function episodeOf(members: readonly Candidate[], over: Partial<EpisodeEvent> = {}): EpisodeEvent {
  const limitCgroup = sampleCgroup({ id: 1, path: '/pods', level: 1 });
  return sampleEpisode({ candidates: [...members, sidecar], choice: sampleChoice(sidecar), limitCgroup, ...over });
}

/** A process that is told from so many seconds before the kill on, once a second, with what it held then. */
function told({ pid, startUs, comm }: Candidate, fromSeconds: number, mibThen: number, mibLast: number): PlacedProcess {
  const points = Array.from({ length: fromSeconds }, (_, n) => ({
    tUs: END_US - (fromSeconds - n) * S - S / 2,
    bytes: (mibThen + ((mibLast - mibThen) * n) / fromSeconds) * MIB,
  }));
  return { pid, startUs, comm, cgroupId: 2, path: '/pods/app', points };
}

function culprit(episode: EpisodeEvent, processes: readonly PlacedProcess[] = []) {
  const found: Culprit = culpritOf(episode, grown, processes);
  if (found.kind !== 'cgroup') throw new Error(found.kind);
  return { ...found, words: culpritInWords(found, sidecar) };
}

describe('the process behind the growth of a cgroup', () => {
  it('is the one that grew by its samples, though another holds more', () => {
    const [big, leak] = [member(1, 180), member(2, 120)];
    const { process, processBytes, words } = culprit(episodeOf([big, leak]), [
      told(big, 30, 180, 180),
      told(leak, 30, 20, 20),
    ]);
    expect(process?.pid).toBe(2);
    expect(processBytes).toBe(100 * MIB);
    expect(words).toBe('worker-2 (pid 2) in /pods/app grew 100 MiB in the 10 s before and caused it.');
  });

  it('is told with its own number and that of its cgroup where they differ', () => {
    const [leak, other] = [member(1, 170), member(2, 130)];
    const processes = [told(leak, 30, 100, 100), told(other, 30, 100, 100)];
    expect(culprit(episodeOf([leak, other]), processes).words).toBe(
      'worker-1 (pid 1) in /pods/app grew 70 MiB in the 10 s before (its cgroup 100 MiB) and caused it.',
    );
  });

  it('is nobody where several grew alike: the claim stays the cgroup', () => {
    const [one, two] = [member(1, 150), member(2, 150)];
    const found = culprit(episodeOf([one, two]), [told(one, 30, 100, 100), told(two, 30, 100, 100)]);
    expect(found).toMatchObject({ process: null, processBytes: null });
    expect(found.words).toBe('Cgroup /pods/app grew 100 MiB in the 10 s before and caused it.');
  });

  it('is nobody where the samples explain too little of the growth, as of a tmpfs', () => {
    const one = member(1, 30);
    expect(culprit(episodeOf([one]), [told(one, 30, 20, 30)]).process).toBeNull();
  });

  it('that began in the window grew from nothing, told or not', () => {
    const [old, young] = [member(1, 200), member(2, 95, { startUs: END_US - 3 * S })];
    expect(culprit(episodeOf([old, young]), [told(old, 30, 200, 200)])).toMatchObject({
      ...{ process: { pid: 2 }, processBytes: 95 * MIB },
    });
  });

  it('that was told late counts from what it was first told with, and is told without a number', () => {
    const [old, late] = [member(1, 110), member(2, 190)];
    const processes = [told(old, 30, 110, 110), told(late, 4, 150, 180)];
    expect(culprit(episodeOf([old, late]), processes).process).toBeNull();
    expect(
      culprit(episodeOf([old, late]), [processes[0] ?? told(old, 1, 1, 1), told(late, 4, 110, 180)]),
    ).toMatchObject({
      ...{ process: { pid: 2 }, processBytes: null },
    });
  });

  it('that was told too late for a number is named where no other can have done it', () => {
    const [one, other] = [member(1, 280), member(2, 20)];
    const late = told(one, 4, 250, 270);
    expect(culprit(episodeOf([one, other]), [late])).toMatchObject({ process: { pid: 1 }, processBytes: null });
    expect(culprit(episodeOf([one, member(2, 60)]), [late]).process).toBeNull();
  });

  it('is not told with what it took long before', () => {
    const [one, other] = [member(1, 280), member(2, 60)];
    const old = (of: Candidate, mib: number) => ({
      ...told(of, 30, mib, mib),
      points: told(of, 30, mib, mib).points.slice(0, 5),
    });
    // It took 250 MiB after its last sample; by whom the 100 MiB of the window were is not known.
    expect(culprit(episodeOf([one, other]), [old(one, 30), old(other, 60)]).process).toBeNull();
    expect(culprit(episodeOf([one]), [old(one, 30)])).toMatchObject({ process: { pid: 1 }, processBytes: 100 * MIB });
  });

  it('never grew by more than its cgroup', () => {
    const one = member(1, 300);
    expect(culprit(episodeOf([one]), [told(one, 30, 150, 150)])).toMatchObject({
      process: { pid: 1 },
      processBytes: 100 * MIB,
    });
    const [most, other] = [member(1, 300), member(2, 30)];
    const found = culprit(episodeOf([most, other]), [told(most, 30, 150, 150), told(other, 30, 30, 30)]);
    expect(found).toMatchObject({ process: { pid: 1 }, processBytes: null });
    expect(found.words).toBe(
      'worker-1 (pid 1) in /pods/app made most of the 100 MiB that its cgroup grew by in the 10 s before and caused it.',
    );
  });

  it('is nobody whose samples say that it held it all before', () => {
    const one = member(1, 280);
    expect(culprit(episodeOf([one]), [told(one, 30, 280, 280)]).process).toBeNull();
  });

  it('is not mistaken for an earlier one with its pid', () => {
    const one = member(1, 300, { startUs: END_US - 60 * S });
    const earlier = { ...told(one, 30, 250, 290), startUs: S };
    expect(culprit(episodeOf([one]), [earlier])).toMatchObject({ processBytes: 100 * MIB });
  });

  it('outside of the cgroup is of no concern', () => {
    const one = member(1, 300);
    const outside = { ...told(sidecar, 30, 1, 20), path: '/pods/vector' };
    expect(culprit(episodeOf([one]), [outside])).toMatchObject({ process: { pid: 1 }, processBytes: 100 * MIB });
  });
});

describe('without samples of processes', () => {
  it('one is named where the others of the cgroup hold too little to have done it', () => {
    expect(culprit(episodeOf([member(1, 260), member(2, 40)]))).toMatchObject({
      ...{ process: { pid: 1 }, processBytes: null },
    });
  });

  it('it is said to have grown by as much as its cgroup only where nobody else could have', () => {
    expect(culprit(episodeOf([member(1, 260), member(2, 10)])).processBytes).toBe(100 * MIB);
    expect(culprit(episodeOf([member(1, 260), member(2, 11)])).processBytes).toBeNull();
    // Nor where it holds less than that.
    expect(culprit(episodeOf([member(1, 90)])).processBytes).toBe(100 * MIB);
    expect(culprit(episodeOf([member(1, 89)])).processBytes).toBeNull();
  });

  it('nobody is guessed, though one holds more than all others', () => {
    expect(culprit(episodeOf([member(1, 259), member(2, 41)])).process).toBeNull();
    expect(culprit(episodeOf([member(1, 300)], { candidatesLost: 1 })).process).toBeNull();
    expect(culprit(episodeOf([member(1, 59)])).process).toBeNull();
  });
});
