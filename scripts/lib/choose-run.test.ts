import { describe, expect, it } from 'vitest';
import { chooseRun } from './choose-run.mjs';

const report = {
  kernelRelease: '6.1.0-56-amd64',
  attachMode: 'fentry',
  missing: [],
  refusal: null,
  pins: { obstacle: null },
};

describe('make run', () => {
  it.each(['fentry', 'kprobe'])('watches this node where the whole kill path loads by %s', (attachMode) => {
    expect(chooseRun({ ...report, attachMode })).toEqual({
      what: 'live',
      why: `this node's kernel 6.1.0-56-amd64 lets the whole kill path load (${attachMode})`,
    });
  });

  it('goes to the lab where only tracepoints attach, and names what is missing', () => {
    const missing = [{ what: 'fentry is refused' }, { what: 'something smaller' }];
    const choice = chooseRun({ ...report, attachMode: 'tracepoint', missing });
    expect(choice.what).toBe('lab');
    expect(choice.why).toContain('does not let the whole kill path load: fentry is refused');
  });

  it('goes to the lab where nothing attaches, with the refusal', () => {
    const choice = chooseRun({ ...report, attachMode: 'none', refusal: { message: 'This kernel has no BPF.' } });
    expect(choice.what).toBe('lab');
    expect(choice.why).toContain('This kernel has no BPF.');
  });

  it('goes to the lab where nothing can be pinned', () => {
    const choice = chooseRun({ ...report, pins: { obstacle: '/sys/fs/bpf is not on a BPF file system' } });
    expect(choice.what).toBe('lab');
    expect(choice.why).toContain('/sys/fs/bpf is not on a BPF file system');
  });

  it('goes to the lab where this node could not be asked', () => {
    expect(chooseRun('not root')).toEqual({ what: 'lab', why: 'not root' });
  });
});
