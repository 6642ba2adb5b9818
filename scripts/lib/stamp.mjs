// How a build step knows that it is done: a stamp holds the hash of all that went into it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run-command.mjs';
import { crossTarget } from './target.mjs';

/** @param {string} base @param {string} path @returns {string[]} the files below `path`, or itself, in a fixed order */
function filesOf(base, path) {
  const absolute = join(base, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .sort()
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesOf(base, join(path, name)));
}

/**
 * @typedef {object} Step
 * @property {string} name  names the stamp
 * @property {string} title  what a person reads
 * @property {readonly (readonly string[])[]} commands
 * @property {readonly string[]} inputs  files and folders, below the root
 * @property {readonly string[]} outputs  what must be there afterwards
 */

/**
 * Hash of a step's inputs, its commands, the Node that runs them, and the architecture that is built for.
 *
 * @param {Step} step
 * @param {string} [base]
 */
export function inputsHash(step, base = root) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([step.commands, process.version, crossTarget()?.node ?? process.arch, process.platform]));
  for (const path of step.inputs.flatMap((input) => filesOf(base, input))) {
    const bytes = readFileSync(join(base, path));
    // The length keeps one file's end and the next one's beginning apart.
    hash.update(`\0${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Beside what it vouches for, so that removing node_modules by hand removes its stamp as well. @param {Step} step @param {string} base */
function stampPath(step, base) {
  return join(base, step.name === 'dependencies' ? 'node_modules' : 'build', `.stamp-${step.name}`);
}

/** @param {Step} step @param {string} [base] */
export function isDone(step, base = root) {
  const path = stampPath(step, base);
  return (
    existsSync(path) &&
    step.outputs.every((output) => existsSync(join(base, output))) &&
    readFileSync(path, 'utf8') === inputsHash(step, base)
  );
}

/**
 * `hash` is of the inputs before the step ran: what was edited meanwhile is built again next time.
 *
 * @param {Step} step
 * @param {string} hash
 * @param {string} [base]
 */
export function markDone(step, hash, base = root) {
  const path = stampPath(step, base);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}
