#!/usr/bin/env node
// Builds the addon, which reads the running kernel. Needs no network.
//
//   node scripts/install-addon.mjs              for `npm install`: where the addon cannot be built this says so and
//                                               succeeds, since replay, explain and the page need no addon
//   node scripts/install-addon.mjs --required   for the build: the same is a failure
//   … --config Asan                             with AddressSanitizer, into build/Asan
//   OOMSCOPE_TARGET_ARCH=arm64 …                for another machine than this one, in place of what was built for it
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crossTarget } from './lib/target.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Debian puts bpftool into /usr/sbin, which is not on an ordinary user's PATH.
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` };
const cross = crossTarget();
// Debian's cross compiler, and the libraries for that architecture beside this machine's.
const triplet = `${cross?.processor}-linux-gnu`;
if (cross !== null) env['PKG_CONFIG_LIBDIR'] = `/usr/lib/${triplet}/pkgconfig`;

const { values: options } = parseArgs({
  options: { required: { type: 'boolean', default: false }, config: { type: 'string', default: 'Release' } },
});

/** @param {string} command @param {...string} args */
const works = (command, ...args) => spawnSync(command, args, { env, stdio: 'ignore' }).status === 0;

/** What building needs: the Debian package that brings it, and whether it is there. */
const needs = /** @type {const} */ ([
  [
    cross === null ? 'g++' : `g++-${triplet.replace('_', '-')}`,
    () => works(cross === null ? 'c++' : `${triplet}-g++`, '--version'),
  ],
  ['make', () => works('make', '--version') || works('ninja', '--version')],
  ['cmake', () => works('cmake', '--version')],
  ['clang', () => works('clang', '--version')],
  ['bpftool', () => works('bpftool', 'version')],
  ['pkg-config', () => works('pkg-config', '--version')],
  [
    cross === null ? 'libbpf-dev' : `libbpf-dev:${cross.debian}`,
    () => works('pkg-config', '--atleast-version=1.0', 'libbpf'),
  ],
]);

/** Why the addon cannot be built here, in one line; null = it can. */
function obstacle() {
  if (process.platform !== 'linux') return `this is ${process.platform}, and it reads the Linux kernel`;
  const missing = needs.filter(([, isThere]) => !isThere()).map(([name]) => name);
  return missing.length === 0 ? null : `missing: ${missing.join(', ')} (names of Debian packages)`;
}

// `npx oomscope` links this checkout into npm's cache and calls us on the way: what is to be built was built by then, and
// a failure here would leave a half-made link that npx never repairs.
if (process.env['npm_command'] === 'exec' && !options.required) process.exit(0);

const why = obstacle();
if (why !== null) {
  console.error(`oomscope: the addon was not built: ${why}.`);
  console.error('oomscope: without it `live`, `record` and `doctor` do not run; all that reads files does.');
  process.exit(options.required ? 1 : 0);
}

const cmakeJs = createRequire(import.meta.url).resolve('cmake-js/bin/cmake-js');
const { config } = options;
const out = join('build', config);
// --out matters: when a build fails, cmake-js deletes its whole output folder and tries again.
const args = [cmakeJs, 'compile', '--config', config, '--out', out, '--log-level', 'warn'];
if (cross !== null) {
  args.push('--cc', `${triplet}-gcc`, '--cxx', `${triplet}-g++`);
  args.push('--CDCMAKE_SYSTEM_NAME=Linux', `--CDCMAKE_SYSTEM_PROCESSOR=${cross.processor}`);
}
// CMake goes on with the compiler that a folder was begun with, whatever it is told later.
const cache = join(root, out, 'CMakeCache.txt');
const begun = existsSync(cache) ? readFileSync(cache, 'utf8') : '';
const begunFor = /^CMAKE_SYSTEM_PROCESSOR:\w+=(.*)$/m.exec(begun)?.[1];
if (begunFor !== cross?.processor) rmSync(join(root, out), { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
if (error) console.error(`oomscope: ${error.message}`);
process.exit(status ?? 1);
