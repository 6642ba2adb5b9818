import { defineConfig } from 'vitest/config';

// Tests that load the addon. Run once as built for use and once under AddressSanitizer (npm run test:asan).
export default defineConfig({
  test: {
    name: 'native',
    include: ['native/**/*.test.ts', 'src/**/*.native.test.ts'],
  },
});
