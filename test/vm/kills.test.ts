import { afterAll, expect, it } from 'vitest';
import type { EpisodeEvent } from '../../src/events/episode.js';
import type { ProcessTruth } from '../../src/lab/stage/truth.js';
import { Recording } from './harness/recording.js';
import { describeOnKernels, killedByKernel, type Truth, type Vm } from './harness/vm.js';

interface Played {
  readonly recording: Recording;
  readonly truth: readonly Truth[];
  /** The first episode in which someone was killed. */
  readonly kill: EpisodeEvent;
}

const ascending = (pids: Iterable<number>) => [...pids].sort((a, b) => a - b);

/**
 * Threads that the kernel's own log names as killed. A member of a group is killed twice, first as the chosen one and then with its
 * group: it stands there twice, the second time perhaps by another of its threads, when the first has let go of its memory.
 */
async function killedInDmesg(vm: Vm): Promise<number[]> {
  const log = await vm.succeed('dmesg');
  return ascending(new Set([...log.matchAll(/Killed process ([0-9]+) /g)].map((match) => Number(match[1]))));
}

/**
 * Plays a scenario under oomscope. Whatever else it shows, the record names each process that died, once, by a thread that the
 * kernel's log names.
 */
async function playUnder(recording: Recording, vm: Vm, scenario: string): Promise<Truth[]> {
  await vm.succeed('dmesg -C');
  const truth = await vm.scenario(scenario);
  const killed = ascending(killedByKernel(truth));
  const sigkilled = () => recording.marked.filter((mark) => mark.sigkilled);
  await expect.poll(() => ascending(sigkilled().map(({ process, tid }) => process?.pid ?? tid))).toEqual(killed);
  expect(await killedInDmesg(vm)).toEqual(expect.arrayContaining(sigkilled().map(({ tid }) => tid)));
  return truth;
}

/** An episode is told at its end: after those that it marked. */
async function firstKill(recording: Recording, scenario: string): Promise<EpisodeEvent> {
  await expect.poll(() => recording.kills.length, { message: `${scenario}: no kill was recorded` }).toBeGreaterThan(0);
  return recording.kills[0] as EpisodeEvent;
}

/** Plays with an oomscope of its own, which then ends. */
async function play(vm: Vm, scenario: string, options?: readonly string[]): Promise<Played> {
  const recording = await Recording.start(vm, options);
  const truth = await playUnder(recording, vm, scenario);
  await recording.stop();
  return { recording, truth, kill: await firstKill(recording, scenario) };
}

/** Plays under one oomscope that goes on from test to test; after a failure, under a new one. */
class Witness {
  #recording: Recording | null = null;

  async see(vm: Vm, scenario: string): Promise<Omit<Played, 'kill'>> {
    const recording = this.#recording ?? (await Recording.start(vm));
    this.#recording = null;
    recording.forget();
    const truth = await playUnder(recording, vm, scenario);
    this.#recording = recording;
    return { recording, truth };
  }

  async play(vm: Vm, scenario: string): Promise<Played> {
    const { recording, truth } = await this.see(vm, scenario);
    this.#recording = null;
    const kill = await firstKill(recording, scenario);
    this.#recording = recording;
    return { recording, truth, kill };
  }

  async leave(): Promise<void> {
    await this.#recording?.stop();
  }
}

function processNamed(truth: readonly Truth[], comm: string): ProcessTruth {
  const found = truth.find((line): line is ProcessTruth & Truth => line.type === 'process' && line.comm === comm);
  if (found === undefined) throw new Error(`the scenario made no ${comm}`);
  return found;
}

describeOnKernels('a kill names its trigger, its victim and whose limit was hit', (vm) => {
  const witness = new Witness();
  afterAll(() => witness.leave());

  it('sidecar: the app asks, the sidecar dies, the limit above both was hit', async () => {
    const { kill, truth, recording } = await witness.play(vm(), 'sidecar');
    const [app, sidecar] = [processNamed(truth, 'myapp'), processNamed(truth, 'vector')];
    expect(kill).toMatchObject({
      constraint: 'memcg',
      sysrq: false,
      trigger: { pid: app.pid, comm: 'myapp', adj: app.adj, cgroupPath: app.cgroup },
      triggerCgroup: { path: app.cgroup },
      limitCgroup: { path: '/kubepods', maxBytes: 512 << 20, swapMaxBytes: 0, level: 1 },
      victimCgroup: { path: sidecar.cgroup, oomGroup: true },
      choice: { how: 'selected', process: { pid: sidecar.pid, comm: 'vector', adj: sidecar.adj } },
    });
    expect(kill.limitCgroup?.usageBytes).toBeGreaterThan((512 << 20) * 0.98);
    expect(kill.limitAncestors.map(({ path, level }) => [path, level])).toEqual([['/', 0]]);
    expect(kill.candidates.map(({ pid }) => pid).sort()).toEqual([app.pid, sidecar.pid].sort());
    const steps = () => recording.of('/oom/victim').filter(({ process }) => process?.pid === sidecar.pid);
    await expect.poll(() => steps().map(({ step }) => step)).toEqual(expect.arrayContaining(['marked', 'exited']));
  });

  it("nested: an ancestor's limit, a trigger outside the victim's cgroup", async () => {
    const { kill, truth } = await witness.play(vm(), 'nested');
    expect(kill).toMatchObject({
      trigger: { pid: processNamed(truth, 'worker').pid, cgroupPath: '/shop/workers' },
      limitCgroup: { path: '/shop', maxBytes: 96 << 20 },
      victimCgroup: { path: '/shop/caches', maxBytes: 512 << 20 },
      choice: { process: { pid: processNamed(truth, 'cache').pid } },
    });
  });

  it('group: one is chosen, all members are marked, the neighbour is no candidate', async () => {
    const { kill, truth, recording } = await witness.play(vm(), 'group');
    const members = ['leader', 'helper', 'grower'].map((comm) => processNamed(truth, comm).pid);
    expect(ascending(recording.markedPids)).toEqual(ascending(members));
    expect(recording.marked.filter(({ chosen }) => chosen).map(({ process }) => process?.pid)).toEqual([
      kill.choice?.process.pid,
    ]);
    expect(recording.marked.every(({ sigkilled, episodeUs }) => sigkilled && episodeUs === kill.episodeUs)).toBe(true);
    expect(kill.limitCgroup).toMatchObject({ path: '/batch/job', oomGroup: true });
    const neighbour = processNamed(truth, 'neighbour').pid;
    expect(kill.candidates.map(({ pid }) => pid)).not.toContain(neighbour);
    expect(truth).toContainEqual(expect.objectContaining({ type: 'ended', pid: neighbour, by: 'scenario' }));
  });

  it('node: no limit was hit, and every process of the node is a candidate or was skipped', async () => {
    const { kill, truth } = await witness.play(vm(), 'node');
    expect(kill).toMatchObject({ constraint: 'none', limitCgroup: null, limitAncestors: [], sysrq: false });
    expect(kill.choice?.process.pid).toBe(processNamed(truth, 'batch').pid);
    expect(kill.candidates.find(({ pid }) => pid === 1)?.status).toBe('skipped-init');
    expect(kill.candidates.map(({ comm }) => comm)).toEqual(expect.arrayContaining(['batch', 'leaker', 'node']));
    expect(kill.kernelThreadsSkipped).toBeGreaterThan(10);
    expect(kill.candidatesSeen).toBe(kill.candidates.length);
  });

  it('sysrq-f: a kernel worker triggers, nothing was short', async () => {
    const { kill, truth } = await witness.play(vm(), 'sysrq');
    expect(kill).toMatchObject({ sysrq: true, order: -1, limitCgroup: null });
    expect(kill.trigger?.comm).toMatch(/^kworker/);
    expect(kill.choice?.process.pid).toBe(processNamed(truth, 'target').pid);
  });

  it('oom_kill_allocating_task: whoever asked dies, nobody is scored', async () => {
    const { kill, truth } = await witness.play(vm(), 'allocating-task');
    const { pid } = processNamed(truth, 'asker');
    expect(kill).toMatchObject({
      choice: { how: 'allocating-task', points: null, process: { pid } },
      trigger: { pid },
    });
    expect(kill.candidates).toEqual([]);
  });

  it('threads: the trigger is a thread, the victim its process, even without its leader', async () => {
    const { recording, truth } = await witness.play(vm(), 'threads');
    for (const comm of ['pool', 'orphan']) {
      const { pid } = processNamed(truth, comm);
      const kill = recording.kills.find(({ choice }) => choice?.process.pid === pid);
      expect(kill?.trigger).toMatchObject({ pid });
      expect(kill?.trigger?.tid).not.toBe(pid);
      expect(kill?.candidates).toMatchObject([{ pid, status: 'scored' }]);
    }
  });

  it('a victim that was dying already is marked without a signal, and nobody else dies', async () => {
    const { recording, truth } = await witness.see(vm(), 'dying');
    const slow = processNamed(truth, 'slow').pid;
    expect(recording.markedPids).toEqual([slow]);
    expect(recording.marked[0]).toMatchObject({ sigkilled: false });
    expect(recording.of('/oom/episode').map(({ outcome }) => outcome)).toContain('victim-dying');
    expect(killedByKernel(truth)).toEqual([]);
    expect(truth).toContainEqual(expect.objectContaining({ type: 'fact', name: 'pusher-lives', value: true }));
  });
});

describeOnKernels('each way to attach reports a kill', (vm) => {
  it.each(['fentry', 'kprobe'] as const)('%s: with trigger, limit and ballot', async (mode) => {
    // Debian's 3 keeps kprobes for CAP_SYS_ADMIN; 2 is what other distributions have.
    await vm().succeed('sysctl -q kernel.perf_event_paranoid=2');
    const { kill, truth, recording } = await play(vm(), 'nested', ['--no-server', '--attach', mode]);
    expect(recording.session.attachMode).toBe(mode);
    expect(kill).toMatchObject({
      attachMode: mode,
      trigger: { comm: 'worker', cgroupPath: '/shop/workers' },
      limitCgroup: { path: '/shop' },
      choice: { process: { pid: processNamed(truth, 'cache').pid } },
    });
    expect(kill.candidates.map(({ comm, status }) => [comm, status]).sort()).toEqual([
      ['cache', 'scored'],
      ['worker', 'scored'],
    ]);
  });

  it('kprobe: where perf_event_paranoid keeps them from CAP_PERFMON, the refusal names the setting', async () => {
    await vm().succeed('sysctl -q kernel.perf_event_paranoid=3');
    await expect(Recording.start(vm(), ['--no-server', '--attach', 'kprobe'])).rejects.toThrow(
      /status 3[\s\S]*E_ATTACH_FORCED[^\n]*kernel\.perf_event_paranoid/,
    );
  });

  it('tracepoint: the victim without its ballot, and the session says so', async () => {
    const recording = await Recording.start(vm(), ['--no-server', '--attach', 'tracepoint']);
    const truth = await vm().scenario('nested');
    await recording.stop();
    expect(recording.session.attachMode).toBe('tracepoint');
    expect(recording.session.missing.map(({ code }) => code)).toContain('NO_BALLOT');
    expect(recording.of('/oom/episode')).toEqual([]);
    const { pid } = processNamed(truth, 'cache');
    expect(recording.marked).toMatchObject([{ tid: pid, episodeUs: null, process: { comm: 'cache' } }]);
    expect(recording.of('/oom/victim').map(({ step }) => step)).toContain('exited');
  });
});
