// How a build step knows that it is done: a stamp holds the hash of all that went into it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run-command.mjs';

/** @param {string} path @returns {string[]} the files below `path`, or itself, in a fixed order */
function filesOf(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .sort()
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesOf(join(path, name)));
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
 * Hash of a step's inputs, its commands, and the Node that runs them.
 *
 * @param {Step} step
 */
export function inputsHash(step) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([step.commands, process.version, process.arch, process.platform]));
  for (const path of step.inputs.flatMap(filesOf)) {
    const bytes = readFileSync(join(root, path));
    // The length keeps one file's end and the next one's beginning apart.
    hash.update(`\0${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Beside what it vouches for, so that removing node_modules by hand removes its stamp as well. @param {Step} step */
function stampPath(step) {
  return join(root, step.name === 'dependencies' ? 'node_modules' : 'build', `.stamp-${step.name}`);
}

/** @param {Step} step */
export function isDone(step) {
  const path = stampPath(step);
  return (
    existsSync(path) &&
    step.outputs.every((output) => existsSync(join(root, output))) &&
    readFileSync(path, 'utf8') === inputsHash(step)
  );
}

/**
 * `hash` is of the inputs before the step ran: what was edited meanwhile is built again next time.
 *
 * @param {Step} step
 * @param {string} hash
 */
export function markDone(step, hash) {
  const path = stampPath(step);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}
