import { describe, expect, it } from 'vitest';
import { DEBIAN_ROOT, MARK_VICTIM_OLD } from '../../../test/support/host-facts.js';
import type { ProgramOutcome } from '../../events/session.js';
import type { HostFacts } from './host-facts.js';
import { type AttachResult, MISSING_CODES, missingFeatures } from './missing.js';

function missing(facts: Partial<HostFacts>, result: Partial<AttachResult>) {
  return missingFeatures(
    { ...DEBIAN_ROOT, ...facts },
    { way: 'fentry', programs: [], failures: [], pinned: true, pausedFromUs: null, ...result },
  );
}

const codes = (...args: Parameters<typeof missing>) => missing(...args).map(({ code }) => code);
/** Fentry alone counts how long tasks wait for memory; functions need it or kprobes. */
const NO_PRESSURE = ['NO_STALL_TIMES', 'NO_RECLAIM', 'NO_THROTTLING', 'NO_KSWAPD'];
const NO_HOOKS = ['NO_KILLED_CGROUP', 'NO_RELEASES', ...NO_PRESSURE];
const NO_BTF_PROGRAMS = [
  ...['NO_USER_KILLS', 'NO_COMMAND_LINES', 'NO_KILLED_CGROUP', 'NO_RELEASES'],
  ...['NO_CGROUP_WALK', 'NO_CGROUP_NAMES', ...NO_PRESSURE],
];
const failed = (name: string): ProgramOutcome => ({ name, state: 'failed', reason: 'EINVAL' });

describe('what a session lacks', () => {
  it('nothing, where fentry is attached on cgroup v2 and pinned', () => {
    expect(missing({}, {})).toEqual([]);
  });

  it('kprobes lose nothing of kills, and say why they are used', () => {
    const [feature] = missing({}, { way: 'kprobe', failures: [{ way: 'fentry', reason: 'EPERM' }] });
    expect(feature).toMatchObject({
      code: 'NO_FENTRY',
      what: 'Kernel functions are hooked by kprobes (fentry: EPERM).',
    });
    expect(feature?.lost).toContain('Nothing');
  });

  it('tracepoints lose the ballot, whichever they are', () => {
    expect(codes({}, { way: 'btf-tracepoint' })).toEqual(['NO_BALLOT', ...NO_HOOKS]);
    expect(codes({}, { way: 'tracepoint' })).toEqual(['NO_BALLOT', ...NO_BTF_PROGRAMS]);
  });

  it('old plain tracepoints lose the name of the victim as well', () => {
    const tracefs = { ...DEBIAN_ROOT.tracefs, formats: { 'oom:mark_victim': MARK_VICTIM_OLD } };
    expect(codes({ tracefs }, { way: 'tracepoint' })).toEqual(['NO_BALLOT', 'NO_MARK_DETAILS', ...NO_BTF_PROGRAMS]);
    expect(codes({ tracefs }, { way: 'btf-tracepoint' })).toEqual(['NO_BALLOT', ...NO_HOOKS]);
  });

  it('a forced way says so', () => {
    const [feature] = missing({}, { way: 'tracepoint' });
    expect(feature?.what).toContain('--attach tracepoint was given');
    expect(feature?.remedy).toBe('Leave --attach out.');
  });

  it('each fact that is lost is told once, with the program that is the reason', () => {
    const programs = [
      failed('tp_btf_wake_reaper'),
      failed('tp_btf_skip_task_reaping'),
      failed('fentry___oom_kill_process'),
    ];
    expect(missing({}, { programs }).map(({ code, what }) => ({ code, what }))).toEqual([
      { code: 'NO_REAPER_STEPS', what: 'tp_btf_wake_reaper is not attached (EINVAL).' },
      { code: 'NO_SIGKILL_FACT', what: 'fentry___oom_kill_process is not attached (EINVAL).' },
    ]);
  });

  it('a kernel without PSI says so', () => {
    expect(codes({ psi: false }, {})).toEqual(['NO_PSI']);
  });

  it('cgroup v1 is a missing feature, not a refusal', () => {
    expect(codes({ cgroupVersion: 1 }, {})).toEqual(['CGROUP_V1']);
    expect(codes({ cgroupVersion: null }, {})).toEqual(['NO_MEMORY_CONTROLLER']);
  });

  it('programs without pins end with the process', () => {
    expect(missing({}, { pinned: false })[0]?.what).toContain('--no-pins was given');
    const bpffs = { pinDirectory: '/x', obstacle: '/x does not exist' };
    expect(missing({ bpffs }, { pinned: false })[0]?.what).toContain('/x does not exist');
  });

  it('a gap in which the programs paused is told', () => {
    expect(codes({}, { pausedFromUs: 5 })).toEqual(['PAUSED_IN_GAP']);
  });

  it('comes in the order of its weight', () => {
    const all = codes(
      { cgroupVersion: 1 },
      { way: 'tracepoint', pinned: false, pausedFromUs: 5, programs: [failed('tp_sched_process_exit')] },
    );
    const order: readonly string[] = MISSING_CODES;
    const ranks = all.map((code) => order.indexOf(code));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(all[0]).toBe('NO_BALLOT');
  });
});
