import { describe, expect, it } from 'vitest';
import { closingLine, summary } from './summary.mjs';

const results = [
  { stage: 'lint', seconds: 1.25, passed: 1, failed: 0, failures: [], skipped: [], retried: [] },
  {
    stage: 'unit',
    seconds: 12.4,
    passed: 40,
    failed: 1,
    failures: ['a.test.ts: the sidecar dies'],
    retried: ['c.test.ts: a kill is told: expected 1 to be 2'],
    skipped: [{ name: 'b.test.ts: fentry attaches', reason: 'the kernel refuses it: EPERM' }],
  },
];

describe('the end of a run', () => {
  it('adds up what passed, failed and was skipped', () => {
    expect(closingLine(results)).toBe('41 passed, 1 failed, 1 skipped');
  });

  it('names each failure, and each skip with its reason', () => {
    const text = summary(results);
    expect(text).toContain('failed: unit: a.test.ts: the sidecar dies');
    expect(text).toContain('skipped: unit: b.test.ts: fentry attaches: the kernel refuses it: EPERM');
  });

  it('names what passed at its second try alone, with what the first one said', () => {
    expect(summary(results)).toContain('passed at its second try: unit: c.test.ts: a kill is told: expected 1 to be 2');
  });

  it('shows the time of each stage and of all', () => {
    expect(summary(results)).toMatch(/lint +1 +0 +0 +1\.[23] s\nunit +40 +1 +1 +12 s\nall +14 s/);
  });
});
