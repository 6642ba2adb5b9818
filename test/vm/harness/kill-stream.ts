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
const NAME = 'kill-stream';
const CGROUP = `/sys/fs/cgroup/${NAME}`;

/** Kills in a row, in a cgroup that is too small for each new process. What it knows comes from waitpid. */
export class KillStream {
  private constructor(
    private readonly vm: Vm,
    private readonly process: VmProcess,
    private readonly sleepers: VmProcess | null,
  ) {}

  /** Goes on until end(). `sleepers`: candidates beside the one that is killed, for kills that take a while. */
  static async start(vm: Vm, { sleepers = 0 } = {}): Promise<KillStream> {
    await makeCgroup(vm);
    const group = sleepers === 0 ? null : await startSleepers(vm, sleepers);
    await limitCgroup(vm);
    return new KillStream(vm, startKills(vm, ENDLESS, ['--anon', '8M']), group);
  }

  /** So many, and no more. `growBytesPerSecond`: each takes its memory at leisure; else as fast as it can. */
  static async run(vm: Vm, kills: number, pace: { growBytesPerSecond?: number } = {}): Promise<readonly Killed[]> {
    const { growBytesPerSecond } = pace;
    const memory =
      growBytesPerSecond === undefined ? ['--anon', '8M'] : ['--grow', '8M', '--grow-rate', String(growBytesPerSecond)];
    await makeCgroup(vm);
    await limitCgroup(vm);
    const stream = new KillStream(vm, startKills(vm, kills, memory), null);
    const { status } = await stream.process.exited;
    if (status !== 0) throw new Error(`the kills ended with status ${status}: ${stream.process.stderr}`);
    await removeCgroup(vm);
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
    await this.vm.succeed(`echo max > ${CGROUP}/memory.max`);
    await this.process.lineWith('"ready"');
    for (const process of [this.process, this.sleepers]) {
      process?.kill('SIGKILL');
      await process?.exited;
    }
    await removeCgroup(this.vm);
    return this.killed;
  }

  private get lines(): HogLine[] {
    return this.process.lines.map((line) => JSON.parse(line) as HogLine);
  }
}

async function makeCgroup(vm: Vm): Promise<void> {
  await vm.succeed(`mkdir ${CGROUP} && echo 0 > ${CGROUP}/memory.swap.max`);
}

/** Too little for one more process that takes 8 MiB. */
async function limitCgroup(vm: Vm): Promise<void> {
  await vm.succeed(`cd ${CGROUP} && echo $(($(cat memory.current) + (4 << 20))) > memory.max`);
}

function startKills(vm: Vm, kills: number, memory: readonly string[]): VmProcess {
  const hog = ['hog', '--die-with-parent', '--cgroup', NAME, '--comm', 'streamed', ...memory];
  return vm.spawn([...hog, '--children', String(kills)]);
}

async function startSleepers(vm: Vm, count: number): Promise<VmProcess> {
  const process = vm.spawn(['spawn-many', '--die-with-parent', '--cgroup', NAME, String(count)]);
  await process.lineWith('"pids"');
  return process;
}

/** Its processes may still be leaving it. */
async function removeCgroup(vm: Vm): Promise<void> {
  await vm.succeed(`for try in $(seq 100); do rmdir ${CGROUP} 2>/dev/null && exit; sleep 0.1; done; exit 1`);
}
