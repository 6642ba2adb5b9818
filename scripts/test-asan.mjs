#!/usr/bin/env node
// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs its own tests against that build.
// Arguments go to vitest.
//
// Node itself is not instrumented, so the sanitizer is preloaded. Leaks are looked for in processes of the tests that end by
// themselves (native/addon.test.ts): there every byte is accounted for, without a suppression. A process that ends by
// process.exit(), as vitest's workers do, never frees V8's heap and Node's own tables, and a report of that says nothing.
import { spawnSync } from 'node:child_process';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} file @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
function runOrExit(file, args, env = process.env) {
  const { status, error } = spawnSync(file, args, { cwd: root, env, stdio: 'inherit' });
  if (error) console.error(`${file}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** The sanitizer's library of the compiler that builds the addon. */
function sanitizer() {
  const { stdout, error } = spawnSync('c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' });
  const path = stdout?.trim() ?? '';
  // The compiler gives the bare name back for a file that it does not have.
  if (isAbsolute(path)) return path;
  console.error(`The compiler has no libasan.so (${error?.message ?? path}). On Debian it comes with gcc.`);
  process.exit(1);
}

runOrExit(process.execPath, ['scripts/install-addon.mjs', '--required', '--config', 'Asan']);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const only = ['native/', 'src/sources/kernel/'];
const config = ['--config', 'vitest.native.config.ts', '--testTimeout=60000'];
runOrExit(process.execPath, [vitest, 'run', ...config, ...only, ...process.argv.slice(2)], {
  ...process.env,
  OOMSCOPE_ADDON_BUILD: 'Asan',
  LD_PRELOAD: sanitizer(),
  ASAN_OPTIONS: 'detect_leaks=0:fast_unwind_on_malloc=0',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
});
