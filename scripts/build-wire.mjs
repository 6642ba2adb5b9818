#!/usr/bin/env node
// Generates the encoders and decoders of the protobuf schemas, and the schema that trace files carry.
import { execFileSync } from 'node:child_process';
import { env, root } from './lib/run-command.mjs';

// What is not used is left out; 64-bit fields are numbers (src/wire/protobuf-numbers.ts).
const FLAGS = '-t static-module -w esm --dts --force-number --no-service --no-create --no-verify --no-convert';
const SMALLER = '--no-delimited --no-typeurl';

/** @param {string} path of the schema, without its ending @param {string} generated likewise @param {string[]} more */
function generate(path, generated, ...more) {
  const args = [...`${FLAGS} ${SMALLER}`.split(' '), ...more, '-o', `${generated}.gen.js`, `${path}.proto`];
  execFileSync('pbjs', args, { cwd: root, env, stdio: 'inherit' });
}

generate('src/wire/oomscope', 'src/wire/proto');
generate('src/report/perfetto/perfetto', 'src/report/perfetto/perfetto', '--no-decode');
generate('src/identity/cri/cri', 'src/identity/cri/cri');
await import('./generate-descriptor.mjs');
