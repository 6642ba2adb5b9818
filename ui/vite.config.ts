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

/** Anybody's web server sends no policy, so the static page brings its own: its own files, no eval, no connection. */
const STATIC_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types oomscope-worker',
].join('; ');

function withPolicy(): Plugin {
  return {
    name: 'with-policy',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: STATIC_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** `--mode static`: the page without a server, for files that are dropped on it; a folder to be hosted anywhere. */
export default defineConfig(({ mode }) => ({
  base: './',
  define: { HAS_SERVER: JSON.stringify(mode !== 'static') },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  plugins: [withoutLong(), ...(mode === 'static' ? [withPolicy()] : [])],
  worker: { format: 'es' },
  build: {
    outDir: here(mode === 'static' ? '../dist/static' : '../dist/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // A data: script would be against the page's own policy, and nothing here is worth inlining.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
}));
