import type { AttachMode } from '../../events/session.js';
import type { BpfObjectName } from './native.js';

/** A mode that records kills. */
export type RecordingMode = Exclude<AttachMode, 'none'>;

/** Best first, as --attach takes them. */
export const RECORDING_MODES: readonly RecordingMode[] = ['fentry', 'kprobe', 'tracepoint'];

/** How to attach. Two of them are the tracepoint mode: with the kernel's types, and where there is nothing else. */
export type Way = 'fentry' | 'kprobe' | 'btf-tracepoint' | 'tracepoint';

/** Best first: what each sees, the next sees less of or at a higher price. */
export const WAYS: readonly Way[] = ['fentry', 'kprobe', 'btf-tracepoint', 'tracepoint'];

export const MODE_OF_WAY: Readonly<Record<Way, RecordingMode>> = {
  fentry: 'fentry',
  kprobe: 'kprobe',
  'btf-tracepoint': 'tracepoint',
  tracepoint: 'tracepoint',
};

/** One program of bpf/ and what it is for. */
export interface ProgramSpec {
  readonly name: string;
  /** The kernel function or tracepoint that it hooks. */
  readonly hook: string;
  readonly hookKind: 'function' | 'tracepoint';
  /** What is not recorded without it; null = without it the whole way is of no use. */
  readonly loses: OptionalFact | null;
}

/** What can be missing while kills are still recorded. */
export type OptionalFact =
  | 'skipped-candidates'
  | 'sigkill-fact'
  | 'reaper-steps'
  | 'exits'
  | 'cgroup-names'
  | 'cgroup-walk'
  | 'stalls'
  | 'reclaim'
  | 'throttling'
  | 'kswapd'
  | 'user-kills'
  | 'command-lines'
  | 'killed-cgroup'
  | 'released-memory';

const required = (name: string, hook: string): ProgramSpec => ({ name, hook, hookKind: 'function', loses: null });
const optional = (name: string, hook: string, loses: OptionalFact): ProgramSpec => ({
  name,
  hook,
  hookKind: 'function',
  loses,
});
const tracepoint = (name: string, hook: string, loses: OptionalFact | null): ProgramSpec => ({
  name,
  hook,
  hookKind: 'tracepoint',
  loses,
});

/** The aftermath, by tracepoints whatever the way; only the programs' type differs. */
const aftermath = (prefix: string): ProgramSpec[] => [
  tracepoint(`${prefix}_wake_reaper`, 'oom:wake_reaper', 'reaper-steps'),
  tracepoint(`${prefix}_start_task_reaping`, 'oom:start_task_reaping', 'reaper-steps'),
  tracepoint(`${prefix}_finish_task_reaping`, 'oom:finish_task_reaping', 'reaper-steps'),
  tracepoint(`${prefix}_skip_task_reaping`, 'oom:skip_task_reaping', 'reaper-steps'),
  tracepoint(`${prefix}_sched_process_exit`, 'sched:sched_process_exit', 'exits'),
];

/**
 * Memory over time, whatever the way: bpf/cgroup_life.bpf.c and bpf/cgroup_walk.bpf.c. The iterator's hook is the function by
 * which the kernel says that it has one (6.1).
 */
const CGROUPS: readonly ProgramSpec[] = [
  tracepoint('tp_btf_cgroup_mkdir', 'cgroup:cgroup_mkdir', 'cgroup-names'),
  tracepoint('tp_btf_cgroup_rmdir', 'cgroup:cgroup_rmdir', 'cgroup-names'),
  tracepoint('tp_btf_cgroup_rename', 'cgroup:cgroup_rename', 'cgroup-names'),
  optional('iter_cgroup', 'bpf_iter_cgroup', 'cgroup-walk'),
  optional('read_hot', 'bpf_iter_cgroup', 'cgroup-walk'),
];

/** bpf/pressure.bpf.c. By fentry alone: kprobes would cost more than what they tell is worth. */
const PRESSURE: readonly ProgramSpec[] = [
  optional('fexit_psi_memstall_enter', 'psi_memstall_enter', 'stalls'),
  optional('fentry_psi_memstall_leave', 'psi_memstall_leave', 'stalls'),
  optional('fentry_try_to_free_mem_cgroup_pages', 'try_to_free_mem_cgroup_pages', 'reclaim'),
  optional('fexit_try_to_free_mem_cgroup_pages', 'try_to_free_mem_cgroup_pages', 'reclaim'),
  optional('fentry_schedule_timeout_killable', 'schedule_timeout_killable', 'throttling'),
  optional('fexit_schedule_timeout_killable', 'schedule_timeout_killable', 'throttling'),
  optional('fentry_balance_pgdat', 'balance_pgdat', 'kswapd'),
  optional('fexit_balance_pgdat', 'balance_pgdat', 'kswapd'),
];

/** Kills by user space, by BTF tracepoints: bpf/signal.bpf.c. */
const USER_KILLS: readonly ProgramSpec[] = [
  tracepoint('tp_btf_signal_generate', 'signal:signal_generate', 'user-kills'),
  tracepoint('tp_btf_signal_deliver', 'signal:signal_deliver', 'command-lines'),
  tracepoint('tp_btf_kill_exit', 'sched:sched_process_exit', 'exits'),
];

/** What tells more of them: bpf/cgroup_kill.bpf.c, bpf/cgroup_kill_kprobe.bpf.c. */
const aroundUserKills = (entry: 'fentry' | 'kprobe', exit: 'fexit' | 'kretprobe'): ProgramSpec[] => [
  optional(`${entry}_cgroup_kill_write`, 'cgroup_kill_write', 'killed-cgroup'),
  optional(`${exit}_cgroup_kill_write`, 'cgroup_kill_write', 'killed-cgroup'),
  optional(`${entry}___oom_reap_task_mm`, '__oom_reap_task_mm', 'released-memory'),
];

export const OBJECT_OF_WAY: Readonly<Record<Way, BpfObjectName>> = {
  fentry: 'core',
  kprobe: 'core',
  'btf-tracepoint': 'core',
  tracepoint: 'tracepoint',
};

/** The programs of each way: bpf/oom_fentry.bpf.c, bpf/oom_kprobe.bpf.c, bpf/aftermath.bpf.c, bpf/oom_tracepoint.bpf.c. */
export const PROGRAMS_OF_WAY: Readonly<Record<Way, readonly ProgramSpec[]>> = {
  fentry: [
    required('fentry_out_of_memory', 'out_of_memory'),
    required('fexit_out_of_memory', 'out_of_memory'),
    required('fexit_oom_badness', 'oom_badness'),
    optional('fexit_oom_evaluate_task', 'oom_evaluate_task', 'skipped-candidates'),
    required('fentry_oom_kill_process', 'oom_kill_process'),
    optional('fentry___oom_kill_process', '__oom_kill_process', 'sigkill-fact'),
    required('fentry_mark_oom_victim', 'mark_oom_victim'),
    ...aftermath('tp_btf'),
    ...CGROUPS,
    ...PRESSURE,
    ...USER_KILLS,
    ...aroundUserKills('fentry', 'fexit'),
  ],
  kprobe: [
    required('kprobe_out_of_memory', 'out_of_memory'),
    required('kretprobe_out_of_memory', 'out_of_memory'),
    required('kprobe_oom_badness', 'oom_badness'),
    required('kretprobe_oom_badness', 'oom_badness'),
    optional('kprobe_oom_evaluate_task', 'oom_evaluate_task', 'skipped-candidates'),
    optional('kretprobe_oom_evaluate_task', 'oom_evaluate_task', 'skipped-candidates'),
    required('kprobe_oom_kill_process', 'oom_kill_process'),
    optional('kprobe___oom_kill_process', '__oom_kill_process', 'sigkill-fact'),
    required('kprobe_mark_oom_victim', 'mark_oom_victim'),
    ...aftermath('tp_btf'),
    ...CGROUPS,
    ...USER_KILLS,
    ...aroundUserKills('kprobe', 'kretprobe'),
  ],
  'btf-tracepoint': [
    tracepoint('tp_btf_mark_victim', 'oom:mark_victim', null),
    ...aftermath('tp_btf'),
    ...CGROUPS,
    ...USER_KILLS,
  ],
  tracepoint: [tracepoint('tp_mark_victim', 'oom:mark_victim', null), ...aftermath('tp')],
};

/** Every kernel function that a program hooks. */
export function hookedFunctions(): string[] {
  const hooks = WAYS.flatMap((way) => PROGRAMS_OF_WAY[way])
    .filter((program) => program.hookKind === 'function')
    .map((program) => program.hook);
  return [...new Set(hooks)];
}

/** Every tracepoint that is hooked by its file in tracefs, as "group:name". */
export function hookedTracepoints(): string[] {
  return PROGRAMS_OF_WAY.tracepoint.map((program) => program.hook);
}
