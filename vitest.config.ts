import { defineConfig } from 'vitest/config';

// Unit tests: they stand beside their source, run anywhere and need nothing that was built but the wire format.
export default defineConfig({
  test: {
    name: 'unit',
    // By default a processor is left alone, which on two is the half of all.
    maxWorkers: '100%',
    include: ['src/**/*.test.ts', 'ui/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    // Those load the addon: vitest.native.config.ts.
    exclude: ['src/**/*.native.test.ts'],
  },
});
