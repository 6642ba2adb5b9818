#!/usr/bin/env node
// Shows real kills: of this node where its kernel lets the whole kill path load, else of a virtual machine.
//   node scripts/run.mjs [OPTION…]   the options go to `oomscope live` or `oomscope lab`, e.g. --port 7071
// OOMSCOPE_RUN=live or OOMSCOPE_RUN=lab decides instead of the kernel.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chooseRun } from './lib/choose-run.mjs';
import { env, root } from './lib/run-command.mjs';

const oomscope = [process.execPath, join(root, 'dist/cli.js')];

/** What to put before a command so that it runs as root without asking; null = that cannot be had. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

/** @param {readonly string[]} prefix @returns {import('./lib/choose-run.mjs').DoctorReport | string} */
function askDoctor(prefix) {
  const [file = '', ...args] = [...prefix, ...oomscope, 'doctor', '--json'];
  const { stdout, stderr, error } = spawnSync(file, args, { env, encoding: 'utf8' });
  try {
    return JSON.parse(stdout);
  } catch {
    return `this node could not be asked: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
  }
}

/** @param {readonly string[] | null} prefix */
function choose(prefix) {
  const wanted = process.env.OOMSCOPE_RUN;
  if (wanted === 'live' || wanted === 'lab') return { what: wanted, why: `OOMSCOPE_RUN=${wanted}` };
  if (prefix === null) {
    return chooseRun('watching this node needs root: sudo npx oomscope live');
  }
  return chooseRun(askDoctor(prefix));
}

/**
 * Runs until it ends by itself or a person ends it. Ctrl-C reaches the command through the terminal; a SIGTERM to us is
 * handed on.
 *
 * @param {readonly string[]} command
 */
function runToItsEnd([file = '', ...args]) {
  const child = spawn(file, args, { cwd: root, env, stdio: 'inherit' });
  let interrupted = false;
  process.on('SIGINT', () => {
    interrupted = true;
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('error', (error) => {
    console.error(`could not start ${file}: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (status) => {
    // Ctrl-C is how a person ends this: no failure, whatever the command calls it.
    process.exitCode = interrupted && status === 130 ? 0 : (status ?? 1);
  });
}

const prefix = rootPrefix();
const { what, why } = choose(prefix);
const because = why.replace(/\.$/, '');
console.log(what === 'live' ? `Watching this node: ${because}.` : `Showing a kernel in a virtual machine: ${because}.`);
if (what === 'live') {
  runToItsEnd([...(prefix ?? []), ...oomscope, 'live', ...process.argv.slice(2)]);
} else {
  const { status } = spawnSync(join(root, 'scripts/setup.sh'), ['lab'], { env, stdio: 'inherit' });
  if (status === 0) runToItsEnd([...oomscope, 'lab', 'sidecar', ...process.argv.slice(2)]);
  else process.exitCode = status ?? 1;
}
