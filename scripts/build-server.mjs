#!/usr/bin/env node
// Compiles src/ into dist/ so that `npx oomscope` runs it. dist/ui belongs to the page's build and stays.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { env, root } from './lib/run-command.mjs';

const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });
// What was deleted in src/ must not live on in dist/.
for (const name of readdirSync(dist)) {
  if (name !== 'ui') rmSync(join(dist, name), { recursive: true });
}
execFileSync('tsc', ['-p', 'tsconfig.json'], { cwd: root, env, stdio: 'inherit' });
// tsc does not copy JavaScript.
for (const path of ['wire/proto.gen.js', 'report/perfetto/perfetto.gen.js', 'identity/cri/cri.gen.js']) {
  copyFileSync(join(root, 'src', path), join(dist, path));
}

// The programs as a few files: of 300 small ones the finding and reading takes longer than all else at their start. What is
// imported late stays apart: a module of ours, since of a CommonJS package only the default export would come that way. The
// addon and WebAssembly are found by their paths.
buildSync({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli.ts', 'play-scenario': 'src/lab/play-scenario.ts' },
  bundle: true,
  splitting: true,
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.17',
  sourcemap: true,
  external: ['bindings', '@foxglove/wasm-zstd', 'bufferutil', 'utf-8-validate'],
  // For packages that are CommonJS.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
  logLevel: 'warning',
});

// npx runs a checkout's own command, provided that it may be executed.
chmodSync(join(dist, 'cli.js'), 0o755);
