#!/usr/bin/env node
// Removes what the build made. Installed packages (node_modules) and downloaded kernels stay: they are not built here.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSteps } from './lib/build-steps.mjs';
import { root } from './lib/run-command.mjs';

const generated = buildSteps.find(({ name }) => name === 'wire')?.outputs ?? [];
for (const path of ['build', 'dist', 'coverage', ...generated]) {
  rmSync(join(root, path), { recursive: true, force: true });
}
