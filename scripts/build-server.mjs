#!/usr/bin/env node
// Compiles src/ into dist/ so that `npx oomscope` runs it. dist/ui belongs to the page's build and stays.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { env, root } from './lib/run-command.mjs';

const dist = join(root, 'dist');
mkdirSync(dist, { recursive: true });
// What was deleted in src/ must not live on in dist/.
for (const name of readdirSync(dist)) {
  if (name !== 'ui') rmSync(join(dist, name), { recursive: true });
}
execFileSync('tsc', ['-p', 'tsconfig.json'], { cwd: root, env, stdio: 'inherit' });
// tsc does not copy JavaScript.
for (const path of ['wire/proto.gen.js', 'report/perfetto/perfetto.gen.js']) {
  copyFileSync(join(root, 'src', path), join(dist, path));
}

// npx runs a checkout's own command, provided that it may be executed.
chmodSync(join(dist, 'cli.js'), 0o755);
