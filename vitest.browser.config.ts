import { defineConfig } from 'vitest/config';

// Headless Chromium on the built page (dist/ui), served by the real server with made-up events.
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // One browser at a time: it takes a core for itself.
    fileParallelism: false,
  },
});
