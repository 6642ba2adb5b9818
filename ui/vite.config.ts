import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** protobufjs asks for the package `long`, only to be told in src/wire/protobuf-numbers.ts that it is not wanted. */
function withoutLong(): Plugin {
  const stub = '\0no-long';
  return {
    name: 'without-long',
    enforce: 'pre',
    resolveId: (id) => (id === 'long' ? stub : null),
    load: (id) => (id === stub ? 'export default null;' : null),
  };
}

export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [withoutLong()],
  worker: { format: 'es' },
  build: {
    outDir: here('../dist/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // A data: script would be against the page's own policy, and nothing here is worth inlining.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
