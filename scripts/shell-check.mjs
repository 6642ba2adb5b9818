#!/usr/bin/env node
// Runs shellcheck on every shell script: by its name, or by its first line where it has none.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFiles } from './lib/project-files.mjs';
import { env, root } from './lib/run-command.mjs';

/** @param {string} path */
function isShellScript(path) {
  if (path.endsWith('.sh')) return true;
  if (basename(path).includes('.')) return false;
  const file = openSync(join(root, path), 'r');
  try {
    const bytes = Buffer.alloc(64);
    const length = readSync(file, bytes);
    return /^#!.*\b(ba|da)?sh\b/.test(bytes.toString('latin1', 0, length));
  } finally {
    closeSync(file);
  }
}

const scripts = projectFiles(['*']).filter(isShellScript);
const { status, error } = spawnSync('shellcheck', ['--external-sources', ...scripts], {
  cwd: root,
  env,
  stdio: 'inherit',
});
if (error) console.error(`shellcheck: ${error.message}. Run: scripts/setup.sh check`);
process.exitCode = status ?? 1;
