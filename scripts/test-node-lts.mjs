#!/usr/bin/env node
// Runs the tests that need no virtual machine on the Node of the image: unit tests, and the addon's.
//   node scripts/test-node-lts.mjs [arguments for vitest]
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run-command.mjs';

const version = /NODE_IMAGE=node:([\d.]+)/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))?.[1];
const place = join(root, 'build/node-lts');
const node = `node-linux-${process.arch}`;
execFileSync('npm', ['install', '--prefix', place, '--no-audit', '--no-fund', `${node}@${version}`], {
  stdio: 'inherit',
});
const binary = join(place, 'node_modules', node, 'bin/node');
console.log(`Node ${execFileSync(binary, ['-p', 'process.version'], { encoding: 'utf8' }).trim()}`);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const failed = ['vitest.config.ts', 'vitest.native.config.ts'].filter(
  (config) =>
    spawnSync(binary, [vitest, 'run', '--config', config, '--passWithNoTests', ...process.argv.slice(2)], {
      cwd: root,
      stdio: 'inherit',
    }).status !== 0,
);
if (failed.length > 0) console.error(`failed on Node ${version}: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
