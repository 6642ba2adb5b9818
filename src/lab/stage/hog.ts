import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isEnding } from './process-state.js';

/** lab/victims/hog.c, in its own words: `hog --help`. */
export interface HogOptions {
  readonly comm: string;
  readonly adj?: number;
  readonly anonBytes?: number;
  readonly fileBytes?: number;
  readonly filePath?: string;
  readonly shmemBytes?: number;
  readonly pageoutBytes?: number;
  readonly locked?: boolean;
  /** NUMA node that all its memory comes from. */
  readonly memoryNode?: number;
  readonly threads?: number;
  /** Waits for start() after it is ready. */
  readonly wait?: boolean;
  readonly growBytes?: number;
  readonly growBytesPerSecond?: number;
  readonly growKind?: 'anon' | 'shmem' | 'file';
  readonly workInThread?: boolean;
  readonly leaderExits?: boolean;
  readonly vfork?: boolean;
  readonly busy?: boolean;
  readonly holdExitMs?: number;
}

export interface HogExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of a hog's output. */
export interface HogLine {
  readonly what: string;
  readonly [field: string]: unknown;
}

/** A running victim-to-be. */
export class Hog {
  readonly pid: number;
  readonly exited: Promise<HogExit>;
  readonly #child: ChildProcess;
  readonly #seen: HogLine[] = [];
  readonly #waiting: { what: string; resolve: (line: HogLine) => void }[] = [];
  /** The scenario killed it: its death is no work of the kernel. */
  killedByScenario = false;
  alive = true;

  constructor(
    readonly options: HogOptions,
    /** Path below the cgroup mount; '/' = the scenario's own. */
    readonly cgroup: string,
  ) {
    // Its name also stands in front of its complaints.
    const child = spawn('hog', hogArguments(options, cgroup), { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.pid === undefined || child.stdout === null)
      throw new Error('hog could not be started: is it on the PATH?');
    this.#child = child;
    this.pid = child.pid;
    this.exited = new Promise((resolve) => {
      child.once('exit', (status, signal) => {
        this.alive = false;
        resolve({ status, signal });
      });
    });
    createInterface({ input: child.stdout }).on('line', (text) => this.#take(JSON.parse(text) as HogLine));
  }

  /** The line that says `what`, past or to come. Rejects if the hog ends without it. */
  async until(what: string): Promise<HogLine> {
    const line = await this.untilOrEnd(what);
    if (line === null) throw new Error(`${this.options.comm} (pid ${this.pid}) ended before it was ${what}`);
    return line;
  }

  /** The same; null if it ends without it. */
  async untilOrEnd(what: string): Promise<HogLine | null> {
    const seen = this.#seen.find((line) => line.what === what);
    if (seen !== undefined) return seen;
    const line = new Promise<HogLine>((resolve) => this.#waiting.push({ what, resolve }));
    return Promise.race([line, this.exited.then(() => null)]);
  }

  start(): void {
    this.#child.kill('SIGUSR1');
  }

  kill(): void {
    if (!this.alive || isEnding(this.pid)) return;
    this.killedByScenario = true;
    this.#child.kill('SIGKILL');
  }

  #take(line: HogLine): void {
    this.#seen.push(line);
    for (const waiting of this.#waiting) if (waiting.what === line.what) waiting.resolve(line);
  }
}

function hogArguments(options: HogOptions, cgroup: string): string[] {
  const value = (name: string, given: number | string | undefined) =>
    given === undefined ? [] : [name, String(given)];
  const flag = (name: string, given: boolean | undefined) => (given === true ? [name] : []);
  return [
    '--die-with-parent',
    // Each line wakes the scenario, which would ask for memory itself when there is none.
    ...['--log-every', '1024G'],
    ...value('--comm', options.comm),
    ...value('--adj', options.adj ?? 0),
    ...(cgroup === '/' ? [] : ['--cgroup', cgroup.slice(1)]),
    ...value('--anon', options.anonBytes),
    ...value('--file', options.fileBytes),
    ...value('--file-path', options.filePath),
    ...value('--shmem', options.shmemBytes),
    ...value('--pageout', options.pageoutBytes),
    ...flag('--lock', options.locked),
    ...value('--memory-node', options.memoryNode),
    ...value('--threads', options.threads),
    ...flag('--wait', options.wait),
    ...value('--grow', options.growBytes),
    ...value('--grow-rate', options.growBytesPerSecond),
    ...value('--grow-kind', options.growKind),
    ...flag('--work-in-thread', options.workInThread),
    ...flag('--leader-exits', options.leaderExits),
    ...flag('--vfork', options.vfork),
    ...flag('--busy', options.busy),
    ...value('--hold-exit', options.holdExitMs),
  ];
}
