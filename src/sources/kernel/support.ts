import { EXIT, OomscopeError } from '../../base/errors.js';
import type { ProgramOutcome } from '../../events/session.js';
import type { HostFacts } from './host-facts.js';
import type { BpfObjectName } from './native.js';
import {
  MODE_OF_WAY,
  OBJECT_OF_WAY,
  PROGRAMS_OF_WAY,
  type ProgramSpec,
  type RecordingMode,
  WAYS,
  type Way,
} from './programs.js';
import { markVictimLayout } from './tracepoint-format.js';

/** A way to attach that may work on this host. */
export interface Attempt {
  readonly way: Way;
  readonly object: BpfObjectName;
  readonly programs: readonly ProgramSpec[];
  /** Programs that this host has no hook for. */
  readonly leftOut: readonly ProgramOutcome[];
  /** Read-only variables of the object, beside its generation. */
  readonly constants: Readonly<Record<string, bigint>>;
  /** Where a walk over cgroups begins. */
  readonly cgroupRoot: string | null;
}

/** Why a way is of no use here: known beforehand, or seen when it was tried. */
export interface WayFailure {
  readonly way: Way;
  readonly reason: string;
}

export interface AttachPlan {
  /** To be tried in this order, until one works. */
  readonly attempts: readonly Attempt[];
  readonly ruledOut: readonly WayFailure[];
}

/**
 * Decides from facts alone what is worth trying. What is not known ("null") is tried: only the kernel's answer counts.
 * Privileges are not looked at: pins of an earlier run can be adopted without any.
 */
export function planAttach(facts: HostFacts, forced: RecordingMode | null): AttachPlan {
  const attempts: Attempt[] = [];
  const ruledOut: WayFailure[] = [];
  for (const way of WAYS.filter((each) => forced === null || MODE_OF_WAY[each] === forced)) {
    const outcome = planWay(facts, way);
    if ('reason' in outcome) ruledOut.push(outcome);
    else attempts.push(outcome);
  }
  return { attempts, ruledOut };
}

function planWay(facts: HostFacts, way: Way): Attempt | WayFailure {
  const ruledOut = (reason: string): WayFailure => ({ way, reason });
  // bpf_probe_read_kernel() is what lockdown's confidentiality takes away, and every program needs it.
  if (facts.lockdown === 'confidentiality') return ruledOut('kernel lockdown (confidentiality) forbids reading memory');
  if (way === 'tracepoint') return planTracepoint(facts);
  if (facts.btf.obstacle !== null) return ruledOut(`the kernel's BTF cannot be had: ${facts.btf.obstacle}`);
  if (way === 'kprobe' && facts.kprobes === false) return ruledOut('this kernel has no kprobes');

  const programs: ProgramSpec[] = [];
  const leftOut: ProgramOutcome[] = [];
  for (const program of PROGRAMS_OF_WAY[way]) {
    const useless = whyUseless(facts, program);
    if (useless !== null) {
      leftOut.push({ name: program.name, state: 'left-out', reason: useless });
    } else if (program.hookKind === 'tracepoint' || facts.btf.functions.includes(program.hook)) {
      programs.push(program);
    } else if (program.loses === null) {
      return ruledOut(`this kernel has no function ${program.hook}()`);
    } else {
      leftOut.push({ name: program.name, state: 'left-out', reason: `this kernel has no function ${program.hook}()` });
    }
  }
  return { way, object: OBJECT_OF_WAY[way], programs, leftOut, constants: {}, cgroupRoot: facts.cgroupRoot };
}

/** Why an optional program would tell nothing here, though it could be attached; null = it would. */
function whyUseless(facts: HostFacts, { loses }: ProgramSpec): string | null {
  // Without PSI the functions return before they have said whether a stall is the outermost; a throttled task sleeps in one.
  if ((loses === 'stalls' || loses === 'throttling') && !facts.psi) return 'PSI is off';
  if (loses === 'cgroup-walk' && facts.cgroupRoot === null) return 'no cgroup hierarchy has the memory controller';
  return null;
}

function planTracepoint(facts: HostFacts): Attempt | WayFailure {
  const way = 'tracepoint';
  const format = facts.tracefs.formats['oom:mark_victim'];
  if (format === undefined) {
    return { way, reason: facts.tracefs.obstacle ?? 'this kernel has no tracepoint oom:mark_victim' };
  }
  const layout = markVictimLayout(format, facts.pageSizeBytes);
  if (layout === null) return { way, reason: 'the tracepoint oom:mark_victim has an unknown layout' };
  const isThere = (program: ProgramSpec) => facts.tracefs.formats[program.hook] !== undefined;
  return {
    way,
    object: OBJECT_OF_WAY[way],
    programs: PROGRAMS_OF_WAY[way].filter(isThere),
    leftOut: PROGRAMS_OF_WAY[way]
      .filter((program) => !isThere(program))
      .map((program) => ({ name: program.name, state: 'left-out', reason: `no tracepoint ${program.hook}` })),
    constants: layout.constants,
    cgroupRoot: facts.cgroupRoot,
  };
}

/** The error for a host where no way that was asked for could be attached. `failures`: all of them. */
export function refusal(
  facts: HostFacts,
  failures: readonly WayFailure[],
  forced: RecordingMode | null,
): OomscopeError {
  const remedy = remedyFor(facts);
  const error = (code: ConstructorParameters<typeof OomscopeError>[0], message: string, nextStep: string) =>
    new OomscopeError(code, message, nextStep, EXIT.unsupportedHost);
  const unprivileged = lackOfPrivilege(facts);
  if (unprivileged !== null) return error('E_NOT_PRIVILEGED', `${unprivileged}.`, remedy);
  const reasons = failures.map((failure) => `${failure.way}: ${failure.reason}`).join('; ');
  if (failures.length > 0 && failures.every((failure) => failure.reason.includes('ENOSYS'))) {
    return error('E_NO_BPF', `This kernel has no BPF (${reasons}).`, 'Use a kernel with CONFIG_BPF_SYSCALL=y.');
  }
  if (forced !== null) {
    return error(
      'E_ATTACH_FORCED',
      `--attach ${forced} cannot be had on this host (${reasons}).`,
      `${remedy} Or leave --attach out: then the best that works is taken.`,
    );
  }
  if (facts.btf.obstacle !== null && facts.tracefs.path === null) {
    return error('E_NO_BTF', `Nothing can be attached without the kernel's BTF or tracefs (${reasons}).`, remedy);
  }
  return error('E_NO_ATTACH', `No way to record kills works on this host (${reasons}).`, remedy);
}

/** What a person lets this process do, in a sentence without its stop; null = enough, or not known. */
export function lackOfPrivilege(facts: HostFacts): string | null {
  if (facts.privileges === null) return null;
  const lacking = [...(facts.privileges.bpf ? [] : ['CAP_BPF']), ...(facts.privileges.perfmon ? [] : ['CAP_PERFMON'])];
  return lacking.length === 0 ? null : `This process lacks ${lacking.join(' and ')}, which recording kills needs`;
}

/** Distributions that patch in a level above 2 refuse perf_event_open() to all but CAP_SYS_ADMIN; upstream there is none. */
function perfEventsRestricted(facts: HostFacts): boolean {
  return (facts.perfEventParanoid ?? 0) > 2 && facts.privileges?.sysAdmin === false;
}

/** The next step that the facts suggest for a host that refuses, most decisive fact first. */
export function remedyFor(facts: HostFacts): string {
  if (lackOfPrivilege(facts) !== null)
    return 'Run it as root, or give it CAP_BPF and CAP_PERFMON, for example with setpriv.';
  if (facts.initialUserNamespace === false) {
    return "Run it outside the user namespace (rootless container): capabilities in there do not count for the kernel's BPF.";
  }
  if (facts.lockdown === 'confidentiality')
    return 'Boot with lockdown=integrity, which protects the kernel and lets it be observed.';
  if (facts.btf.obstacle !== null) {
    return facts.tracefs.path === null
      ? 'Mount tracefs (`mount -t tracefs tracefs /sys/kernel/tracing`) or use a kernel with CONFIG_DEBUG_INFO_BTF=y.'
      : 'Use a kernel with CONFIG_DEBUG_INFO_BTF=y.';
  }
  if (perfEventsRestricted(facts)) {
    return 'Run `sysctl kernel.perf_event_paranoid=2`, or run it with CAP_SYS_ADMIN: kprobes and tracepoints ask for it here.';
  }
  if (facts.lockdown === 'integrity') return 'Look into the kernel log for what lockdown refused.';
  return 'Use a kernel that permits fentry (CONFIG_FUNCTION_TRACER, CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS) or kprobes.';
}
