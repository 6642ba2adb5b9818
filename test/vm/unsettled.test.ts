import { describe, it } from 'vitest';
import { RUNS_UNSETTLED, UNSETTLED } from './unsettled.js';

describe.skipIf(RUNS_UNSETTLED)('tests that are not settled yet', () => {
  for (const file of UNSETTLED) {
    it(file, ({ skip }) => skip('not yet shown to pass in one run on both kernels: OOMSCOPE_VM_UNSETTLED=1 runs it'));
  }
});
