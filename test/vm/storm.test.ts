import { expect, it } from 'vitest';
import type { Loss } from './harness/recording.js';
import { Recording } from './harness/recording.js';
import { describeInOwnVm, describeOnKernels, killedByKernel, type Vm } from './harness/vm.js';

const STORM_KILLS = 120;
const SLEEPERS = 200;
/** Room for some two dozen candidates. */
const TINY_BALLOT = ['--no-server', '--ballot-ring-bytes', '4096'];
const STUCK_SLEEPERS = 40;

describeOnKernels('a storm of kills', (vm) => {
  it(`${STORM_KILLS} kills with ${SLEEPERS} candidates each, and nobody reads: every kill arrives and tells how many candidates it lost`, async () => {
    const killed9 = await Recording.start(vm(), TINY_BALLOT);
    await killed9.kill9();
    const truth = await vm().scenario(`storm --kills ${STORM_KILLS}`);
    const recording = await Recording.start(vm(), TINY_BALLOT);
    await recording.stop();

    expect(killedByKernel(truth)).toHaveLength(STORM_KILLS);
    expect(recording.markedPids).toEqual(killedByKernel(truth));
    expect(recording.kills.map(({ choice }) => choice?.process.pid)).toEqual(killedByKernel(truth));
    for (const kill of recording.kills) {
      expect(kill.candidatesSeen).toBeGreaterThan(SLEEPERS);
      expect(kill.candidates.length + (kill.candidatesLost ?? Number.NaN)).toBe(kill.candidatesSeen);
      expect(kill.recordsLost).toBe(0);
    }
    const candidatesLost = recording
      .of('/oom/episode')
      .reduce((sum, episode) => sum + (episode.candidatesLost ?? Number.NaN), 0);
    expect(candidatesLost).toBeGreaterThan(STORM_KILLS);
    expect(recording.lost).toEqual({ 'ring-ballot': candidatesLost });
  });

  /** Each has room for the two kills of the scenario, and for few of the episodes between them. */
  it.each([
    { ring: 'candidates', small: ['--ballot-ring-bytes', '32768'], where: 'ring-ballot' },
    { ring: 'kills', small: ['--kills-ring-bytes', '65536'], where: 'episode-without-kill' },
  ] as const)(
    'hundreds of episodes wait for a victim, and nobody reads a small ring for $ring: the next kill is whole',
    async ({ small, where }) => {
      const killed9 = await Recording.start(vm(), ['--no-server', ...small]);
      await killed9.kill9();
      const truth = await vm().scenario('stuck');
      const recording = await Recording.start(vm(), ['--no-server', ...small]);
      await recording.stop();

      expect(killedByKernel(truth)).toHaveLength(2);
      expect(recording.kills.map(({ choice }) => choice?.process.pid)).toEqual(killedByKernel(truth));
      expect(recording.markedPids).toEqual(killedByKernel(truth));
      for (const { candidates, candidatesLost, recordsLost } of recording.kills) {
        expect({ candidatesLost, recordsLost }).toEqual({ candidatesLost: 0, recordsLost: 0 });
        expect(candidates.length).toBeGreaterThan(STUCK_SLEEPERS);
      }
      // Nothing is said to be missing but what is: at the end the scenario kills, which a ring that is half full refuses.
      const { [where]: ofWaiting = 0, 'ring-kills': ofScenario = 0, ...others } = recording.lost;
      expect(ofWaiting).toBeGreaterThan(STUCK_SLEEPERS);
      expect(ofScenario).toBeLessThanOrEqual(truth.filter(({ type }) => type === 'process').length);
      expect(others).toEqual({});
      console.log(`${recording.of('/oom/episode').length} episodes told, lost: ${JSON.stringify(recording.lost)}`);
    },
  );
});

/** Runs of programs that the kernel skipped, as it counts them itself. Meanwhile nobody may score. */
async function skippedRuns(vm: Vm): Promise<number> {
  const programs = JSON.parse(await vm.succeed('bpftool -j prog show')) as { recursion_misses?: number }[];
  return programs.reduce((sum, program) => sum + (program.recursion_misses ?? 0), 0);
}

/** Kills while every score is read: whoever is a candidate must be one in truth, and what was skipped is told. */
async function expectNoGhosts(vm: Vm, kernel: string, kills: number): Promise<void> {
  const recording = await Recording.start(vm);
  const truth = await vm.scenario(`ghosts --kills ${kills}`);
  const skipped = await skippedRuns(vm);
  await recording.stop();

  const inCgroup = new Set(truth.flatMap((line) => (line.type === 'process' ? [line.pid] : [])));
  expect(recording.markedPids).toEqual(killedByKernel(truth));
  for (const kill of recording.kills) {
    expect(kill.candidates.filter(({ pid, cgroupPath }) => !inCgroup.has(pid) || cgroupPath !== '/ghosts')).toEqual([]);
    expect(new Set(kill.candidates.map(({ pid }) => pid)).size).toBe(kill.candidates.length);
  }
  const counted: Loss = skipped === 0 ? {} : { 'program-missed': skipped };
  expect(recording.lost).toEqual(counted);
  console.log(`Linux ${kernel}: ${recording.kills.length} kills, ${skipped} runs of programs skipped by the kernel`);
}

describeOnKernels('reading /proc/*/oom_score during kills', (vm, kernel) => {
  it('adds no candidate, and what the kernel skipped is counted', () => expectNoGhosts(vm(), kernel, 10));
});

describeInOwnVm('a kernel that preempts everywhere', '6.12', { kernelArguments: 'preempt=full' }, (vm) => {
  it('reading /proc/*/oom_score during kills adds no candidate, and what the kernel skipped is counted', async () => {
    expect(await vm().succeed('dmesg')).toContain('Dynamic Preempt: full');
    await expectNoGhosts(vm(), '6.12, preempt=full', 20);
  });
});
