#!/usr/bin/env node
// Removes what the build made. Installed packages (node_modules) and downloaded kernels stay: they are not built here.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run-command.mjs';

for (const path of ['build', 'dist', 'coverage', 'src/wire/proto.gen.js', 'src/wire/proto.gen.d.ts']) {
  rmSync(join(root, path), { recursive: true, force: true });
}
