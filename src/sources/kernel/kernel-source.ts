import { OomscopeError } from '../../base/errors.js';
import { VERSION } from '../../base/version.js';
import type { OomscopeEvent } from '../../events/event.js';
import type { EvictionLines, Sampling } from '../../events/session.js';
import { kubeletSettings } from '../../model/eviction.js';
import { readKubeletWords } from '../host/kubelet.js';
import { ProcessWatch } from '../host/process-watch.js';
import type { Source } from '../source.js';
import { RecordAssembler } from './assembler.js';
import { CgroupWatch } from './cgroup-watch.js';
import { type ChosenSet, chooseSet } from './choose-set.js';
import { readGap } from './gap.js';
import { type HostFacts, readHostFacts } from './host-facts.js';
import { Leftovers } from './leftovers.js';
import { lossEvents } from './loss-events.js';
import {
  type Delivery,
  loadAddon,
  type NativeAddon,
  type NativeReader,
  type ProgramTime,
  type RingName,
} from './native.js';
import { noBpffs, PinDirectory, type PinnedSet } from './pins.js';
import { MODE_OF_WAY, type OptionalFact, PROGRAMS_OF_WAY, type RecordingMode } from './programs.js';
import { sessionEvent } from './session-event.js';
import { type AttachPlan, lackOfPrivilege, planAttach, refusal } from './support.js';

export interface KernelSourceOptions {
  /** Force one way to attach; null = the best that works. */
  readonly attach: RecordingMode | null;
  /** Where the kernel side is pinned (DEFAULT_PIN_DIRECTORY); null = nowhere, it ends with this process. */
  readonly pinDirectory: string | null;
  /** After stop() the kernel side goes on recording, for the next start to adopt. */
  readonly keepPins: boolean;
  /** Powers of two that are multiples of the page size. */
  readonly ringBytes: Readonly<Partial<Record<RingName, number>>>;
  /** Reads the memory of all cgroups as often as that; null = it adapts to the pressure. */
  readonly sampleIntervalUs: number | null;
  /** Where the page is, told to a second instance; null = it is served nowhere. */
  readonly url: string | null;
}

/** The programs stop recording when no reader was there for this long: a forgotten tracer costs nothing. */
const READER_TIMEOUT_NS = 600_000_000_000n;

/** How long replaced programs are still read: their episode's end and its victims' exits come within it. */
const HAND_OVER_MS = 1_000;

function isAttached(chosen: ChosenSet, fact: OptionalFact): boolean {
  const programs = PROGRAMS_OF_WAY[chosen.way].filter((program) => program.loses === fact);
  const attached = (name: string) => chosen.outcomes.some((each) => each.name === name && each.state === 'attached');
  return programs.length > 0 && programs.every((program) => attached(program.name));
}

/** As native/sampler.cc does it. */
function samplingOf(chosen: ChosenSet, pinnedUs: number | null): Sampling {
  const walks = isAttached(chosen, 'cgroup-walk');
  return {
    how: walks ? 'iterator' : 'files',
    calmUs: pinnedUs ?? 1_000_000,
    hotUs: pinnedUs ?? (walks ? 10_000 : 100_000),
  };
}

/** Null = no kubelet is seen here: its defaults are nobody's lines then. */
async function readEvictionLines(memoryTotalBytes: number): Promise<EvictionLines | null> {
  const { hard, soft, source, runs } = kubeletSettings(await readKubeletWords(), memoryTotalBytes);
  return runs ? { hardBytes: hard?.bytes ?? null, softBytes: soft?.bytes ?? null, source } : null;
}

type Emit = (events: readonly OomscopeEvent[]) => void;

/** The running kernel as a source of events. */
export class KernelSource implements Source {
  private addon: NativeAddon | null = null;
  private emit: Emit = () => {};
  private assembler: RecordAssembler | null = null;
  private pins: PinDirectory | null = null;
  private chosen: ChosenSet | null = null;
  private leftovers: Leftovers | null = null;
  private reader: NativeReader | null = null;
  private cgroups: CgroupWatch | null = null;
  private processes: ProcessWatch | null = null;
  private handOver: NodeJS.Timeout | undefined;

  constructor(private readonly options: KernelSourceOptions) {}

  async start(emit: Emit): Promise<void> {
    if (this.addon !== null)
      throw new OomscopeError('E_INTERNAL', 'This kernel source was started before.', 'Make one.');
    const addon = loadAddon();
    this.addon = addon;
    this.emit = (events) => {
      this.processes?.take(events);
      emit(events);
    };
    const { pinDirectory } = this.options;
    const facts = readHostFacts(addon, pinDirectory);
    const plan = planAttach(facts, this.options.attach);
    if (pinDirectory !== null && facts.bpffs.obstacle !== null) {
      // A user without privileges can write there neither, but that is not what to tell.
      throw lackOfPrivilege(facts) === null
        ? noBpffs(pinDirectory, facts.bpffs.obstacle)
        : refusal(facts, [], this.options.attach);
    }
    if (plan.attempts.length === 0) throw refusal(facts, plan.ruledOut, this.options.attach);
    const eviction = await readEvictionLines(facts.memoryTotalBytes);
    try {
      this.record(addon, facts, plan, eviction);
      // Recording goes on meanwhile.
      await this.processes?.start();
    } catch (error) {
      this.release({ keepPins: this.chosen?.adopted ?? false });
      // Where everyone may write, a user without privileges fails at the first map. That is not what to tell either.
      const isPinning = error instanceof OomscopeError && error.code === 'E_NO_BPFFS';
      throw isPinning && lackOfPrivilege(facts) !== null ? refusal(facts, [], this.options.attach) : error;
    }
  }

  async stop(): Promise<void> {
    if (this.reader === null) return;
    this.leftovers?.retire(this.reader);
    const { keepPins } = this.options;
    this.release({ keepPins });
    // What is half-told stays in the rings, and the next start tells it whole.
    const last = keepPins ? [] : (this.assembler?.flush() ?? []);
    if (last.length > 0) this.emit(last);
  }

  /** What the programs took in the kernel. Empty = nothing is attached. */
  programTimes(): readonly ProgramTime[] {
    return this.chosen?.set.runTimes() ?? [];
  }

  private record(addon: NativeAddon, facts: HostFacts, plan: AttachPlan, eviction: EvictionLines | null): void {
    const { pinDirectory, ringBytes, attach, url } = this.options;
    const pins = pinDirectory === null ? null : PinDirectory.open(addon, pinDirectory);
    this.pins = pins;
    pins?.claim({ pid: process.pid, url, version: VERSION });
    const activeGeneration = pins?.activeGeneration() ?? 0n;
    const earlier = pins?.sets() ?? [];
    const before = earlier.find((set) => set.generation === activeGeneration);

    const privileged = lackOfPrivilege(facts) === null;
    const chosen = chooseSet(addon, { attempts: plan.attempts, ringBytes, pins, privileged });
    if (!('set' in chosen)) throw refusal(facts, [...chosen, ...plan.ruledOut], attach);
    this.chosen = chosen;

    const gap = before === undefined ? null : readGap(addon, before);
    // The hand-over: this one store ends recording by the earlier programs and begins it by ours.
    if (!chosen.adopted) chosen.set.setGate(chosen.generation);
    const others = earlier.filter((set: PinnedSet) => set.generation !== chosen.generation);
    this.leftovers = pins === null ? null : new Leftovers(addon, pins, others);

    const sampling = samplingOf(chosen, this.options.sampleIntervalUs);
    const { ruledOut } = plan;
    const session = sessionEvent({ clocks: addon.clocks(), facts, ruledOut, chosen, gap, sampling, eviction });
    const cgroups = new CgroupWatch(facts.cgroupRoot, (look) => this.emitAdmitted(look));
    this.cgroups = cgroups;
    const assembler = new RecordAssembler(
      {
        pageSizeBytes: facts.pageSizeBytes,
        attachMode: MODE_OF_WAY[chosen.way],
        seesStalls: isAttached(chosen, 'stalls'),
      },
      cgroups.known,
    );
    this.assembler = assembler;
    const sets = [...(this.leftovers?.sets ?? []), chosen.set];
    this.reader = new addon.Reader(sets, READER_TIMEOUT_NS, (delivery) => this.deliver(delivery));
    this.reader.startSampling({
      set: chosen.set,
      cgroupRoot: facts.cgroupRoot ?? '',
      cgroupVersion: facts.cgroupVersion ?? 2,
      intervalNs: BigInt(this.options.sampleIntervalUs ?? 0) * 1000n,
    });
    const { cgroupRoot, cgroupVersion } = facts;
    const mount = cgroupRoot === null || cgroupVersion === null ? null : { path: cgroupRoot, version: cgroupVersion };
    this.processes = new ProcessWatch(mount, facts.pageSizeBytes, (look) => this.emitAdmitted(look));
    // Of the session's time: what the rings still hold of a gap is older than this look, and must not be moved to it.
    const present = cgroups.start(this.reader, session.tUs, { polls: !isAttached(chosen, 'cgroup-names') });
    this.emit(assembler.admit([session, ...present, ...(this.leftovers?.losses ?? [])]));
    if (sets.length > 1) this.handOver = setTimeout(() => this.endHandOver(), HAND_OVER_MS);
  }

  private endHandOver(): void {
    if (this.reader !== null) this.leftovers?.retire(this.reader);
  }

  /** True = no episode is half-told. */
  private deliver(delivery: Delivery): boolean {
    if (this.assembler === null || this.addon === null) return false;
    const nowUs = this.addon.clocks().bootUs;
    const losses = delivery.losses.flatMap((loss) => lossEvents(loss, nowUs));
    const events = [...this.assembler.push(delivery.records), ...this.assembler.admit(losses)];
    // What came or went may be among what was refused.
    if (losses.some((loss) => loss.where === 'ring-bulk')) {
      events.push(...this.assembler.admit(this.cgroups?.look(nowUs) ?? []));
    }
    if (events.length > 0) this.emit(events);
    return this.assembler.isSettled;
  }

  private emitAdmitted(lookAt: (nowUs: number) => readonly OomscopeEvent[]): void {
    if (this.assembler === null || this.addon === null) return;
    const events = this.assembler.admit(lookAt(this.addon.clocks().bootUs));
    if (events.length > 0) this.emit(events);
  }

  /** Ends recording, unless the pins are to go on, reads what is left, and lets go of everything. */
  private release({ keepPins }: { keepPins: boolean }): void {
    clearTimeout(this.handOver);
    this.cgroups?.stop();
    this.processes?.stop();
    const { chosen, pins, reader } = this;
    if (chosen !== null && !keepPins) {
      // Order: no new episode begins, then the programs go, then what they recorded is read.
      chosen.set.setGate(0n);
      if (chosen.pinned !== null) pins?.removeSet(chosen.pinned);
    }
    chosen?.set.detach();
    reader?.stop();
    this.reader = null;
    chosen?.set.close();
    this.chosen = null;
    pins?.close();
    this.pins = null;
  }
}
