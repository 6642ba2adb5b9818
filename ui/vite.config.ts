import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  resolve: {
    alias: {
      // protobufjs asks for it, only to be told in src/wire/protobuf-numbers.ts that it is not wanted.
      long: here('./src/net/no-long.ts'),
    },
  },
  build: {
    outDir: here('../dist/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // A data: script would be against the page's own policy, and nothing here is worth inlining.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
