import { describe, expect, it } from 'vitest';
import { DEBIAN_ROOT, MARK_VICTIM_OLD, NO_BTF, NO_TRACEFS } from '../../../test/support/host-facts.js';
import type { HostFacts } from './host-facts.js';
import { lackOfPrivilege, planAttach, refusal } from './support.js';

function plan(facts: Partial<HostFacts>, forced: Parameters<typeof planAttach>[1] = null) {
  const { attempts, ruledOut } = planAttach({ ...DEBIAN_ROOT, ...facts }, forced);
  return {
    attempts: attempts.map((attempt) => attempt.way),
    ruledOut: Object.fromEntries(ruledOut.map(({ way, reason }) => [way, reason])),
    first: attempts[0],
  };
}

describe('which ways to attach are worth trying', () => {
  it('a complete host has all of them, fentry first', () => {
    expect(plan({}).attempts).toEqual(['fentry', 'kprobe', 'btf-tracepoint', 'tracepoint']);
    expect(plan({}).first?.leftOut).toEqual([]);
    expect(plan({}).first?.programs).toHaveLength(31);
  });

  it('nothing asks for stalls where there is no PSI, nor for cgroups where there are none', () => {
    const without = (facts: Partial<HostFacts>) => plan(facts).first?.leftOut.map(({ name }) => name);
    expect(without({ psi: false })).toEqual([
      'fexit_psi_memstall_enter',
      'fentry_psi_memstall_leave',
      'fentry_schedule_timeout_killable',
      'fexit_schedule_timeout_killable',
    ]);
    expect(without({ cgroupRoot: null, cgroupVersion: null })).toEqual(['iter_cgroup', 'read_hot']);
  });

  it('without BTF plain tracepoints are left', () => {
    const { attempts, ruledOut, first } = plan({ btf: NO_BTF });
    expect(attempts).toEqual(['tracepoint']);
    expect(first?.object).toBe('tracepoint');
    expect(ruledOut['fentry']).toContain('BTF cannot be had');
    expect(ruledOut['kprobe']).toContain('BTF cannot be had');
  });

  it('without kprobes the rest is', () => {
    const { attempts, ruledOut } = plan({ kprobes: false });
    expect(attempts).toEqual(['fentry', 'btf-tracepoint', 'tracepoint']);
    expect(ruledOut['kprobe']).toBe('this kernel has no kprobes');
  });

  it('unknown is not no', () => {
    const unknown = { kprobes: null, lockdown: null, privileges: null, initialUserNamespace: null };
    expect(plan(unknown).attempts).toHaveLength(4);
    expect(lackOfPrivilege({ ...DEBIAN_ROOT, ...unknown })).toBeNull();
  });

  it('without tracefs typed tracepoints are left of the tracepoints', () => {
    const { attempts, ruledOut } = plan({ tracefs: NO_TRACEFS });
    expect(attempts).toEqual(['fentry', 'kprobe', 'btf-tracepoint']);
    expect(ruledOut['tracepoint']).toBe('tracefs is not mounted');
  });

  it('a tracefs that may not be read says which file it was', () => {
    const obstacle = '/sys/kernel/tracing/events/oom/mark_victim/format: EACCES';
    expect(plan({ tracefs: { path: '/sys/kernel/tracing', formats: {}, obstacle } }).ruledOut['tracepoint']).toBe(
      obstacle,
    );
  });

  it('lockdown for confidentiality leaves nothing, for integrity all', () => {
    expect(plan({ lockdown: 'confidentiality' }).attempts).toEqual([]);
    expect(plan({ lockdown: 'integrity' }).attempts).toHaveLength(4);
  });

  it('a kernel that has inlined what every kill passes through rules out the ways that hook it', () => {
    const functions = DEBIAN_ROOT.btf.functions.filter((name) => name !== 'oom_kill_process');
    const { attempts, ruledOut } = plan({ btf: { obstacle: null, functions } });
    expect(attempts).toEqual(['btf-tracepoint', 'tracepoint']);
    expect(ruledOut['fentry']).toBe('this kernel has no function oom_kill_process()');
  });

  it('a function that only adds to the record is left out, with the reason', () => {
    const functions = DEBIAN_ROOT.btf.functions.filter((name) => name !== 'oom_evaluate_task');
    const { first } = plan({ btf: { obstacle: null, functions } });
    expect(first?.way).toBe('fentry');
    expect(first?.leftOut).toEqual([
      { name: 'fexit_oom_evaluate_task', state: 'left-out', reason: 'this kernel has no function oom_evaluate_task()' },
    ]);
  });

  it('a tracepoint that is not there is left out', () => {
    const { 'oom:wake_reaper': _, ...formats } = DEBIAN_ROOT.tracefs.formats;
    const tracefs = { ...DEBIAN_ROOT.tracefs, formats };
    const { first } = plan({ btf: NO_BTF, tracefs });
    expect(first?.leftOut.map((program) => program.name)).toEqual(['tp_wake_reaper']);
  });

  it('an old tracepoint that tells a thread alone is worth trying', () => {
    const tracefs = { ...DEBIAN_ROOT.tracefs, formats: { 'oom:mark_victim': MARK_VICTIM_OLD } };
    expect(plan({ btf: NO_BTF, tracefs }).first?.constants).toEqual({ page_kib: 4n });
  });

  it('a tracepoint with the pid elsewhere is not guessed at', () => {
    const format = MARK_VICTIM_OLD.replace('offset:8', 'offset:16');
    const tracefs = { ...DEBIAN_ROOT.tracefs, formats: { 'oom:mark_victim': format } };
    expect(plan({ btf: NO_BTF, tracefs }).ruledOut['tracepoint']).toContain('unknown layout');
  });

  it('privileges are not asked for: pins can be adopted without any', () => {
    expect(plan({ privileges: { bpf: false, perfmon: false, sysAdmin: false } }).attempts).toHaveLength(4);
  });

  it('a forced way is the only one', () => {
    expect(plan({}, 'kprobe').attempts).toEqual(['kprobe']);
    expect(plan({}, 'tracepoint').attempts).toEqual(['btf-tracepoint', 'tracepoint']);
    expect(plan({ kprobes: false }, 'kprobe')).toMatchObject({
      attempts: [],
      ruledOut: { kprobe: expect.any(String) },
    });
  });
});

describe('what a host that refuses is told', () => {
  const failures = [{ way: 'fentry', reason: 'EPERM' }] as const;
  const told = (facts: Partial<HostFacts>, forced: Parameters<typeof refusal>[2] = null) => {
    const error = refusal({ ...DEBIAN_ROOT, ...facts }, failures, forced);
    return { code: error.code, message: error.message, nextStep: error.nextStep, exitCode: error.exitCode };
  };

  it('one capability is not enough, and the one that lacks is named', () => {
    const privileges = { bpf: true, perfmon: false, sysAdmin: false };
    expect(told({ privileges })).toMatchObject({
      code: 'E_NOT_PRIVILEGED',
      message: 'This process lacks CAP_PERFMON, which recording kills needs.',
      exitCode: 3,
    });
  });

  it('neither capability: privileges come before everything else', () => {
    const privileges = { bpf: false, perfmon: false, sysAdmin: false };
    expect(told({ privileges, btf: NO_BTF }, 'kprobe')).toMatchObject({
      code: 'E_NOT_PRIVILEGED',
      message: 'This process lacks CAP_BPF and CAP_PERFMON, which recording kills needs.',
    });
  });

  it('a rootless container: its capabilities do not count', () => {
    expect(told({ initialUserNamespace: false })).toMatchObject({
      code: 'E_NO_ATTACH',
      nextStep: expect.stringContaining('outside the user namespace'),
    });
  });

  it('lockdown: how to boot', () => {
    expect(told({ lockdown: 'confidentiality' }).nextStep).toContain('lockdown=integrity');
  });

  it('no BTF and no tracefs: what to mount, or which kernel', () => {
    const { code, nextStep } = told({ btf: NO_BTF, tracefs: NO_TRACEFS });
    expect(code).toBe('E_NO_BTF');
    expect(nextStep).toContain('mount -t tracefs');
  });

  it('perf events that Debian keeps from CAP_PERFMON: the sysctl', () => {
    const privileges = { bpf: true, perfmon: true, sysAdmin: false };
    expect(told({ privileges }).nextStep).toContain('sysctl kernel.perf_event_paranoid=2');
    expect(told({ privileges, perfEventParanoid: 2 }).nextStep).not.toContain('sysctl');
  });

  it('a forced way: the reason, and to leave it out', () => {
    expect(told({}, 'fentry')).toMatchObject({
      code: 'E_ATTACH_FORCED',
      message: '--attach fentry cannot be had on this host (fentry: EPERM).',
      nextStep: expect.stringContaining('leave --attach out'),
    });
  });

  it('a kernel without BPF', () => {
    const error = refusal(DEBIAN_ROOT, [{ way: 'fentry', reason: 'ENOSYS, loading the BPF programs' }], null);
    expect(error.code).toBe('E_NO_BPF');
  });
});
