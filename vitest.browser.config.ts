import { defineConfig } from 'vitest/config';

// Headless Chromium on the built page (dist/ui), served by the real server with made-up events.
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A page mostly waits for what it is shown to be drawn.
    maxWorkers: 2,
  },
});
