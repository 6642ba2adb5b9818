import { describe, expect, it } from 'vitest';
import { chooseRun } from './choose-run.mjs';

const report = { kernelRelease: '6.1.0-56-amd64', attachMode: 'fentry', missing: [] };

describe('make run', () => {
  it.each(['fentry', 'kprobe'])('watches this node where the whole kill path loads by %s', (attachMode) => {
    expect(chooseRun({ ...report, attachMode })).toEqual({
      what: 'live',
      why: `this node's kernel 6.1.0-56-amd64 lets the whole kill path load (${attachMode})`,
    });
  });

  it.each(['tracepoint', 'none'])('goes to the lab where only %s attaches, and names what is missing', (attachMode) => {
    const choice = chooseRun({ ...report, attachMode, missing: [{ what: 'fentry is refused' }, { what: 'less' }] });
    expect(choice.what).toBe('lab');
    expect(choice.why).toContain('does not let the whole kill path load: fentry is refused');
  });

  it('goes to the lab where this node could not be asked', () => {
    expect(chooseRun('not root')).toEqual({ what: 'lab', why: 'not root' });
  });
});
