import { defineConfig } from 'vitest/config';

// Tests that load the addon. Run once as built for use and once under AddressSanitizer (npm run test:asan).
export default defineConfig({
  test: {
    name: 'native',
    include: ['native/**/*.test.ts', 'src/**/*.native.test.ts'],
    // By default a processor is left alone, which on two is the half of all.
    maxWorkers: '100%',
  },
});
