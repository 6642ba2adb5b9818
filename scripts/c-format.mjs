#!/usr/bin/env node
// Checks the format of all C and C++ files (.clang-format), or with --write puts it right.
import { spawnSync } from 'node:child_process';
import { projectFiles } from './lib/project-files.mjs';
import { env, root } from './lib/run-command.mjs';

const files = projectFiles(['*.c', '*.h', '*.cc', '*.cpp', '*.hpp']);
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '-Werror'];
if (files.length > 0) {
  const { status, error } = spawnSync('clang-format', [...mode, ...files], { cwd: root, env, stdio: 'inherit' });
  if (error) console.error(`clang-format: ${error.message}. Run: scripts/setup.sh check`);
  process.exitCode = status ?? 1;
}
