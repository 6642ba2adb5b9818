import { describe, expect, it } from 'vitest';
import { DEBIAN_ROOT } from '../../test/support/host-facts.js';
import type { Examination } from '../sources/kernel/examine.js';
import { refusal } from '../sources/kernel/support.js';
import { detachText, doctorJson, doctorText } from './doctor-report.js';

const attached = { name: 'fentry_out_of_memory', state: 'attached', reason: null } as const;
const healthy: Examination = {
  facts: DEBIAN_ROOT,
  ways: [
    { way: 'fentry', reason: null, programs: [attached] },
    { way: 'kprobe', reason: 'this kernel has no kprobes', programs: [] },
  ],
  attachMode: 'fentry',
  missing: [],
  refusal: null,
  pins: { sets: [], running: false, runningOwner: null },
};
const set = { path: '/p/set-1-v1-a', generation: 1n, layoutVersion: 1, stamp: 'a', programs: ['fentry_out_of_memory'] };

const firstLine = (findings: Partial<Examination>) => doctorText({ ...healthy, ...findings }).split('\n')[0];

describe('the doctor', () => {
  it('begins with the answer', () => {
    expect(firstLine({})).toBe('YES: kills are recorded on this host with every candidate (fentry).');
    expect(firstLine({ attachMode: 'tracepoint' })).toMatch(/^PARTLY: .*without their candidates/);
    const refused = refusal({ ...DEBIAN_ROOT, lockdown: 'confidentiality' }, [], null);
    expect(firstLine({ attachMode: 'none', refusal: refused })).toBe('NO: kills cannot be recorded on this host.');
  });

  it('says of each way whether it works, and why not', () => {
    const text = doctorText(healthy);
    expect(text).toMatch(/^ {2}fentry +ok +1 of 1 program$/m);
    expect(text).toMatch(/^ {2}kprobe +no +this kernel has no kprobes$/m);
  });

  it('names the programs that a working way has to do without', () => {
    const programs = [attached, { name: 'tp_btf_wake_reaper', state: 'failed', reason: 'EINVAL' } as const];
    const text = doctorText({ ...healthy, ways: [{ way: 'fentry', reason: null, programs }] });
    expect(text).toMatch(/^ {2}fentry +part +1 of 2 programs$/m);
    expect(text).toMatch(/^ {2}tp_btf_wake_reaper +no +EINVAL$/m);
  });

  it('tells what is missing with its cost and what to do', () => {
    const missing = [{ code: 'CGROUP_V1', what: 'v1.', lost: 'Something.', remedy: 'Boot.' }];
    expect(doctorText({ ...healthy, missing })).toContain('CGROUP_V1: v1.\n  lost:  Something.\n  to do: Boot.\n');
  });

  it('knows who runs, and what somebody left', () => {
    const owner = { pid: 12, url: 'http://127.0.0.1:7070', version: '0.1.0' };
    expect(doctorText({ ...healthy, pins: { sets: [set], running: true, runningOwner: owner } })).toContain(
      'pid 12, http://127.0.0.1:7070',
    );
    expect(doctorText({ ...healthy, pins: { sets: [set], running: false, runningOwner: null } })).toContain('1 set');
  });

  it('lets nothing from outside reach the terminal', () => {
    const pins = { sets: [], running: true, runningOwner: { pid: 1, url: 'http://\u001b[31mx', version: '' } };
    expect(doctorText({ ...healthy, pins })).not.toContain('\u001b');
  });

  it('gives scripts the mode, the refusal and plain values', () => {
    const json = JSON.parse(JSON.stringify(doctorJson({ ...healthy, pins: { ...healthy.pins, sets: [set] } })));
    expect(json).toMatchObject({
      kernelRelease: '6.1.0-56-amd64',
      attachMode: 'fentry',
      missing: [],
      refusal: null,
      pins: { directory: '/sys/fs/bpf/oomscope', sets: [{ generation: '1' }] },
    });
  });

  it('says what it detached', () => {
    expect(detachText('/p', { sets: [set], directoryRemoved: true })).toBe(
      'removed /p/set-1-v1-a: 1 attached program\nremoved /p\n',
    );
    expect(detachText('/p', { sets: [], directoryRemoved: false })).toBe('Nothing of oomscope is pinned in /p.\n');
  });
});
