import type { EpisodeEvent } from '../../../src/events/episode.js';
import type { EventOf, OomscopeEvent, Topic } from '../../../src/events/event.js';
import type { SessionEvent } from '../../../src/events/session.js';
import type { VictimEvent } from '../../../src/events/victim.js';
import type { ExecResult, Vm } from './vm.js';
import type { VmProcess } from './vm-process.js';

/**
 * Everything must work with these two capabilities and no other. What provokes kills must not kill the witness, so it
 * is made unkillable first, which it has no right to do itself.
 */
const TWO_CAPABILITIES = '-all,+bpf,+perfmon';
const UNPRIVILEGED = [
  ...['choom', '-n', '-1000', '--', 'setpriv'],
  ...['--bounding-set', TWO_CAPABILITIES, '--inh-caps', TWO_CAPABILITIES, '--ambient-caps', TWO_CAPABILITIES],
];

/** How much was lost, by place. */
export type Loss = Partial<Record<EventOf<'/loss'>['where'], number>>;

/** `oomscope live --json` in a guest, with CAP_BPF and CAP_PERFMON alone, and what it said. */
export class Recording {
  #from = 0;
  /** Of the lines so far: there can be thousands, and they are asked for again and again. */
  readonly #parsed: OomscopeEvent[] = [];

  private constructor(
    readonly process: VmProcess,
    readonly session: SessionEvent,
  ) {}

  static start(vm: Vm, options: readonly string[] = ['--no-server']): Promise<Recording> {
    return Recording.of(vm.spawn([...UNPRIVILEGED, 'oomscope', 'live', '--json', ...options]));
  }

  /** As root, where the kernel's types are hidden: no program can be attached that needs them. */
  static startWithoutBtf(vm: Vm): Promise<Recording> {
    const command = 'mount -t tmpfs none /sys/kernel/btf && exec choom -n -1000 -- oomscope live --json --no-server';
    return Recording.of(vm.spawn(['unshare', '--mount', 'sh', '-c', command]));
  }

  private static async of(process: VmProcess): Promise<Recording> {
    const first = parse(await process.line(() => true));
    if (first.topic !== '/session') throw new Error(`the first line is ${first.topic}, not /session`);
    return new Recording(process, first);
  }

  /** The same command where it is to be refused; resolves when it has ended. */
  static attempt(vm: Vm, options: readonly string[]): Promise<ExecResult> {
    return vm.exec([...UNPRIVILEGED, 'oomscope', 'live', '--json', ...options].join(' '));
  }

  get events(): readonly OomscopeEvent[] {
    this.#parsed.push(...this.process.lines.slice(this.#parsed.length).map(parse));
    return this.#parsed.slice(this.#from);
  }

  /** What was said up to now is not asked for any more. */
  forget(): void {
    this.#from = this.process.lines.length;
  }

  of<T extends Topic>(topic: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.topic === topic);
  }

  /** Episodes in which someone was handed to oom_kill_process(). */
  get kills(): EpisodeEvent[] {
    return this.of('/oom/episode').filter(({ outcome }) => outcome === 'killed');
  }

  get marked(): VictimEvent[] {
    return this.of('/oom/victim').filter(({ step }) => step === 'marked');
  }

  get markedPids(): number[] {
    return this.marked.map(({ process, tid }) => process?.pid ?? tid);
  }

  get lost(): Loss {
    const lost: Loss = {};
    for (const { where, count } of this.of('/loss')) lost[where] = (lost[where] ?? 0) + count;
    return lost;
  }

  /** Ends it as Ctrl-C does: what the kernel side holds is read before. */
  async stop(): Promise<void> {
    this.process.kill('SIGINT');
    const { status } = await this.process.exited;
    if (status !== 0) throw new Error(`oomscope ended with status ${status}: ${this.process.stderr}`);
  }

  async kill9(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
    // Killed while it wrote: what it had not written whole it will tell again.
    if (!isJson(this.process.lines.at(-1) ?? '')) this.process.lines.pop();
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function parse(line: string): OomscopeEvent {
  return JSON.parse(line) as OomscopeEvent;
}
