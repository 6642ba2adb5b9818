import { describe, expect, it } from 'vitest';
import { failedProgram, reasonOf } from './load-log.js';
import type { NativeError } from './native.js';

const EPERM_LOG = `libbpf: prog 'fentry_out_of_memory': BPF program load failed: Operation not permitted
libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB
libbpf: prog 'fentry_out_of_memory': failed to load: -1
libbpf: failed to load object 'oomscope'
`;
const VERIFIER_LOG = `libbpf: prog 'tp_btf_mark_victim': BPF program load failed: Permission denied
libbpf: prog 'tp_btf_mark_victim': -- BEGIN PROG LOAD LOG --
0: R1=ctx(off=0,imm=0) R10=fp0
; int BPF_PROG(tp_btf_mark_victim, struct task_struct *task)
0: (79) r6 = *(u64 *)(r1 +0)
1: (61) r7 = *(u32 *)(r6 +1324)
R6 invalid mem access 'scalar'
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
-- END PROG LOAD LOG --
libbpf: prog 'tp_btf_mark_victim': failed to load: -13
libbpf: failed to load object 'oomscope'
`;
const KPROBE_LOG = `libbpf: failed to add legacy kprobe event for 'out_of_memory+0x0': No such file or directory
libbpf: prog 'kprobe_out_of_memory': failed to create kprobe 'out_of_memory+0x0' perf event: No such file or directory
`;
const NO_TARGET_LOG = `libbpf: prog 'fentry_nonsense': failed to find kernel BTF type ID of 'nonsense': -3
libbpf: prog 'fentry_nonsense': failed to prepare load attributes: -3
libbpf: failed to load object 'oomscope'
`;

const error = (code: string, log: string): NativeError =>
  Object.assign(new Error('loading the BPF programs: a reason'), { code, log });

describe('the program that a load failed at', () => {
  it('is named by libbpf', () => {
    expect(failedProgram(EPERM_LOG)).toBe('fentry_out_of_memory');
    expect(failedProgram(VERIFIER_LOG)).toBe('tp_btf_mark_victim');
    expect(failedProgram(NO_TARGET_LOG)).toBe('fentry_nonsense');
  });
  it('is unknown where the whole object failed', () => {
    expect(failedProgram("libbpf: failed to load object 'oomscope'\n")).toBeNull();
    expect(failedProgram('')).toBeNull();
  });
});

describe('the reason in one line', () => {
  it("is the verifier's last word", () => {
    expect(reasonOf(error('EACCES', VERIFIER_LOG))).toBe("EACCES, R6 invalid mem access 'scalar'");
  });
  it("is libbpf's first, without its guess about ulimit", () => {
    expect(reasonOf(error('EPERM', EPERM_LOG))).toBe('EPERM, BPF program load failed: Operation not permitted');
    expect(reasonOf(error('ENOENT', KPROBE_LOG))).toMatch(/^ENOENT, failed to add legacy kprobe event/);
  });
  it("is the kernel's errno where nothing was said", () => {
    expect(reasonOf(error('ENOSYS', ''))).toBe('ENOSYS, loading the BPF programs: a reason');
  });
});
