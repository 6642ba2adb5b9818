import type { Vm } from './vm.js';
import type { VmProcess } from './vm-process.js';

/** A line of lab/victims/hog.c. */
interface HogLine {
  readonly what: string;
  /** CLOCK_BOOTTIME. */
  readonly tUs: number;
  readonly child: number;
  readonly signal: number;
}

export interface Killed {
  readonly pid: number;
  /** When waitpid had told of it, µs since boot: a moment after the kill. */
  readonly foundUs: number;
}

const SIGKILL = 9;
const ENDLESS = 100_000;

/** Kills in a row, each of the only process in a cgroup that is too small for it. What it knows comes from waitpid. */
export class KillStream {
  private constructor(
    private readonly vm: Vm,
    private readonly process: VmProcess,
    private readonly directory: string,
  ) {}

  /** Goes on until end(). */
  static start(vm: Vm): Promise<KillStream> {
    return KillStream.begin(vm, ENDLESS, ['--anon', '8M']);
  }

  private static async begin(vm: Vm, kills: number, memory: readonly string[]): Promise<KillStream> {
    const directory = '/sys/fs/cgroup/kill-stream';
    await vm.succeed(`mkdir ${directory} && cd ${directory} && echo 4M > memory.max && echo 0 > memory.swap.max`);
    const hog = ['hog', '--die-with-parent', '--cgroup', 'kill-stream', '--comm', 'streamed', ...memory];
    const process = vm.spawn([...hog, '--children', String(kills)]);
    return new KillStream(vm, process, directory);
  }

  /** So many, and no more. `growBytesPerSecond`: each takes its memory at leisure; else as fast as it can. */
  static async run(vm: Vm, kills: number, pace: { growBytesPerSecond?: number } = {}): Promise<readonly Killed[]> {
    const { growBytesPerSecond } = pace;
    const memory =
      growBytesPerSecond === undefined ? ['--anon', '8M'] : ['--grow', '8M', '--grow-rate', String(growBytesPerSecond)];
    const stream = await KillStream.begin(vm, kills, memory);
    const { status } = await stream.process.exited;
    if (status !== 0) throw new Error(`the kills ended with status ${status}: ${stream.process.stderr}`);
    await vm.succeed(`rmdir ${stream.directory}`);
    return stream.killed;
  }

  get killed(): readonly Killed[] {
    return this.lines.flatMap(({ what, child, signal, tUs }) =>
      what === 'child-ended' && signal === SIGKILL ? [{ pid: child, foundUs: tUs }] : [],
    );
  }

  /** Waits for as many kills from now on. */
  async more(kills: number): Promise<void> {
    const wanted = this.killed.length + kills;
    await this.process.line(() => this.killed.length >= wanted);
  }

  /** Lets the last process have its memory, so that every kill was found by waitpid; then ends it. */
  async end(): Promise<readonly Killed[]> {
    await this.vm.succeed(`echo max > ${this.directory}/memory.max`);
    await this.process.lineWith('"ready"');
    this.process.kill('SIGKILL');
    await this.process.exited;
    await this.vm.succeed(
      `for try in $(seq 100); do rmdir ${this.directory} 2>/dev/null && exit; sleep 0.1; done; exit 1`,
    );
    return this.killed;
  }

  private get lines(): HogLine[] {
    return this.process.lines.map((line) => JSON.parse(line) as HogLine);
  }
}
