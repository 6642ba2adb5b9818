import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Hog, type HogOptions } from './hog.js';
import { MemoryCgroup, type MemoryLimits } from './memory-cgroup.js';
import { type Random, seededRandom } from './random.js';
import { printTruth } from './truth.js';

export interface StageOptions {
  readonly seed: number;
  /** How many kills a scenario with a free number of them provokes. */
  readonly kills: number;
  /** Candidates take and give back memory while they are scored. */
  readonly busy: boolean;
  /** For ballots: another oom_score_adj for a candidate, by the number of its set and its name. */
  readonly adjust: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const ROUND_DEADLINE_MS = 120_000;
const KILL_DEADLINE_MS = 4_000;

/** Where a scenario plays: it makes cgroups and processes here, tells the truth about them, and leaves nothing behind. */
export class Stage {
  readonly random: Random;
  readonly #cgroups: MemoryCgroup[] = [];
  readonly #hogs: Hog[] = [];
  readonly #helpers: ChildProcess[] = [];
  #killedPids: number[] = [];
  kills = 0;

  constructor(readonly options: StageOptions) {
    this.random = seededRandom(options.seed);
  }

  say(text: string): void {
    printTruth({ type: 'say', text });
  }

  fact(name: string, value: unknown): void {
    printTruth({ type: 'fact', name, value });
  }

  async cgroup(path: string, limits: MemoryLimits = {}): Promise<MemoryCgroup> {
    const cgroup = await MemoryCgroup.make(path, limits);
    this.#cgroups.push(cgroup);
    printTruth({ type: 'cgroup', path, limits: { ...limits } });
    return cgroup;
  }

  /** Starts a hog; resolves when it holds what it was to hold, or has died of it. */
  async hog(role: string, cgroup: MemoryCgroup | null, options: HogOptions): Promise<Hog> {
    const hog = this.launch(role, cgroup, options);
    const ready = await hog.untilOrEnd('ready');
    if (ready === null) {
      const { status } = await hog.exited;
      // Killed while it took its memory: that may be the point. Ended by itself: it has said why.
      if (status !== null) throw new Error(`${options.comm} could not be started (exit status ${status})`);
    }
    return hog;
  }

  /** The same without waiting. */
  launch(role: string, cgroup: MemoryCgroup | null, options: HogOptions): Hog {
    const hog = new Hog(options, cgroup?.path ?? '/');
    this.#hogs.push(hog);
    printTruth({
      type: 'process',
      pid: hog.pid,
      comm: options.comm,
      adj: options.adj ?? 0,
      cgroup: hog.cgroup,
      role,
      anonBytes: options.anonBytes ?? 0,
      fileBytes: options.fileBytes ?? 0,
      shmemBytes: options.shmemBytes ?? 0,
      threads: 1 + (options.threads ?? 0),
    });
    void hog.exited.then(({ status, signal }) => {
      const by = hog.killedByScenario ? 'scenario' : signal === 'SIGKILL' ? 'kernel' : 'itself';
      printTruth({ type: 'ended', pid: hog.pid, comm: options.comm, signal, status, by });
      if (by === 'kernel') this.countKill(hog.pid);
    });
    return hog;
  }

  /** For kills that are found in another way than by launch(). */
  countKill(pid: number): void {
    this.kills++;
    this.#killedPids.push(pid);
  }

  /** Sleeping candidates, cheap: all forked from one process. Returns their pids. */
  async sleepers(
    cgroup: MemoryCgroup,
    count: number,
    options: { adj?: number; comm?: string } = {},
  ): Promise<number[]> {
    const { adj = 0, comm = 'sleeper' } = options;
    const child = this.helper('spawn-many', [
      '--die-with-parent',
      ...['--cgroup', cgroup.path.slice(1)],
      ...['--adj', String(adj), '--comm', comm],
      String(count),
    ]);
    const pids = await new Promise<number[]>((resolve, reject) => {
      child.once('exit', () => reject(new Error('spawn-many ended before its processes were there')));
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).once('line', (text) =>
        resolve((JSON.parse(text) as { pids: number[] }).pids),
      );
    });
    for (const pid of pids) {
      printTruth({
        ...{ type: 'process', pid, comm, adj, cgroup: cgroup.path, role: 'sleeper' },
        ...{ anonBytes: 0, fileBytes: 0, shmemBytes: 0, threads: 1 },
      });
    }
    return pids;
  }

  /** A program beside the scenario; it is ended with the round. */
  helper(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#helpers.push(child);
    return child;
  }

  /** A tool of lab/bin, run to its end. */
  async tool(program: string, ...args: string[]): Promise<void> {
    await promisify(execFile)(program, args);
  }

  /** Plays one round and clears the stage, whatever happened. */
  async round(number: number, play: () => Promise<void>): Promise<void> {
    this.#killedPids = [];
    const deadlineMs = ROUND_DEADLINE_MS + this.options.kills * KILL_DEADLINE_MS;
    const deadline = setTimeout(() => {
      // A guest that hangs is of no use to anyone: say so and let the caller see the status.
      process.stderr.write(`lab-scenario: round ${number} took longer than ${deadlineMs / 1000} s\n`);
      process.exit(1);
    }, deadlineMs);
    try {
      await play();
    } finally {
      await this.clear();
      clearTimeout(deadline);
    }
    printTruth({ type: 'round', round: number, killedPids: this.#killedPids });
  }

  /** Ends every process, then takes the cgroups away. */
  async clear(): Promise<void> {
    for (const hog of this.#hogs) hog.kill();
    await Promise.all(this.#hogs.map((hog) => hog.exited));
    this.#hogs.length = 0;
    for (const helper of this.#helpers) {
      if (helper.exitCode === null && helper.signalCode === null) {
        const gone = new Promise((resolve) => helper.once('exit', resolve));
        helper.kill('SIGKILL');
        await gone;
      }
    }
    this.#helpers.length = 0;
    // Innermost first: they were made from the outside in.
    for (const cgroup of this.#cgroups.reverse()) await cgroup.remove();
    this.#cgroups.length = 0;
  }
}
