import { visible } from '../base/escape.js';
import { formatBytes, plural } from '../base/units.js';
import type { KillEvent, KillSender } from '../events/kill.js';
import type { ProcessFacts } from '../events/process.js';
import type { EvictionLines } from '../events/session.js';
import { inKubepods } from './advice/places.js';
import { sameProcess } from './ballot.js';
import type { Confidence } from './cause-evidence.js';
import { type KubeFacts, NOTHING_TOLD } from './kube-facts.js';
import { evictionInWords, pressureInWords } from './kube-words.js';
import { isOneDeed } from './one-deed.js';
import { processName } from './summary.js';

/** One deed of user space with all that it hit: a `cgroup.kill`, or what one process sent to others of one cgroup. */
export interface UserKill {
  /** Stable in live and replay. */
  readonly id: string;
  readonly startUs: number;
  readonly how: KillEvent['how'];
  readonly signal: KillEvent['signal'];
  /** Null = the record of the sending is not there. */
  readonly sender: KillSender | null;
  readonly killedCgroup: KillEvent['killedCgroup'];
  readonly targets: readonly UserKillTarget[];
}

export interface UserKillTarget {
  readonly process: ProcessFacts;
  readonly steps: readonly KillEvent[];
}

/** What is behind it. */
export type UserKillCause =
  /** A guard of the node's memory. */
  | { readonly kind: 'systemd-oomd' | 'earlyoom' | 'oomd' | 'nohang' }
  /** A container runtime for kubelet, which was short of memory. */
  | { readonly kind: 'eviction' }
  /** A container runtime that ended a container: no sign of shortage, or none can be seen. */
  | { readonly kind: 'runtime-stop'; readonly forKubelet: boolean }
  /** Somebody wrote to cgroup.kill. */
  | { readonly kind: 'cgroup-kill' }
  | { readonly kind: 'plain-signal' }
  | { readonly kind: 'unknown' };

export interface UserKillFinding {
  readonly cause: UserKillCause;
  readonly confidence: Confidence;
  /** Clauses, safe to print. */
  readonly evidence: readonly string[];
}

/** How much memory kubelet saw, when the kill came. */
export interface KubeletMemory {
  /** memory.available as kubelet computes it. */
  readonly availableBytes: number;
  /** Its hard eviction line. */
  readonly lineBytes: number;
}

/** Steps that belong together, oldest first: one-deed.ts. */
export function userKills(events: readonly KillEvent[]): UserKill[] {
  const kills: UserKill[] = [];
  for (const event of events) {
    const own = kills.findLastIndex((kill) => belongs(kill, event));
    const kill = kills[own];
    if (kill === undefined) kills.push(begun(event));
    else kills[own] = { ...kill, sender: kill.sender ?? senderOf(event), targets: withStep(kill.targets, event) };
  }
  return kills;
}

function belongs(kill: UserKill, event: KillEvent): boolean {
  if (kill.how !== event.how || kill.signal !== event.signal) return false;
  const first = kill.targets[0]?.steps[0];
  const hit = kill.targets.find(({ process }) => sameProcess(process, event.target));
  // A second signal to the same process is another deed; the step of a signal belongs to that signal.
  if (event.how === 'signal' && hit !== undefined) return hit.steps[0]?.killUs === event.killUs;
  return first !== undefined && isOneDeed(first, event);
}

function begun(event: KillEvent): UserKill {
  const { killUs, how, signal, killedCgroup, target } = event;
  return {
    ...{ id: `k${killUs}-${target.pid}`, startUs: killUs, how, signal, killedCgroup },
    sender: senderOf(event),
    targets: [{ process: target, steps: [event] }],
  };
}

function senderOf({ step, sender }: KillEvent): KillSender | null {
  return step === 'sent' ? sender : null;
}

function withStep(targets: readonly UserKillTarget[], event: KillEvent): readonly UserKillTarget[] {
  const index = targets.findIndex(({ process }) => sameProcess(process, event.target));
  const target = targets[index];
  if (target === undefined) return [...targets, { process: event.target, steps: [event] }];
  return targets.with(index, { ...target, steps: [...target.steps, event] });
}

/** Of programs that end processes when memory is short; oomd also stands for Meta's own. */
const GUARDS = ['systemd-oomd', 'earlyoom', 'oomd', 'nohang'] as const;

/** Names as the kernel has them, cut to 15 bytes. */
const RUNTIMES =
  /^(?:containerd|containerd-shim|runc(?::.*)?|crun|youki|conmon|crio|dockerd|podman|kata-runtime|runsc)/;

/** What kubelet and the node said next to it. */
export type KubeSaid = Pick<KubeFacts, 'eviction' | 'pressure'>;

/** Whose deed it was. `memory`: null = not known. */
export function findKillCause(
  kill: UserKill,
  memory: KubeletMemory | null,
  said: KubeSaid = NOTHING_TOLD,
): UserKillFinding {
  const { sender, how, killedCgroup } = kill;
  if (sender === null) return { cause: { kind: 'unknown' }, confidence: 'inferred', evidence: [] };
  const evidence = [sentBy(kill, sender)];
  const released = kill.targets.some(({ steps }) => steps.some(({ step }) => step === 'memory-released'));
  if (released) evidence.push('its memory was taken from outside as well (process_mrelease)');
  const guard = GUARDS.find((name) => sender.process.comm === name);
  if (guard !== undefined) {
    const proof = guardProof(guard, sender);
    return {
      cause: { kind: guard },
      // Anybody may take a name; a unit's cgroup, or the path of the program, nobody has by chance.
      confidence: proof === null ? 'likely' : 'certain',
      evidence: [...evidence, ...(proof === null ? [] : [proof])],
    };
  }
  // A runtime stands outside: the first process of a container is its child, and may call itself what it likes.
  const names = isContained(sender.process.cgroupPath) ? [] : [sender.process.comm, sender.parentComm];
  const runtime = names.find((name) => RUNTIMES.test(name));
  if (runtime !== undefined && kill.targets.some(({ process }) => isContained(process.cgroupPath))) {
    return runtimeFinding(kill, memory, said, [...evidence, `${visible(runtime)} is a container runtime`]);
  }
  if (how === 'cgroup-kill') {
    const path = killedCgroup?.path ?? null;
    const where = path === null ? 'a cgroup' : visible(path);
    return {
      cause: { kind: 'cgroup-kill' },
      confidence: 'certain',
      evidence: [...evidence, `1 was written to cgroup.kill of ${where}`],
    };
  }
  return { cause: { kind: 'plain-signal' }, confidence: 'certain', evidence };
}

function guardProof(guard: string, { process, commandLine }: KillSender): string | null {
  if (process.cgroupPath?.endsWith(`/${guard}.service`)) return `its cgroup is ${visible(process.cgroupPath)}`;
  const program = commandLine
    ?.split(' ')
    .slice(0, 3)
    .find((word) => word === guard || word.endsWith(`/${guard}`));
  return program === undefined ? null : `its command line is ${visible(commandLine ?? '')}`;
}

function runtimeFinding(
  kill: UserKill,
  memory: KubeletMemory | null,
  said: KubeSaid,
  evidence: readonly string[],
): UserKillFinding {
  const forKubelet = kill.targets.some(({ process }) => inKubepods(process.cgroupPath));
  if (!forKubelet) return { cause: { kind: 'runtime-stop', forKubelet }, confidence: 'certain', evidence };
  const { eviction, pressure } = said;
  const pods = [
    ...evidence,
    'the target is a container of a pod, which only kubelet has stopped',
    ...(eviction === null ? [] : [`the pod was evicted ${evictionInWords(eviction)}`]),
    ...(pressure === null ? [] : [pressureInWords(pressure)]),
    ...(memory === null
      ? []
      : [
          `memory.available was ${formatBytes(memory.availableBytes)}, the hard eviction line is ${formatBytes(memory.lineBytes)}`,
        ]),
  ];
  // kubelet names what ran short, which may be the disk; and its events name a pod that may have had a namesake.
  const isSaid = eviction !== null && /memory/i.test(eviction.message);
  if (isSaid || (memory !== null && memory.availableBytes <= memory.lineBytes)) {
    return { cause: { kind: 'eviction' }, confidence: 'likely', evidence: pods };
  }
  return {
    cause: { kind: 'runtime-stop', forKubelet },
    ...(memory === null
      ? {
          confidence: 'inferred',
          evidence: [...pods, 'what memory.available was is not known: it may have been an eviction'],
        }
      : { confidence: 'likely', evidence: pods }),
  };
}

function isContained(path: string | null): boolean {
  return path !== null && (inKubepods(path) || /[0-9a-f]{64}/.test(path));
}

function sentBy({ signal, how }: UserKill, { process, parentPid, parentComm }: KillSender): string {
  const place = process.cgroupPath === null ? '' : ` in ${visible(process.cgroupPath)}`;
  const parent = `started by ${visible(parentComm)} (pid ${parentPid})`;
  return `${processName(process)}${place}, ${parent}, ${how === 'signal' ? `sent ${signal}` : 'wrote to cgroup.kill'}`;
}

/** Who ended whom and what is behind it, in a sentence. It always says that the kernel's OOM killer had no part in it. */
export function userKillSentence(kill: UserKill, finding: UserKillFinding): string {
  const { what, by } = userKillClauses(kill, finding);
  return `${what} ${by}. The kernel's OOM killer had no part in it.`;
}

/** The same in two: `hog (pid 812) was killed`, `by earlyoom (pid 50), which …`. */
export function userKillClauses(
  kill: UserKill,
  { cause, confidence }: UserKillFinding,
): { readonly what: string; readonly by: string } {
  return { what: `${whom(kill)} ${fate(kill)}`, by: `${byWhom(kill, cause)}${hedge(cause, confidence)}` };
}

/** A few words for a list: `systemd-oomd`, `SIGKILL by bash`. Safe to print. */
export function userKillCauseInWords(kill: UserKill, { cause }: UserKillFinding): string {
  const sender = kill.sender === null ? 'somebody' : visible(kill.sender.process.comm);
  switch (cause.kind) {
    case 'eviction':
      return 'evicted for kubelet';
    case 'runtime-stop':
      return `stopped by ${sender}`;
    case 'cgroup-kill':
      return `cgroup.kill by ${sender}`;
    case 'plain-signal':
      return `${kill.signal} by ${sender}`;
    case 'unknown':
      return `${kill.signal} from user space`;
    default:
      return cause.kind;
  }
}

/** The everyday end of a container or a service: told to end by who may, with no sign that memory was short. */
export function isOrdinaryStop({ signal }: UserKill, { cause }: UserKillFinding): boolean {
  if (cause.kind === 'runtime-stop') return true;
  return signal === 'SIGTERM' && (cause.kind === 'plain-signal' || cause.kind === 'unknown');
}

/** What kubelet had left a moment before: later the memory of the target may be back. Null = not known. */
export function kubeletMemoryAt(
  availableBytes: number | null,
  eviction: EvictionLines | null | undefined,
): KubeletMemory | null {
  return availableBytes === null
    ? null
    : { availableBytes, lineBytes: eviction?.hardBytes ?? DEFAULT_EVICTION_LINE_BYTES };
}

/** kubelet's own default for `memory.available`: what it has is not in traces of older versions. */
const DEFAULT_EVICTION_LINE_BYTES = 100 * 2 ** 20;

function whom({ targets }: UserKill): string {
  const [first] = targets;
  const others = targets.length - 1;
  const name = first === undefined ? 'A process' : processName(first.process);
  return others > 0 ? `${name} and ${plural(others, 'other process', 'other processes')}` : name;
}

function fate({ signal, targets }: UserKill): string {
  const many = targets.length > 1;
  if (signal === 'SIGKILL') return many ? 'were killed' : 'was killed';
  const hasEnded = targets.every(({ steps }) => steps.some(({ step }) => step === 'exited'));
  return `${many ? 'were' : 'was'} told to end (SIGTERM)${hasEnded ? ' and did so,' : ''}`;
}

function byWhom({ sender, killedCgroup }: UserKill, cause: UserKillCause): string {
  const name = sender === null ? 'somebody' : processName(sender.process);
  switch (cause.kind) {
    case 'systemd-oomd':
      return `by ${name}, which ends cgroups under memory pressure`;
    case 'earlyoom':
    case 'nohang':
      return `by ${name}, which ends processes when the node's memory runs low`;
    case 'oomd':
      return `by ${name}, which ends cgroups by its rules on memory pressure`;
    case 'eviction':
      return `by ${name} for kubelet: an eviction, since the node was short of memory`;
    case 'runtime-stop':
      return `by ${name}, ${cause.forKubelet ? 'a container runtime, for kubelet: an ordinary stop' : 'a container runtime that stopped its container'}`;
    case 'cgroup-kill':
      return `by ${name}, which killed all of ${killedCgroup?.path == null ? 'its cgroup' : visible(killedCgroup.path)} (cgroup.kill)`;
    case 'plain-signal':
      return `by ${name}, which sent a plain signal`;
    case 'unknown':
      return 'from user space; who did it was not recorded';
  }
}

function hedge({ kind }: UserKillCause, confidence: Confidence): string {
  if (kind === 'unknown' || confidence === 'certain') return '';
  return confidence === 'likely' ? ' (likely)' : ' (inferred)';
}
