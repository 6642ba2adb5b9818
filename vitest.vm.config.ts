import { defineConfig } from 'vitest/config';

// Tests in virtual machines, on real kernels: test/vm/README.md.
export default defineConfig({
  test: {
    name: 'vm',
    include: ['test/vm/**/*.test.ts'],
    globalSetup: ['test/vm/harness/global-setup.ts'],
    // A guest must die with the thread that started it: a process of its own, not a worker thread.
    pool: 'forks',
    // One per kernel, and one that waits for whichever guest is free next.
    maxWorkers: 3,
    testTimeout: 240_000,
    // The default of one second is too short for an emulated guest that starves.
    expect: { poll: { timeout: 30_000, interval: 100 } },
    // An emulated guest on a shared host can starve for seconds: a failure counts when it comes twice.
    retry: 1,
    // Longest is the wait for a guest that another file uses.
    hookTimeout: 1_800_000,
  },
});
